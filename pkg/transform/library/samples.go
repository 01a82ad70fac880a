package library

import (
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Samples returns n example results of a use. It needs no key and no values: it makes the results with seeds that
// everybody can compute. It returns nil if the results of the use depend on the form of the value, or on other columns.
func Samples(c transform.Column, u transform.Use, n int) []string {
	if u.When != "" || c.Type.Family == catalog.Array || !strings.HasPrefix(u.Treatment, "fake.") && !(u.Treatment == "token" && c.Type.Family == catalog.Text) {
		return nil
	}
	b, err := prepare(c, transform.Use{Treatment: u.Treatment, Params: u.Params})
	if err != nil || len(b.Traits.Needs) > 0 {
		return nil
	}
	t, out := b.Build(openKeys{}), make([]string, n)
	for i := range out {
		text, null, err := t.Append(nil, transform.Cell{Text: []byte(strconv.Itoa(i))}, nil)
		if err != nil || null {
			return nil
		}
		out[i] = string(text)
	}
	return out
}

// openKeys makes seeds without a secret. It has only the methods that the treatments in Samples need.
type openKeys struct{ transform.Keys }

func (openKeys) Seeder(string) transform.Seeder { return openKeys{} }

func (openKeys) Seed(canonical []byte) (s transform.Seed) {
	sum := sha256.Sum256(canonical)
	copy(s[:], sum[:])
	return s
}
