package movement

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Evaluator is a Source that can compute conditions over constants. The target computes the same conditions when it loads rows.
type Evaluator interface {
	// Holds computes a condition over one row of constants. It reads no table. The result why is "" if the condition is true
	// or NULL, and if the source cannot tell. Otherwise it says why the row would be refused.
	Holds(ctx context.Context, condition string, row []sides.Constant) (why string, err error)
}

// evaluate refuses constants that the source's server cannot read as values of their columns, and constants for which a
// CHECK constraint is false. The plan has checked what it can without a server.
func (r *run) evaluate(ctx context.Context) error {
	e, ok := r.source.(Evaluator)
	if !ok {
		return nil
	}
	var asked []string
	refuses := func(condition string, row []sides.Constant) (string, error) {
		question := fmt.Sprint(condition, row)
		if slices.Contains(asked, question) {
			return "", nil
		}
		asked = append(asked, question)
		why, err := e.Holds(ctx, condition, row)
		if err != nil {
			err = r.wrapSource(err)
		}
		return why, err
	}
	for _, t := range r.plan.Tables {
		for _, c := range t.Columns {
			for _, text := range unknownConstants(t, c) {
				why, err := refuses(catalog.Quote(c.Name)+" IS NOT NULL", []sides.Constant{{Column: c.Name, Type: c.Type.Name, Text: text}})
				if err != nil {
					return err
				}
				if why != "" {
					return invalid("%s: %s becomes %s, and the source's server cannot read that value as %s: %s; nothing is read",
						c.Pos, t.Name.Column(c.Name), c.Use.Treatment, c.Type.Name, why)
				}
			}
		}
		for _, check := range checksOf(r.source.Catalog(), t) {
			row, of := constantRow(t, check)
			if len(row) == 0 || check.NotValid {
				continue
			}
			why, err := refuses(check.Expr, row)
			if err != nil {
				return err
			}
			if why != "" {
				return invalid("%s: %s becomes %s, and CHECK constraint %s refuses that: %s; use another value, or leave the constraint out with `objects: {leave_out: {%q: reason}}`; nothing is read",
					of.Pos, t.Name.Column(of.Name), of.Use.Treatment, catalog.Quote(check.Name), why, t.Name.String()+"."+catalog.Quote(check.Name))
			}
		}
	}
	return nil
}

// unknownConstants returns the constants of a column that the plan could not check completely: a domain may have conditions,
// and masker does not know every type.
func unknownConstants(t plan.Table, c plan.Column) (texts []string) {
	if c.Type.Domain == "" && c.Type.Family != catalog.Other && c.Type.Family != catalog.Composite {
		return nil
	}
	for use := &c.Use; use != nil && !t.Skip; use = use.Else {
		if text, ok := library.Fixed(c.Target(t.Name), transform.Use{Treatment: use.Treatment, Params: use.Params}); ok {
			texts = append(texts, text)
		}
	}
	return texts
}

// checksOf returns the CHECK constraints of a planned table and of its partitions.
func checksOf(db *catalog.Database, planned plan.Table) (checks []catalog.Check) {
	for _, t := range db.Tables {
		if t.Decider() == planned.Name && !planned.Skip {
			checks = append(checks, t.Checks...)
		}
	}
	return checks
}

// constantRow returns the row over which a CHECK constraint is computed, if every column that it reads has one constant. It
// returns one of these columns too. Constraints of domains are left to unknownConstants.
func constantRow(t plan.Table, check catalog.Check) (row []sides.Constant, of plan.Column) {
	for _, name := range check.Columns {
		i := slices.IndexFunc(t.Columns, func(c plan.Column) bool { return c.Name == name })
		if i < 0 {
			return nil, of
		}
		of = t.Columns[i]
		text, ok := library.Fixed(of.Target(t.Name), of.Use)
		if !ok || of.Type.Domain != "" && strings.Contains(check.Expr, "VALUE") {
			return nil, of
		}
		row = append(row, sides.Constant{Column: of.Name, Type: of.Type.Name, Text: text})
	}
	return row, of
}
