package token_test

import (
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func numeric(precision, scale int) catalog.Type {
	name := "numeric"
	if precision > 0 {
		name = fmt.Sprintf("numeric(%d,%d)", precision, scale)
	}
	return catalog.Type{Name: name, Base: "numeric", Family: catalog.Numeric, Precision: precision, Scale: scale}
}

func ranged(treatment string, lo, hi int64) transform.Use {
	return transform.Use{Treatment: treatment, Params: transform.Params{"range": []any{lo, hi}}}
}

// A numeric without a fixed number of decimals is permuted one to one, and each value keeps its number of decimals.
func TestDecimalsOfAnyNumberArePermuted(t *testing.T) {
	tr := transformtest.Compile(t, numeric(0, 0), ranged("token", -3, 4))
	seen := map[string]bool{}
	for _, scale := range []int{0, 1, 2, 3} {
		steps := int64(math.Pow10(scale))
		for v := -3 * steps; v <= 4*steps; v++ {
			if scale > 0 && v%10 == 0 {
				continue // it has fewer decimals
			}
			in := string(decimal.AppendUnits(nil, v, scale, scale))
			out := transformtest.Run(t, tr, in, nil)
			if scale > 0 && !regexp.MustCompile(fmt.Sprintf(`^-?[0-3]\.[0-9]{%d}[1-9]$`, scale-1)).MatchString(out) || scale == 0 && strings.Contains(out, ".") {
				t.Errorf("%s became %s", in, out)
			}
			if strings.HasPrefix(out, "-3.") {
				t.Errorf("%s became %s, which is below the range", in, out)
			}
			if seen[out] {
				t.Errorf("%s is the result of two values", out)
			}
			seen[out] = true
		}
	}
	transformtest.Outcomes(t, tr, map[string]string{"4.01": "!out-of-range", "-3.0001": "!out-of-range", "99999999999999999999.5": "!out-of-range"})
	if a, b := transformtest.Run(t, tr, "1.5", nil), transformtest.Run(t, tr, "1.5000", nil); a != b {
		t.Errorf("1.5 became %s, and 1.5000 became %s", a, b)
	}
	if a, b := transformtest.Run(t, tr, "3", nil), transformtest.Run(t, transformtest.Compile(t, transformtest.Int4, ranged("token", -3, 4)), "3", nil); a != b {
		t.Errorf("3 became %s as a numeric and %s as an integer", a, b)
	}
}

// Many of the values have more decimals than fit into 64 bits. The results keep the number of decimals, and different
// values get different results.
func TestManyDecimalsArePermuted(t *testing.T) {
	tr := transformtest.Compile(t, numeric(0, 0), ranged("permute", math.MinInt64, math.MaxInt64-1))
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringMatching(`-?(0|[1-9][0-9]{0,17})\.[0-9]{0,60}[1-9]`)
		in, other := value.Draw(rt, "in"), value.Draw(rt, "other")
		out := transformtest.Run(t, tr, in, nil)
		if len(strings.SplitN(out, ".", 2)[1]) != len(strings.SplitN(in, ".", 2)[1]) {
			rt.Fatalf("%s became %s", in, out)
		}
		if (in == other) != (out == transformtest.Run(t, tr, other, nil)) {
			rt.Fatalf("%s and %s both became %s", in, other, out)
		}
	})
}

// A range can cover every value of a numeric with precision and scale, also if it holds only fractions or only
// hundreds.
func TestARangeCoversEveryValueOfANumeric(t *testing.T) {
	for _, c := range []struct {
		typ    catalog.Type
		lo, hi int64
		values []string // some values of the type in the range, with the smallest and the largest
	}{
		{numeric(3, 3), 0, 1, []string{"0.000", "0.999", "0.001"}},
		{numeric(2, 4), -1, 1, []string{"-0.0099", "0.0099", "0.0000"}},
		{numeric(2, 1), -10, 10, []string{"-9.9", "9.9", "0.0"}},
		{numeric(2, -2), -9900, 9999, []string{"-9900", "9900", "0", "100"}},
	} {
		tr := transformtest.Compile(t, c.typ, ranged("token", c.lo, c.hi))
		for _, in := range c.values {
			out := transformtest.Run(t, tr, in, nil)
			f, ok := decimal.Parse([]byte(out))
			if u, cut, _, fine := f.Units(c.typ.Scale); !ok || cut || !fine || float64(u) >= math.Pow10(c.typ.Precision) {
				t.Errorf("%s: %s became %s, which the type does not hold", c.typ.Name, in, out)
			}
		}
	}
	if _, err := library.Check(transformtest.Column(numeric(3, -3)), ranged("token", 1, 900)); err == nil || !strings.Contains(err.Error(), "has no number that type") {
		t.Errorf("a range between two steps: %v", err)
	}
	if _, err := library.Check(transformtest.Column(numeric(4, 2)), ranged("token", 0, 101)); err == nil {
		t.Error("a range may be larger than its type")
	}
}
