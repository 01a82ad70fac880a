package values_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/values"
)

// A Looker counts what the values of a column fit. The evidence holds no value.
func ExampleLooker() {
	column := values.New(nil, 2026).Column(catalog.Text)
	for _, text := range []string{"ada@mail.example", "none", "grace@mail.example"} {
		column.Add([]byte(text))
	}
	for _, e := range column.Evidence() {
		fmt.Printf("%s: %d of %d values %s\n", e.Class, e.Hits, e.Looked, e.How)
	}
	// Output: email: 2 of 3 values are mail addresses
}
