package transform

import (
	"math"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

var tokenShape = regexp.MustCompile(`^[a-z2-7]{26}$`)

func FuzzToken(f *testing.F) {
	for _, in := range adversaries(catalog.Text) {
		f.Add(in)
	}
	f.Fuzz(func(t *testing.T, in string) {
		out := run(t, compile(t, tText, Use{Treatment: "token"}), in, nil)
		if !tokenShape.MatchString(out) || out == in {
			t.Fatalf("%q became %q", in, out)
		}
		short := run(t, compile(t, textType(22), Use{Treatment: "token"}), in, nil)
		if len(short) != 22 {
			t.Fatalf("%q became %q", in, short)
		}
	})
}

func TestIntegerTokensPermuteTheirRange(t *testing.T) {
	u := Use{Treatment: "token", Params: Params{"range": []any{int64(-50), int64(949)}}}
	tr := compile(t, tInt4, u)
	seen := map[string]bool{}
	for v := int64(-50); v <= 949; v++ {
		seen[run(t, tr, string(appendInt(nil, v)), nil)] = true
	}
	if len(seen) != 1000 {
		t.Errorf("%d results of 1000", len(seen))
	}
	for out := range seen {
		if v, ok := parseWhole([]byte(out)); !ok || v < -50 || v > 949 {
			t.Errorf("%s is outside", out)
		}
	}
	if got := run(t, compile(t, tMoney, u), "7.00", nil); !strings.HasSuffix(got, ".00") {
		t.Errorf("numeric(10,2) got %s", got)
	}
	wide := Use{Treatment: "token", Params: Params{"range": []any{int64(math.MinInt64), int64(math.MaxInt64 - 1)}}}
	rapid.Check(t, func(rt *rapid.T) {
		v := rapid.Int64Max(math.MaxInt64-1).Draw(rt, "v")
		if out, ok := parseWhole([]byte(run(t, compile(t, tInt8, wide), string(appendInt(nil, v)), nil))); !ok || out == math.MaxInt64 {
			rt.Fatalf("%d", out)
		}
	})
}
