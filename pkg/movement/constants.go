package movement

import (
	"context"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sides"
)

// Evaluator is a Source that can compute conditions over constants. The target computes the same conditions when it loads rows.
type Evaluator interface {
	// Holds computes an SQL condition over one row of constants. It reads no table. The result why is "" if the condition is
	// true or NULL, and if the source cannot tell. Otherwise it says why the target would refuse the row.
	Holds(ctx context.Context, condition string, row []sides.Constant) (why string, err error)
}

// askSource asks the source what the plan could not decide without a server.
func (r *run) askSource(ctx context.Context) error {
	e, ok := r.source.(Evaluator)
	if !ok {
		return nil
	}
	var problems ruleset.Problems
	for _, q := range r.plan.Questions {
		row := make([]sides.Constant, len(q.Row))
		for i, c := range q.Row {
			row[i] = sides.Constant(c)
		}
		why, err := e.Holds(ctx, q.Condition, row)
		if err != nil {
			return r.wrapSource(err)
		}
		if why != "" {
			q.Problem.Text += ": " + why
			problems = append(problems, q.Problem)
		}
	}
	if len(problems) > 0 {
		return &plan.Invalid{Problems: problems}
	}
	return nil
}
