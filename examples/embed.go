// Package examples carries the files that show masker at work. The demo plays them, and
// tests run them.
package examples

import "embed"

// Shop is a small shop: schema.sql and data.sql make its production database, rules/shop.yaml
// is its reviewed rule set, masker.yaml its configuration. Its people are invented.
//
//go:embed shop
var Shop embed.FS
