package keyring_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/keyring"
)

// Equal values have equal results in one domain of one environment. In other domains and environments, the results
// are unrelated.
func Example() {
	ring, err := keyring.New([]byte("an example that everybody may know"))
	if err != nil {
		fmt.Println(err)
		return
	}
	value := []byte("ada@acme.example")
	staging := ring.For("staging").Seeder("customer").Seed(value)
	fmt.Println("again:", ring.For("staging").Seeder("customer").Seed(value) == staging)
	fmt.Println("in another domain:", ring.For("staging").Seeder("supplier").Seed(value) == staging)
	fmt.Println("in another environment:", ring.For("local").Seeder("customer").Seed(value) == staging)
	// Output:
	// again: true
	// in another domain: false
	// in another environment: false
}
