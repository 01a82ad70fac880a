package sides

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Constant is a result that a rule gives to a column.
type Constant struct {
	Column string
	Type   string // catalog.Type.Name
	Text   string
}

// Holds returns a query that computes an SQL condition over rows of constants with the same columns, and its arguments. The
// query reads no table. Its result is true if the condition is true or NULL for one of the rows.
func Holds(condition string, rows [][]Constant) (query string, args []any) {
	var names, values []string
	for i, row := range rows {
		cells := make([]string, len(row))
		for k, c := range row {
			args = append(args, c.Text)
			cells[k] = fmt.Sprintf("$%d::text::%s", len(args), c.Type)
			if i == 0 {
				names = append(names, catalog.Quote(c.Column))
			}
		}
		values = append(values, "("+strings.Join(cells, ", ")+")")
	}
	return "SELECT COALESCE(bool_or((" + condition + ") IS NOT FALSE), true) FROM (VALUES " + strings.Join(values, ", ") + ") r(" + strings.Join(names, ", ") + ")", args
}
