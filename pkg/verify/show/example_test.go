package show_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/show"
)

// A program says what a verification found.
func Example() {
	place := func(table, column string) verify.Place {
		return verify.Place{Table: catalog.Name{Schema: "public", Name: table}, Column: column}
	}
	fmt.Println(show.Hit(verify.Hit{
		Finding: verify.Found, Target: place("orders", "note"), Source: place("customers", "email"), Form: verify.Plain,
		Values: 41, Of: 12004, Rows: 57, Key: "id = 8812",
	}))
	// Output: public.orders.note: 41 of the 12,004 rare values of public.customers.email, in 57 rows, one with id = 8812
}
