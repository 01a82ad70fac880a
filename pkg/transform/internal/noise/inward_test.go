package noise_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

// If a generated column computes a number from a column, noise moves the column toward zero only.
func TestNoiseMovesTowardZero(t *testing.T) {
	for _, use := range []transform.Use{
		{Treatment: "noise", Params: transform.Params{"ratio": 0.5}},
		{Treatment: "noise", Params: transform.Params{"amount": int64(30)}},
	} {
		integer, number, float := transformtest.Int4, transformtest.Money, transformtest.Float
		integer.Inward, number.Inward, float.Inward = true, true, true
		ints, numbers, floats := transformtest.Compile(t, integer, use), transformtest.Compile(t, number, use), transformtest.Compile(t, float, use)
		for i := range 200 {
			for in, tr := range map[string]transform.Transform{
				fmt.Sprint(40000 + i): ints, fmt.Sprint(-i): ints, fmt.Sprint(i): ints, fmt.Sprintf("%d.25", i): numbers, fmt.Sprintf("-%d.05", i): numbers, fmt.Sprintf("%d.5", i): floats,
			} {
				out := transformtest.Run(t, tr, in, nil)
				v, ok := decimal.Parse([]byte(in))
				r, fine := decimal.Parse([]byte(out))
				before, _, _, _ := v.Units(6)
				after, _, _, _ := r.Units(6)
				if !ok || !fine || after > before || r.Negative && !strings.HasPrefix(in, "-") || after == before && before > 1_000_000 {
					t.Errorf("%s became %s by %v", in, out, use.Params)
				}
			}
		}
	}
}
