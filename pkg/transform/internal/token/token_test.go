package token_test

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
	"github.com/masker-project/masker/pkg/transform/library"
)

var tokenShape = regexp.MustCompile(`^[a-z2-7]{26}$`)

func FuzzToken(f *testing.F) {
	for _, in := range transformtest.Adversaries(catalog.Text) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "token"}), in, nil)
		if !tokenShape.MatchString(out) || out == in {
			t.Fatalf("%q became %q", in, out)
		}
		short := transformtest.Run(t, transformtest.Compile(t, treatment.TextType(22), transform.Use{Treatment: "token"}), in, nil)
		if len(short) != 22 {
			t.Fatalf("%q became %q", in, short)
		}
	})
}

// A numeric with decimals is permuted in steps of its last decimal, so its decimals do not stop a refresh.
func TestTokensPermuteDecimals(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Money, transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(-5), int64(4)}}})
	shape, seen := regexp.MustCompile(`^(0|-?[0-4]\.[0-9]{2}|-5\.00)$`), map[string]bool{}
	for v := int64(-500); v <= 400; v++ {
		out := transformtest.Run(t, tr, string(decimal.AppendUnits(nil, v, 2, 2)), nil)
		if !shape.MatchString(out) {
			t.Errorf("%d hundredths became %q", v, out)
		}
		seen[out] = true
	}
	if len(seen) != 901 {
		t.Errorf("%d results of 901", len(seen))
	}
	transformtest.Outcomes(t, tr, map[string]string{"4.01": "!out-of-range", "-5.01": "!out-of-range", "99999999.99": "!out-of-range"})
	wide := transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(0), int64(math.MaxInt64 / 50)}}}
	large := catalog.Type{Name: "numeric(21,2)", Base: "numeric", Family: catalog.Numeric, Precision: 21, Scale: 2}
	if _, err := library.Check(transformtest.Column(large), wide); err == nil || !strings.Contains(err.Error(), "too large for 2 decimals") {
		t.Errorf("a range of more than 2^63 hundredths: %v", err)
	}
}

func TestIntegerTokensPermuteTheirRange(t *testing.T) {
	u := transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(-50), int64(949)}}}
	tr := transformtest.Compile(t, transformtest.Int4, u)
	seen := map[string]bool{}
	for v := int64(-50); v <= 949; v++ {
		seen[transformtest.Run(t, tr, string(decimal.AppendInt(nil, v)), nil)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d results of 1000", len(seen))
	}
	for out := range seen {
		if v, ok := decimal.ParseWhole([]byte(out)); !ok || v < -50 || v > 949 {
			t.Errorf("%s is outside", out)
		}
	}
	wide := transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(math.MinInt64), int64(math.MaxInt64 - 1)}}}
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.Int64Max(math.MaxInt64-1).Draw(rt, "v")
		if out, ok := decimal.ParseWhole([]byte(transformtest.Run(t, transformtest.Compile(t, transformtest.Int8, wide), string(decimal.AppendInt(nil, v)), nil))); !ok || out == math.MaxInt64 {
			rt.Fatalf("%d", out)
		}
	})
}
