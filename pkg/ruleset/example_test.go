package ruleset_test

import (
	"fmt"
	"os"

	"github.com/masker-project/masker/pkg/ruleset"
)

// Parse reads a rule file. Each rule has its position in the file.
func ExampleParse() {
	const rules = `revision: 1
packs: [baseline]
tables:
  public.customers:
    columns:
      id: {keep: "counted by the database"}
      email: {class: email}
`
	set, err := ruleset.Parse([]ruleset.Source{{Name: "shop.yaml", Data: []byte(rules)}}, os.ReadFile)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, table := range set.Tables {
		for _, column := range table.Columns {
			fmt.Println(table.Name.Column(column.Name), column.Rule.Pos)
		}
	}
	fmt.Println("class email becomes", set.Classes["email"].For("staging").Rule.Treatment)
	// Output:
	// public.customers.id shop.yaml:6:7
	// public.customers.email shop.yaml:7:7
	// class email becomes fake.email
}

// Parse reports all problems of a rule file at once, with their positions.
func ExampleProblems() {
	const rules = `revision: 1
tables:
  public.customers:
    columns:
      id: {keep: ""}
      email: {treat: tokn}
`
	_, err := ruleset.Parse([]ruleset.Source{{Name: "shop.yaml", Data: []byte(rules)}}, os.ReadFile)
	fmt.Println(err)
	// Output:
	// shop.yaml:5:18: keep needs a reason: say why for the reviewer
	//     5 |       id: {keep: ""}
	//       |                  ^
	// shop.yaml:6:22: unknown treatment "tokn" (did you mean token?)
	//     6 |       email: {treat: tokn}
	//       |                      ^
}
