package movement

import (
	"context"
	"fmt"
	"maps"

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

// checkDisk compares the space that all rows need with the target's disk. The rows of a subset are not selected yet.
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
	return r.Subset.Summary()
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
	r.summary.Notes = append(r.summary.Notes, fmt.Sprintf("the target is a subset: %s of about %s rows of the source", spell.Number(r.moved.Rows), spell.Number(of)))
}

// keys returns the keys of the target's environment.
func (r *run) keys() *keyring.Keys { return r.Key.Ring.For(r.Flow.To.Name) }
