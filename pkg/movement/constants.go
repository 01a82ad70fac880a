package movement

import (
	"context"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sides"
)

// Evaluator is a Source or a Shadow that can compute conditions over constants. The target computes the same conditions
// when it loads rows.
type Evaluator interface {
	// Holds computes a question. The result why is "" if the condition holds. It is also "" if the server cannot
	// compute the condition. Otherwise it says why the target would refuse the rows.
	Holds(ctx context.Context, q sides.Question) (why string, err error)
}

// askSource asks the source the questions of the plan, except for those that askShadow asks.
func (r *run) askSource(ctx context.Context) error {
	e, _ := r.source.(Evaluator)
	return r.ask(ctx, e, false, r.wrapSource)
}

// askShadow asks the shadow the questions that call functions which the source defines. No row has been copied yet.
func (r *run) askShadow(ctx context.Context) error {
	e, _ := r.shadow.(Evaluator)
	return r.ask(ctx, e, true, r.wrapTarget)
}

// ask asks questions. If own is true, it asks the questions that call functions which the source defines. Otherwise it
// asks all other questions.
func (r *run) ask(ctx context.Context, e Evaluator, own bool, wrap func(error) error) error {
	if e == nil {
		return nil
	}
	problems, err := Ask(ctx, e, r.plan.Questions, own)
	if err != nil {
		return wrap(err)
	}
	if len(problems) > 0 {
		return &plan.Invalid{Problems: problems}
	}
	return nil
}

// Ask asks the questions of a plan, and returns the problems of the questions whose condition is
// false. The argument own has the same meaning as in ask.
func Ask(ctx context.Context, e Evaluator, questions []plan.Question, own bool) (problems ruleset.Problems, err error) {
	for _, q := range questions {
		if q.Own != own {
			continue
		}
		why, err := e.Holds(ctx, questionOf(q))
		if err != nil {
			return nil, err
		}
		if why != "" {
			q.Problem.Text += ": " + why
			problems = append(problems, q.Problem)
		}
	}
	return problems, nil
}

// questionOf translates a question of the plan for a side.
func questionOf(q plan.Question) sides.Question {
	out := sides.Question{Condition: q.Condition, Fits: q.Fits, All: q.All}
	for _, row := range q.Rows {
		out.Rows = append(out.Rows, constantsOf(row))
	}
	for _, list := range q.Tries {
		var tries []sides.Try
		for _, try := range list {
			tries = append(tries, sides.Try{Before: constantsOf(try.Before), After: constantsOf(try.After)})
		}
		out.Tries = append(out.Tries, tries)
	}
	return out
}

func constantsOf(row []plan.Constant) (list []sides.Constant) {
	for _, c := range row {
		list = append(list, sides.Constant(c))
	}
	return list
}
