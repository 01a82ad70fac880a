package fingerprint_test

import (
	"fmt"

	"github.com/masker-project/masker/pkg/verify/fingerprint"
)

// One subject has the first value, and nine have the second, which is therefore not looked for.
func Example() {
	key := fingerprint.NewKey()
	rare, common := key.Hash([]byte("anna@example.com")), key.Hash([]byte("info@example.com"))

	store := fingerprint.NewStore(16<<20, nil)
	writer := store.Writer()
	writer.Add(rare, 1, 0)
	for subject := range uint64(9) {
		writer.Add(common, subject, 0)
	}
	writer.Flush()

	set := store.Seal(fingerprint.Rules{Classes: []int{0}})
	fmt.Println(set.Find(nil, rare), set.Find(nil, common))
	// Output: [0] []
}
