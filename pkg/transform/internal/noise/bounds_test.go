package noise_test

import (
	"math/big"
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// CHECK constraints limit the results, as the type does.
func TestNoiseStaysWithinBounds(t *testing.T) {
	for _, c := range []struct {
		base        catalog.Type
		least, most string
		in          []string
	}{
		{transformtest.Int4, "0", "100", []string{"0", "1", "50", "100"}},
		{transformtest.Int4, "-5", "-2", []string{"-5", "-3", "-2"}},
		{transformtest.Int4, "0", "1", []string{"0", "1"}},
		{transformtest.Int4, "18", "", []string{"18", "19", "90"}},
		{catalog.Type{Base: "numeric", Family: catalog.Numeric, Precision: 3, Scale: 2}, "0.01", "0.99", []string{"0.01", "0.99", "0.50"}},
		{transformtest.Float, "-1.5", "2.5", []string{"2.5", "-1.5", "0.1", "-1.4999999999999"}},
	} {
		typ := c.base
		typ.Least, typ.Most = c.least, c.most
		for _, in := range c.in {
			for domain := range 30 {
				u := transform.Use{Treatment: "noise", Params: transform.Params{"ratio": 1.0}, Domain: strconv.Itoa(domain)}
				out := transformtest.Run(t, transformtest.Compile(t, typ, u), in, nil)
				if out == in || less(out, c.least) || less(c.most, out) {
					t.Errorf("%s in [%s, %s] became %s", in, c.least, c.most, out)
				}
			}
		}
	}
}

func less(a, b string) bool {
	x, ok := new(big.Rat).SetString(a)
	y, fine := new(big.Rat).SetString(b)
	return ok && fine && x.Cmp(y) < 0
}
