package show_test

import (
	"fmt"
	"log"
	"strings"

	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/transform/show"
)

// Treatment prints the reference of one treatment.
func ExampleTreatment() {
	spec, _ := library.Lookup("null")
	var text strings.Builder
	if err := show.Treatment(&text, spec); err != nil {
		log.Fatal(err)
	}
	first, _, _ := strings.Cut(text.String(), "\n")
	fmt.Println(first)
	// Output: null: removes the value
}
