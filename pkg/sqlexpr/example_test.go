package sqlexpr_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/sqlexpr"
)

// The columns that an expression of an index reads.
func ExampleParse() {
	e, err := sqlexpr.Parse(`((doc ->> 'age'::text))::integer`)
	if err != nil {
		fmt.Println(err)
		return
	}
	e.Walk(func(e *sqlexpr.Expr) {
		if e.Kind == sqlexpr.Column {
			fmt.Println(e.Name)
		}
	})
	// Output: doc
}
