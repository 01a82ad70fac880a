package library

import (
	"crypto/sha256"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// Samples returns n example results of a use. It needs no key and no values: it makes the results with seeds that
// everybody can compute. It returns nil for arrays, for a use with a condition, for treatments that are neither fakes
// nor token on texts, and if the results depend on other columns.
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

// Try returns the results of a use for some values. It uses no key, so everybody can compute these results. A result is
// nil if the treatment refuses the value, or gives NULL. Try returns nil for a use with a condition or with parts, for
// the treatments command and reversible, and if the results depend on other columns.
func Try(c transform.Column, u transform.Use, values []string) []*string {
	if u.When != "" || u.Treatment == "command" || len(u.Paths) > 0 {
		return nil
	}
	b, err := prepare(c, transform.Use{Treatment: u.Treatment, Params: u.Params})
	if err != nil || len(b.Traits.Needs) > 0 || u.Treatment == "reversible" {
		return nil
	}
	t, out := b.Build(openKeys{}), make([]*string, len(values))
	for i, value := range values {
		if text, null, err := t.Append(nil, transform.Cell{Text: []byte(value)}, nil); err == nil && !null {
			result := string(text)
			out[i] = &result
		}
	}
	return out
}

// openKeys makes seeds and permutations without a secret. It has only the methods that the treatments in Samples and
// Try need.
type openKeys struct{ transform.Keys }

func (openKeys) Permutation(_ string, n uint64) transform.Permutation { return turned(n) }

func (openKeys) Numerals(_ string, radix int) transform.Numerals { return turnedNumerals(radix) }

// turned adds about a third of the range to each number. After the end of the range, it continues at the beginning.
type turned uint64

func (n turned) Apply(x uint64) uint64 { return (x%uint64(n) + uint64(n)/3 + 1) % uint64(n) }

// turnedNumerals changes each numeral of a string as turned does. The numerals are below a radix.
type turnedNumerals uint64

func (n turnedNumerals) Apply(x []uint16) {
	for i := range x {
		x[i] = uint16(turned(n).Apply(uint64(x[i])))
	}
}

func (openKeys) Seeder(string) transform.Seeder { return openKeys{} }

func (openKeys) Seed(canonical []byte) (s transform.Seed) {
	sum := sha256.Sum256(canonical)
	copy(s[:], sum[:])
	return s
}
