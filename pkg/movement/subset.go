package movement

import (
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/subset"
)

// withSubset returns the policy with the texts of a subset. So a reviewer sees the subset, and an approval covers it.
func withSubset(p plan.Policy, d *subset.Definition) plan.Policy {
	if d == nil {
		return p
	}
	all := plan.Policy{}
	maps.Copy(all, p)
	maps.Copy(all, d.Policy())
	return all
}

// selectRows selects the rows of the flow's subset. Then it compares the space that the rows need with the target's
// disk. It does nothing if the flow copies all rows.
func (r *run) selectRows(ctx context.Context) (err error) {
	if r.Subset == nil {
		return nil
	}
	r.Report.Phase("subset")
	if r.selection, err = refresh.Select(ctx, r.plan, r.source.Catalog(), r.source, r.keys()); err != nil {
		return r.wrapSource(err)
	}
	if r.recheck {
		return nil
	}
	return r.estimate(ctx)
}

// checkDisk compares the space that all rows need with the target's disk. It does not compare the space of a subset,
// because the rows of the subset are not selected yet.
func (r *run) checkDisk(ctx context.Context) error {
	if r.Subset != nil {
		r.Note(review.AboutTarget, "disk: the run finds out how much it needs when it has selected the rows of the subset; masker subset explain says how much")
		return nil
	}
	return r.estimate(ctx)
}

// estimate compares the space that the rows need with the target's disk. Without a subset, the estimate includes
// skipped tables, so it is too large.
func (r *run) estimate(ctx context.Context) error {
	var bytes int64
	for _, t := range r.source.Catalog().Tables {
		size := t.Size
		if r.selection != nil {
			size = size.Part(r.selection.Rows(t.Name))
		}
		bytes += size.Bytes + size.IndexBytes
	}
	disk, err := r.target.Estimate(ctx, bytes)
	if err != nil {
		return r.wrapTarget(err)
	}
	r.Note(review.AboutTarget, "disk: "+disk)
	return nil
}

// describeSubset returns texts about the subset that quote no data. It is nil if all rows are copied.
func (r *run) describeSubset() map[string]string {
	if r.Subset == nil {
		return nil
	}
	texts := r.Subset.Summary()
	if lines := r.Subset.More.Texts(); len(lines) > 0 && !r.Key.PerRun {
		list := r.keys().Seeder("roots of a file").Seed([]byte(strings.Join(lines, "\n")))
		texts["subset.more.list"] = hex.EncodeToString(list[:])
	}
	return texts
}

// current returns the subset without the lines of its file that have ended. It returns nil for nil.
func current(d *subset.Definition, now time.Time) *subset.Definition {
	if d == nil {
		return nil
	}
	part := *d
	part.More = d.More.From(now.UTC().Format(time.DateOnly))
	return &part
}

// noteSubset notes how much of the source the target has.
func (r *run) noteSubset() {
	if r.Subset == nil {
		return
	}
	var of int64
	for _, t := range r.moved.Tables {
		of += max(t.Of, t.Rows)
	}
	if lines := len(r.Subset.More.Lines); lines > 0 {
		r.summary.Notes = append(r.summary.Notes, fmt.Sprintf("the subset has the rows of %s of %s", spell.Count(lines, "line"), r.Subset.More.File))
	}
	for _, text := range r.selection.Missing() {
		r.summary.Notes = append(r.summary.Notes, "subset: "+text)
	}
	r.summary.Notes = append(r.summary.Notes, fmt.Sprintf("the target is a subset: %s of about %s rows of the source", spell.Number(r.moved.Rows), spell.Number(of)))
}

// keys returns the keys of the target's environment.
func (r *run) keys() *keyring.Keys { return r.Key.Ring.For(r.Flow.To.Name) }
