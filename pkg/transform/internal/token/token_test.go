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
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Money, u), "7.00", nil); !strings.HasSuffix(got, ".00") {
		t.Errorf("numeric(10,2) got %s", got)
	}
	wide := transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(math.MinInt64), int64(math.MaxInt64 - 1)}}}
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.Int64Max(math.MaxInt64-1).Draw(rt, "v")
		if out, ok := decimal.ParseWhole([]byte(transformtest.Run(t, transformtest.Compile(t, transformtest.Int8, wide), string(decimal.AppendInt(nil, v)), nil))); !ok || out == math.MaxInt64 {
			rt.Fatalf("%d", out)
		}
	})
}
