package normal_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/verify/normal"
)

// Values that differ only in case, accents and separators have one form.
func Example() {
	fold := normal.NewFolding()
	for _, value := range []string{"Anna.Müller", "anna muller", "+49 (170) 123-4567"} {
		form, _ := fold.Append(nil, []byte(value))
		fmt.Printf("%s\n", form)
	}
	fmt.Printf("%s\n", normal.Unescape(nil, []byte("anna%40example.com")))
	// Output:
	// annamuller
	// annamuller
	// 491701234567
	// anna@example.com
}
