package plan

import (
	"fmt"
	"math"
	"slices"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// breaks says why results of a column's treatment break a CHECK constraint. It returns "" if it finds no reason. There
// are two reasons. Either the constraint allows only listed values, and the treatment has many more results. Or the
// rule gives a range with numbers that the constraint does not allow.
func breaks(check catalog.Check, c *columnState) string {
	x, err := sqlexpr.Parse(check.Expr)
	if err != nil || c.use.When != "" {
		return ""
	}
	for _, part := range conditions(x) {
		if n := listedIn(part, c.cat.Name); n > 0 && results(c) >= 10*float64(n) {
			return fmt.Sprintf("the constraint takes no more than %s; use keep with a reason, or map", spell.Count(n, "value"))
		}
	}
	l := unlimited()
	l.read(x, c.cat.Name)
	lo, hi, ok := resultRange(c.use)
	if ok && l.numbers && (lo < l.lo || hi > l.hi) {
		return fmt.Sprintf("its range has numbers that the constraint does not allow; use range: [%d, %d] at most", max(lo, l.lo), min(hi, l.hi))
	}
	return ""
}

// results estimates the number of different results of a treatment. It returns 0 if the number is not known.
func results(c *columnState) float64 {
	if f := c.cat.Type.Family; c.use.Treatment == "token" && (f == catalog.Text || f == catalog.UUID) {
		return math.Inf(1)
	}
	return c.traits.Space
}

// listedIn returns the number of values that a condition lists for a column: x = 1, x = ANY (ARRAY[…]), or alternatives
// such as x = 1 OR x = 2 OR x IS NULL. It is 0 for any other condition.
func listedIn(x *sqlexpr.Expr, column string) int {
	switch {
	case x.IsOperator("or"):
		sum := 0
		for _, part := range x.Args {
			n := listedIn(part, column)
			if n == 0 && !testsNull(part, column) {
				return 0
			}
			sum += n
		}
		return sum
	case !x.IsOperator("=") || len(x.Args) != 2 || !isColumn(x.Args[0], column):
		return 0
	}
	value := withoutCasts(x.Args[1])
	if value.Kind == sqlexpr.Other && value.Name == "any" && len(value.Args) == 1 {
		value = withoutCasts(value.Args[0])
		if value.Kind == sqlexpr.Other && value.Name == "array" && !slices.ContainsFunc(value.Args, func(v *sqlexpr.Expr) bool { return withoutCasts(v).Kind != sqlexpr.Literal }) {
			return len(value.Args)
		}
		return 0
	}
	if value.Kind == sqlexpr.Literal {
		return 1
	}
	return 0
}
