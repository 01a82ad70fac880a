package movement

import (
	"context"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/subset"
)

// Explain selects the rows of the flow's subset. It says how many rows of each table the subset
// has, and which edges brought them. It copies no row. Explain needs the same permit as a refresh,
// because a condition of the subset can ask anything about production. The ledger gets a record
// before the first search. If row is not nil, Explain also says what brought this row.
func Explain(ctx context.Context, s Spec, row *subset.Root) (e subset.Explanation, err error) {
	r := newRun(s)
	if r.Subset == nil {
		return e, invalid("flow %q has no subset; it copies all rows. To copy a part of them, write subset: {roots: […]} into the flow", r.Flow.Name)
	}
	if err := r.openLook(); err != nil {
		return e, err
	}
	defer r.closeLook()
	for _, step := range []func(context.Context) error{r.checkCopy, r.checkFiles, r.openTarget, r.checkTargetLedger, r.openSource, r.resolve, r.admit} {
		if err := step(ctx); err != nil {
			return e, err
		}
	}
	err = r.log.Explain(ledger.Explained{
		Flow: r.Flow.Name, Actor: r.Actor, Source: r.describeMovement().Source, Plan: r.digest, Subset: r.describeSubset(), Row: row != nil,
	})
	if err != nil {
		return e, err
	}
	err = r.runWatched(ctx, func(ctx context.Context) (err error) {
		r.Report.Phase("subset")
		if r.selection, e, err = refresh.Explain(ctx, r.plan, r.source.Catalog(), r.source, r.keys(), row); err != nil {
			return r.wrapSource(err)
		}
		for _, text := range r.selection.Missing() {
			r.Report.Note("subset: " + text)
		}
		return r.estimate(ctx)
	})
	return e, err
}

// openLook opens the ledger for a run that only looks at rows. The caller calls closeLook.
func (r *run) openLook() (err error) {
	r.recheck, r.began = true, r.Now()
	if r.log, err = ledger.Open(r.Ledger.Dir, r.Ledger.Options); err != nil {
		return err
	}
	r.last, _ = r.log.Flow(r.Flow.Name)
	return nil
}

// closeLook closes the target, the source, the programs and the ledger of a run that only looks at rows.
func (r *run) closeLook() {
	if r.target != nil {
		r.target.Close()
	}
	if r.source != nil {
		r.source.Close()
	}
	r.programs.close()
	_ = r.log.Close() // an error does not matter: every record is already on the disk
}
