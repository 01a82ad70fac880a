package review_test

import (
	"fmt"
	"os"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
)

const shopRules = `revision: 1
packs: [baseline]
tables:
  public.customers:
    columns:
      id: {keep: "counted by the database"}
      email: {treat: token}
      card: {treat: mask, keep_last: 4}
  public.logins: {skip: "nobody needs them"}
`

// shopSchema is a database as pkg/source would read it from a server.
func shopSchema() *catalog.Database {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	number := catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}
	return &catalog.Database{Tables: []*catalog.Table{
		{
			Name:    catalog.Name{Schema: "public", Name: "customers"},
			Columns: []catalog.Column{{Name: "id", Type: number, NotNull: true}, {Name: "email", Type: text}, {Name: "card", Type: text}},
			Keys:    []catalog.Key{{Name: "customers_pkey", Primary: true, Columns: []string{"id"}}},
			Checks:  []catalog.Check{{Name: "digits", Columns: []string{"card"}, Expr: "(card ~ '^[0-9]+$'::text)"}},
		},
		{Name: catalog.Name{Schema: "public", Name: "logins"}, Columns: []catalog.Column{{Name: "at", Type: text}}},
	}}
}

// The example checks a rule set against a schema in memory, and prints what each column becomes.
func Example() {
	rules, err := ruleset.Parse([]ruleset.Source{{Name: "shop.yaml", Data: []byte(shopRules)}}, os.ReadFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := plan.Build(rules, shopSchema(), "staging")
	if err != nil {
		fmt.Println(err)
		return
	}
	inventory := review.InventoryOf(p, time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC))
	inventory.Digest = "…" // it changes with each version of the library
	if err := review.WriteInventoryMarkdown(os.Stdout, inventory); err != nil {
		fmt.Println(err)
	}
	// Output:
	// ### masker: what becomes of each column
	//
	// For staging environments, revision 1 of the rules, plan `…`.
	//
	// #### `public.customers`
	//
	// | column | type | becomes | discloses | why | where |
	// | --- | --- | --- | --- | --- | --- |
	// | `id` | `bigint` | `keep` | unchanged | `kept: counted by the database` | `shop.yaml:6` |
	// | `email` | `text` | `token` | pseudonymised | `treated by its rule` | `shop.yaml:7` |
	// | `card` | `text` | `mask(keep_last: 4)` | generalised | `treated by its rule` | `shop.yaml:8` |
	//
	// #### `public.logins`
	//
	// The rows stay behind: `nobody needs them` (`shop.yaml:9`).
	//
	// #### For the reviewer (1 finding)
	//
	// - **check-may-break** `CHECK constraint digits reads public.customers.card, which becomes mask; if a result breaks it, it is NOT VALID in the target` (`shop.yaml:8`)
	//
	// 3 columns in 1 table. 1 more table is made without its rows.
	//
	// | discloses | columns |
	// | --- | --- |
	// | suppressed | 0 |
	// | synthetic | 0 |
	// | generalised | 1 |
	// | pseudonymised | 1 |
	// | unchanged | 1 |
	// | generated | 0 |
}
