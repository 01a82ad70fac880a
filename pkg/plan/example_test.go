package plan_test

import (
	"errors"
	"fmt"
	"os"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

const shopRules = `revision: 1
packs: [baseline]
tables:
  public.customers:
    columns:
      id: {keep: "counted by the database"}
      email: {class: email}
`

// shopSchema is a database as pkg/source would read it from a server.
func shopSchema() *catalog.Database {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	number := catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}
	return &catalog.Database{Tables: []*catalog.Table{{
		Name:    catalog.Name{Schema: "public", Name: "customers"},
		Columns: []catalog.Column{{Name: "id", Type: number}, {Name: "email", Type: text}},
	}}}
}

// Build makes a plan from rules and a schema. The plan has one decision for each column, with the reason and the
// position of the rule.
func ExampleBuild() {
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
	for _, c := range p.Tables[0].Columns {
		fmt.Printf("%s: %s (%s, %s)\n", c.Name, c.Use.Treatment, c.Reason, c.Pos)
	}
	// Output:
	// id: keep (kept: counted by the database, shop.yaml:6:7)
	// email: fake.email (class email (pack baseline), shop.yaml:7:7)
}

// Build fails if a column has no decision. The error says which lines to add to the rule file.
func ExampleUndecided() {
	rules, err := ruleset.Parse([]ruleset.Source{{Name: "shop.yaml", Data: []byte(shopRules)}}, os.ReadFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	schema := shopSchema()
	phone := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	schema.Tables[0].Columns = append(schema.Tables[0].Columns, catalog.Column{Name: "phone", Type: phone})
	_, err = plan.Build(rules, schema, "staging")
	var undecided *plan.Undecided
	if errors.As(err, &undecided) {
		fmt.Print(undecided.Snippet())
	}
	// Output:
	// # shop.yaml, below line 5 (public.customers, columns):
	//       phone: {class: phone} # REVIEW: guessed by its name, text
}
