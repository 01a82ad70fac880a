// Package shop is a complete example: the schema of a small shop, its invented content, and the rules for it.
// The demo and the tests read it from here.
package shop

import (
	_ "embed"
	"fmt"
)

// Schema makes the tables.
//
//go:embed schema.sql
var Schema string

//go:embed fill.sql
var fill string

// Rules are the rule set a reviewer would have completed.
//
//go:embed rules/shop.yaml
var Rules string

// Fill makes the content: so many customers and about three times as many orders.
func Fill(customers int) string {
	return fmt.Sprintf("SET shop.customers = %d;\n%s", customers, fill)
}
