package sqltext_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/sqltext"
)

// A text in any form of quotes has one value.
func Example() {
	tokens, err := sqltext.Scan(`SELECT 'it''s', E'it\'s', $q$it's$q$`)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, t := range tokens {
		if t.Kind == sqltext.String {
			fmt.Println(t.Value)
		}
	}
	// Output:
	// it's
	// it's
	// it's
}
