package nationalid_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/recognise/nationalid"
)

// A value can have the form and the check digits of several countries. The chance says how strong this evidence is.
func ExampleCountry_Is() {
	id := nationalid.Normal("756.9217.0769.85")
	for _, c := range nationalid.Countries() {
		if c.Is(id) {
			fmt.Printf("%s (%s), chance %.4f\n", c.Name, c.Code, c.Chance)
		}
	}
	// Output: AHV-Nummer (CH), chance 0.0001
}
