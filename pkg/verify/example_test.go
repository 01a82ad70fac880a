package verify_test

import (
	"fmt"
	"log"
	"strconv"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// A program treats mail addresses, and finds one of them in a kept note of the target.
func Example() {
	table := catalog.Name{Schema: "public", Name: "customers"}
	email, note := verify.Place{Table: table, Column: "email"}, verify.Place{Table: table, Column: "note"}
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}

	// While rows are treated, a collector sees each value and its result.
	collection := verify.New(verify.Options{Level: verify.Strict})
	collector := collection.Collector(table)
	leaf := collector.Leaf(verify.Source{Place: email, Class: "email", Treatment: "token", Label: "pseudonymised", Type: text})
	collector.Begin(0)
	for i, name := range []string{"anna", "ben", "carla"} {
		leaf.See([]byte(name+"@example.com"), []byte("token-"+strconv.Itoa(i)))
		collector.Row(nil)
	}
	collector.Done()

	// All rows are loaded. Now a prober looks up the values of the target.
	set, err := collection.Seal()
	if err != nil {
		log.Fatal(err)
	}
	prober := set.Prober()
	notes := prober.Target(note)
	for i, text := range []string{"", "Please write to Anna@Example.com.", ""} {
		notes.Text([]byte(text))
		prober.Row([]byte("id = " + strconv.Itoa(i)))
	}
	prober.Close()

	for _, h := range set.Judge(verify.Facts{Hooks: true}).Hits {
		if h.Finding == verify.Found {
			fmt.Println(h.Values, "of", h.Of, "values of", h.Source.Column, "in", h.Target.Column, "where", h.Key)
		}
	}
	// Output: 1 of 3 values of email in note where id = 1
}
