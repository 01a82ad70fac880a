package sides

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Constant is a value of a column with which a condition is computed. It is the result of a rule, or a value before the
// treatment.
type Constant struct {
	Column string
	Type   string // catalog.Type.Name
	Text   string
	Null   bool // the result is NULL
}

// Try has the constants of one row after a treatment, and before the treatment. Before is nil if the constants before
// the treatment are not known.
type Try struct{ Before, After []Constant }

// Question is an SQL condition over rows of constants with the same columns. It reads no table.
type Question struct {
	Condition string
	Rows      [][]Constant
	Tries     [][]Try      // in place of Rows. Only a shadow computes tries
	Fits      catalog.Name // if set, the condition is that a row fits a partition of this table. Only a shadow computes it
	All       bool         // the condition must hold for each of the rows, and not only for one of them
}

// SQL returns a query that computes the question, and its arguments. A condition that is NULL holds.
func (q Question) SQL() (query string, args []any) {
	var names, values []string
	for i, row := range q.Rows {
		cells := make([]string, len(row))
		for k, c := range row {
			if c.Null {
				args = append(args, nil)
			} else {
				args = append(args, c.Text)
			}
			cells[k] = fmt.Sprintf("$%d::text::%s", len(args), c.Type)
			if i == 0 {
				names = append(names, catalog.Quote(c.Column))
			}
		}
		values = append(values, "("+strings.Join(cells, ", ")+")")
	}
	join := "bool_or"
	if q.All {
		join = "bool_and"
	}
	return "SELECT COALESCE(" + join + "((" + q.Condition + ") IS NOT FALSE), true) FROM (VALUES " + strings.Join(values, ", ") + ") r(" + strings.Join(names, ", ") + ")", args
}

// Missed says in words that the condition does not hold.
func (q Question) Missed() string {
	if q.All {
		return "one of the results that were tried does not pass"
	}
	return "none of the results that were tried passes"
}
