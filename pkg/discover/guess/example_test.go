package guess_test

import (
	"fmt"
	"log"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
)

// A guess comes from words in their context, and reads no row.
func ExampleDetectors_Database() {
	detectors, err := guess.New()
	if err != nil {
		log.Fatal(err)
	}
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	people := catalog.Name{Schema: "public", Name: "customers"}
	guesses := detectors.Database(&catalog.Database{Tables: []*catalog.Table{
		{Name: people, Columns: []catalog.Column{{Name: "EmailAddress", Type: text}, {Name: "email_type", Type: text}}},
	}})
	fmt.Println(guesses.Of(people, "EmailAddress").Kind)
	fmt.Println(guesses.Of(people, "email_type"))
	// Output:
	// email
	// <nil>
}
