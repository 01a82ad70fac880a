package noise_test

import (
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// A value usually moves in steps of its last digit. The largest power of ten of a float has only one digit, and the
// next larger number of one digit is too large for the type. The value must still move, and keep its sign.
func TestNoiseOfTheLargestPowerOfTen(t *testing.T) {
	for _, in := range []string{"1e+308", "-1e+308"} {
		for _, p := range []transform.Params{{"ratio": 0.2}, {"ratio": 1.0}, {"amount": int64(5)}} {
			for domain := range 20 {
				u := transform.Use{Treatment: "noise", Params: p, Domain: strconv.Itoa(domain)}
				out := transformtest.Run(t, transformtest.Compile(t, transformtest.Float, u), in, nil)
				if f, err := strconv.ParseFloat(out, 64); err != nil || out == in || f*f < 1 || (in[0] == '-') != (f < 0) {
					t.Errorf("%s with %v became %s: %v", in, p, out, err)
				}
			}
		}
	}
}
