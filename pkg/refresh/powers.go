package refresh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
)

// powers are what a plan needs of its snapshot and shadow beyond rows; nil where it does not.
type powers struct {
	histograms Histograms
	large      LargeObjects
	store      LargeObjectStore
}

// able finds them, and refuses a plan that needs more than the two can give. Nothing has been read yet.
func able(o Options, take []*route) (p powers, err error) {
	for _, r := range take {
		if err := joinable(o.Snapshot, r.want()); err != nil {
			return p, err
		}
		l := r.layout
		for i := range l.Columns {
			if !l.Columns[i].Use.Is("sample") {
				continue
			}
			var ok bool
			if p.histograms, ok = o.Snapshot.(Histograms); !ok {
				return p, fmt.Errorf("%s.%s: treatment sample needs histograms, and this snapshot cannot count values; use another treatment or another source",
					l.Table, catalog.Quote(l.Columns[i].Name))
			}
		}
	}
	if !keepsLargeObjects(o.Plan) {
		return p, nil
	}
	var reads, takes bool
	p.large, reads = o.Snapshot.(LargeObjects)
	p.store, takes = o.Shadow.(LargeObjectStore)
	switch {
	case !reads:
		return p, errors.New("the plan keeps large objects, and this snapshot cannot read them; drop them by decision or use another source")
	case !takes:
		return p, errors.New("the plan keeps large objects, and this target cannot take them; drop them by decision or use another target")
	}
	return p, nil
}

func joinable(s Snapshot, w catalog.Want) error {
	if len(w.Extras) == 0 {
		return nil
	}
	joins, ok := s.(Joins)
	if !ok {
		return fmt.Errorf("%s: its treatments read columns of referenced rows (%s), and this snapshot cannot join; use treatments that read the row alone or another source",
			w.Table, w.Extras[0].Path)
	}
	return joins.Joinable(w)
}

func keepsLargeObjects(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Objects, func(d plan.Object) bool {
		return d.Kind == "large_objects" && d.Decision == "keep"
	})
}

// largeObjects carries them from the snapshot to the shadow.
func (p powers) largeObjects(ctx context.Context) (int64, error) {
	var n int64
	err := p.large.LargeObjects(ctx, func(ctx context.Context, oid uint32, r io.Reader) error {
		n++
		return p.store.PutLargeObject(ctx, oid, r)
	})
	return n, err
}
