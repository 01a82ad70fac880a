package discover_test

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover"
)

// Draft makes a rule set from a schema. A column of which nothing is known is a TODO line for the reviewer.
func ExampleDraft() {
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	number := catalog.Type{Name: "bigint", Base: "int8", Family: catalog.Integer, Bits: 64}
	draft, err := discover.Draft(&catalog.Database{Tables: []*catalog.Table{{
		Name:    catalog.Name{Schema: "public", Name: "customers"},
		Columns: []catalog.Column{{Name: "id", Type: number, NotNull: true}, {Name: "email", Type: text}, {Name: "ref", Type: text}},
		Keys:    []catalog.Key{{Name: "customers_pkey", Primary: true, Columns: []string{"id"}}},
	}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, tables, _ := strings.Cut(draft, "tables:\n")
	fmt.Print(tables)
	// Output:
	//   public.customers:
	//     columns:
	//       id:    {keep: "drafted by init, review: a surrogate key, means nothing outside this database"}
	//       email: {class: email}
	//       # ref:   {treat: redact} # TODO: text
}
