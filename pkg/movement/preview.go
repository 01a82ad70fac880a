package movement

import (
	"context"
	"slices"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
)

// Preview returns a few rows of a table as they would arrive in the target, and the plan that makes them. It writes
// nothing to the target. It reads rows of the source, so it needs the same permit as a refresh, and the ledger gets a
// record before the first row. Values of columns with the disclosure unchanged are returned only if the evidence shows
// that the source is not production.
func Preview(ctx context.Context, s Spec, table catalog.Name, rows int) (found refresh.Preview, p *plan.Plan, err error) {
	r := newRun(s)
	if err := r.openLook(); err != nil {
		return found, nil, err
	}
	defer r.closeLook()
	for _, step := range []func(context.Context) error{
		r.checkCopy, r.checkFiles, r.openTarget, r.checkTargetLedger, r.openSource, r.resolve,
		func(context.Context) error { return r.checkPreviewed(table) }, r.admit,
	} {
		if err := step(ctx); err != nil {
			return found, nil, err
		}
	}
	err = r.log.Preview(ledger.Previewed{
		Flow: r.Flow.Name, Actor: r.Actor, Source: r.describeMovement().Source, Plan: r.digest, Table: table.String(), Rows: rows,
	})
	if err != nil {
		return found, nil, err
	}
	notProduction, _ := r.Flow.ShownNotProduction(r.evidence)
	err = r.runWatched(ctx, func(ctx context.Context) (err error) {
		if err := r.selectRows(ctx); err != nil {
			return err
		}
		found, err = refresh.ShowRows(ctx, refresh.Options{
			Permit: r.permit, Plan: r.plan, Selection: r.selection, Catalog: r.source.Catalog(), Snapshot: r.source, Keys: r.keys(),
			MaxRow: int(r.MaxRow), Programs: r.programs.start(),
		}, table, rows, notProduction)
		if err != nil {
			return r.wrapSource(err)
		}
		return nil
	})
	return found, r.plan, err
}

// checkPreviewed returns an error if the plan moves no rows of a table.
func (r *run) checkPreviewed(table catalog.Name) error {
	var names []string
	for _, t := range r.plan.Tables {
		switch {
		case t.Name == table && t.Skip:
			return invalid("%s: rows of %s stay behind: %s", t.Pos, table, t.Reason)
		case t.Name == table:
			return nil
		}
		names = append(names, t.Name.String())
	}
	db := r.source.Catalog()
	if i := slices.IndexFunc(db.Tables, func(t *catalog.Table) bool { return t.Name == table }); i >= 0 && db.Tables[i].Root != nil {
		return invalid("%s is a partition; name its table: %s", table, db.Tables[i].Root)
	}
	return invalid("the source has no table %s%s; masker plan lists the tables", table, spell.Mean(table.String(), names))
}
