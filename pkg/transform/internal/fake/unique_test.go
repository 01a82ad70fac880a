package fake_test

import (
	commandline "flag"
	"hash/maphash"
	"slices"
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// uniqueValues is the number of values that the test of unique columns tries. The default is a million. This command
// tests ten million values: `go test ./pkg/transform/internal/fake -run Unique -unique 10000000`.
var uniqueValues = commandline.Int("unique", 1_000_000, "values that fakes for unique columns must keep apart")

func TestFakesForUniqueColumnsStayUnique(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	for _, kind := range []string{"fake.email", "fake.user_name", "fake.domain_name", "fake.url", "fake.uuid"} {
		traits, err := library.Check(transformtest.Column(transformtest.Text), transform.Use{Treatment: kind})
		if err != nil || traits.Space < 1<<62 {
			t.Errorf("%s has a space of %v (%v)", kind, traits.Space, err)
		}
		tr, seed := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: kind}), maphash.MakeSeed()
		hashes := make([]uint64, *uniqueValues)
		var in, out []byte
		for i := range hashes {
			in = strconv.AppendInt(in[:0], int64(i), 10)
			if out, _, err = tr.Append(out[:0], transform.Cell{Text: in}, nil); err != nil {
				t.Fatal(err)
			}
			hashes[i] = maphash.Bytes(seed, out)
		}
		slices.Sort(hashes)
		if n := len(slices.Compact(hashes)); n != *uniqueValues {
			t.Errorf("%s gave %d values %d results", kind, *uniqueValues, n)
		}
	}
}

// Fakes without a suffix of random characters have few results, and their Space says so. The plan therefore refuses
// them for unique columns of many rows.
func TestFakesWithoutASuffixStateTheirSpace(t *testing.T) {
	for kind, most := range map[string]float64{"fake.phone": 1e5, "fake.full_name": 1e6, "fake.street": 2e7, "fake.company": 1e7} {
		if traits, err := library.Check(transformtest.Column(transformtest.Text), transform.Use{Treatment: kind}); err != nil || traits.Unique || traits.Space > most {
			t.Errorf("%s: %+v, %v", kind, traits, err)
		}
	}
}
