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

// capabilities holds the optional interfaces of the snapshot and the shadow. An interface is nil if the plan does not
// need it.
type capabilities struct {
	histograms Histograms
	large      LargeObjects
	store      LargeObjectStore
}

// capabilitiesFor returns the capabilities that a plan needs. It returns an error if the snapshot or the shadow lacks a
// capability. Run then refuses the plan before anything is read.
func capabilitiesFor(o Options, take []*route) (p capabilities, err error) {
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
				return p, fmt.Errorf("%s.%s: treatment sample needs histograms, and this snapshot cannot count values; use another treatment, or another source",
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
		return p, errors.New("the plan keeps large objects, and this snapshot cannot read them; drop them by decision, or use another source")
	case !takes:
		return p, errors.New("the plan keeps large objects, and this target cannot take them; drop them by decision, or use another target")
	}
	return p, nil
}

// joinable returns an error if a Want has joins that the snapshot cannot read.
func joinable(s Snapshot, w catalog.Want) error {
	if len(w.Extras) == 0 {
		return nil
	}
	joins, ok := s.(Joins)
	if !ok {
		return fmt.Errorf("%s: treatments of this table read columns of referenced rows (%s), and this snapshot cannot join; use treatments that read only the row itself, or another source",
			w.Table, w.Extras[0].Path)
	}
	return joins.Joinable(w)
}

func keepsLargeObjects(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Objects, func(d plan.Object) bool {
		return d.Kind == "large_objects" && d.Decision == "keep"
	})
}

// largeObjects copies all large objects from the snapshot to the shadow, and returns their number.
func (p capabilities) largeObjects(ctx context.Context) (int64, error) {
	var n int64
	err := p.large.LargeObjects(ctx, func(ctx context.Context, oid uint32, r io.Reader) error {
		n++
		return p.store.PutLargeObject(ctx, oid, r)
	})
	return n, err
}
