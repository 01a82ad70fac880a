// Package shop is a complete example: the schema of a small shop, its invented rows, and the rules for it. The demo and
// the tests use it.
package shop

import (
	_ "embed"
	"fmt"
)

// Schema is the SQL that makes the tables.
//
//go:embed schema.sql
var Schema string

//go:embed fill.sql
var fill string

// Rules is a complete and reviewed rule set for the shop.
//
//go:embed rules/shop.yaml
var Rules string

// Fill returns the SQL that inserts the given number of customers, about three times as many orders, and the other
// rows.
func Fill(customers int) string {
	return fmt.Sprintf("SET shop.customers = %d;\n%s", customers, fill)
}
