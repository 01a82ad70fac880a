package mask_test

import (
	"errors"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/literal"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestMaskNeverShowsAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := transform.Params{
			"cover":      rapid.SampledFrom([]string{"character", "class"}).Draw(rt, "cover"),
			"only":       rapid.SampledFrom([]string{"all", "digits", "letters"}).Draw(rt, "only"),
			"separators": "keep", "keep_last": int64(rapid.IntRange(0, 3).Draw(rt, "last")),
		}
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`[*0Xx-]{0,8}`)).Draw(rt, "in")
		out := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "mask", Params: p}), in, nil)
		if utf8.RuneCountInString(out) != utf8.RuneCountInString(in) || out == in && strings.Trim(in, "*") != "" {
			rt.Fatalf("%v: %q became %q", p, in, out)
		}
	})
}

func TestBandsHoldTheirValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.SampledFrom([]string{"1000", "7", "2.5", "0.01", "0.3"}).Draw(rt, "width")
		in := rapid.StringMatching(`-?[1-9][0-9]{0,12}(\.[0-9]{1,6})?`).Draw(rt, "in")
		out := transformtest.Rat(t, transformtest.Run(t, transformtest.Compile(t, transformtest.Numeric, transform.Use{Treatment: "generalize.number", Params: transform.Params{"width": width}}), in, nil))
		above := new(big.Rat).Sub(transformtest.Rat(t, in), out)
		whole := new(big.Rat).Quo(out, transformtest.Rat(t, width))
		if above.Sign() < 0 || above.Cmp(transformtest.Rat(t, width)) >= 0 || !whole.IsInt() {
			rt.Fatalf("%s in bands of %s became %s", in, width, out.FloatString(3))
		}
	})
}

// A result outside the type's range, or outside the range of 64-bit integers, becomes the nearest possible result
// inside, never the value itself.
func TestNumbersStayInTheirType(t *testing.T) {
	band := transform.Use{Treatment: "generalize.number", Params: transform.Params{"width": int64(10)}}
	half := transform.Use{Treatment: "generalize.geo", Params: transform.Params{"decimals": int64(0)}}
	ages := transform.Use{Treatment: "generalize.age"}
	for _, c := range []struct {
		typ catalog.Type
		use transform.Use
		in  string
		out string
	}{
		{transformtest.Int2, band, "-32768", "-32760"},
		{transformtest.Int8, band, "-9223372036854775808", "-9223372036854775800"},
		{transformtest.Int8, band, "9223372036854775807", "9223372036854775800"},
		{transformtest.Money, band, "-99999999.99", "-99999990.00"},
		{transformtest.Money, half, "99999999.50", "99999999.00"},
		{transformtest.Numeric, band, "1" + strings.Repeat("0", 19), "9223372036854775800"},
		{transformtest.Float, band, "-1e+300", "-9223372036854775800"},
		{transformtest.Float, ages, "1e+300", "90"},
	} {
		if got := transformtest.Run(t, transformtest.Compile(t, c.typ, c.use), c.in, nil); got != c.out {
			t.Errorf("%s of %s became %s, want %s", c.use.Treatment, c.in, got, c.out)
		}
	}
	var e *transform.Error
	if out, _, err := transformtest.Compile(t, transformtest.Int4, ages).Append(nil, transform.Cell{Text: []byte("-1")}, nil); !errors.As(err, &e) {
		t.Errorf("a negative age became %q", out)
	}
	if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Float, band), "-1e-05", nil); got != "-10" {
		t.Errorf("-1e-05 is below 0, got %s", got)
	}
}

func TestGeoRoundsToTheNearest(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Float, transform.Use{Treatment: "generalize.geo", Params: transform.Params{"decimals": int64(1)}})
	for in, want := range map[string]string{"52.52": "52.5", "52.55": "52.6", "-0.04": "0", "-0.05": "-0.1", "9.96": "10", "1e-07": "0", "5e-02": "0.1"} {
		if got := transformtest.Run(t, tr, in, nil); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestPeriodsBeginOnTheirFirstDay(t *testing.T) {
	for _, c := range []struct{ to, in, want string }{
		{"month", "2024-12-31", "2024-12-01"},
		{"quarter", "2024-12-31", "2024-10-01"},
		{"quarter", "2024-03-31", "2024-01-01"},
		{"year", "2024-12-31", "2024-01-01"},
		{"decade", "2029-12-31", "2020-01-01"},
		{"decade", "0009-05-05", "0001-01-01 BC"},
		{"decade", "0005-05-05 BC", "0011-01-01 BC"},
		{"year", "0044-03-15 BC", "0044-01-01 BC"},
	} {
		if got := transformtest.Run(t, transformtest.Compile(t, transformtest.Date, transform.Use{Treatment: "generalize.date", Params: transform.Params{"to": c.to}}), c.in, nil); got != c.want {
			t.Errorf("the %s of %s is %s, want %s", c.to, c.in, got, c.want)
		}
	}
}

func TestNetworksHideTheHost(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "generalize.ip", Params: transform.Params{"v4": int64(20), "v6": int64(44)}})
	rapid.Check(t, func(rt *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "raw")
		addr, bits := netip.AddrFrom16([16]byte(raw)), 44
		if rapid.Bool().Draw(rt, "v4") {
			addr, bits = netip.AddrFrom4([4]byte(raw[:4])), 20
		}
		want, _ := addr.Prefix(bits)
		if got := transformtest.Run(t, tr, addr.String(), nil); got != want.Addr().String() {
			rt.Fatalf("%s became %s, want %s", addr, got, want.Addr())
		}
	})
}

func FuzzRegex(f *testing.F) {
	f.Add("([a-z]+)-.*", "${1}-x", "ada-17")
	f.Add("a)|(b", "$1", "zzz")
	f.Add("(?P<n>.*)", "${n}", "ada")
	f.Fuzz(func(t *testing.T, pattern, replace, in string) {
		u := transform.Use{Treatment: "regex", Params: transform.Params{"pattern": pattern, "replace": replace, "otherwise": "redact"}}
		if _, err := library.Check(transformtest.Column(transformtest.Text), u); err != nil {
			return
		}
		if out := transformtest.Run(t, transformtest.Compile(t, transformtest.Text, u), in, nil); out == in && in != "" && in != literal.Redacted {
			t.Fatalf("%q with %q: %q stayed unchanged", pattern, replace, in)
		}
	})
}

func TestMaskingRulesAreCheckedAtPlanTime(t *testing.T) {
	list := func(v ...any) []any { return v }
	for _, c := range []struct {
		typ   catalog.Type
		use   string
		p     transform.Params
		param string
	}{
		{transformtest.Text, "mask", transform.Params{"only": "digits", "separators": "cover"}, "separators"},
		{transformtest.Text, "truncate", transform.Params{}, "length"},
		{transformtest.Text, "truncate", transform.Params{"length": int64(3), "to": "day"}, "to"},
		{transformtest.Date, "truncate", transform.Params{"to": "day"}, "to"},
		{transformtest.Int4, "generalize.number", transform.Params{}, "width"},
		{transformtest.Int4, "generalize.number", transform.Params{"width": int64(5), "bounds": list(int64(0), int64(9))}, "width"},
		{transformtest.Int4, "generalize.number", transform.Params{"width": int64(0)}, "width"},
		{transformtest.Int4, "generalize.number", transform.Params{"width": 0.5}, "width"},
		{transformtest.Money, "generalize.number", transform.Params{"width": "0.001"}, "width"},
		{transformtest.Int4, "generalize.number", transform.Params{"bounds": list(int64(5), int64(5))}, "bounds"},
		{transformtest.Int2, "generalize.number", transform.Params{"bounds": list(int64(5), int64(40000))}, "bounds"},
		{transformtest.Int4, "generalize.number", transform.Params{"bounds": list("a", "b")}, "bounds"},
		{transformtest.Int4, "generalize.age", transform.Params{"width": int64(1)}, "width"},
		{transformtest.Date, "generalize.date", transform.Params{}, "to"},
		{transformtest.Date, "generalize.date", transform.Params{"to": "year", "earliest": "1935"}, "earliest"},
		{transformtest.Text, "generalize.postcode", transform.Params{"sparse": list("0361")}, "sparse"},
		{transformtest.Inet, "generalize.ip", transform.Params{"v4": int64(32)}, "v4"},
		{transformtest.Money, "generalize.geo", transform.Params{"decimals": int64(2)}, "decimals"},
		{transformtest.Int4, "noise", transform.Params{}, "ratio"},
		{transformtest.Int4, "noise", transform.Params{"ratio": 1.5}, "ratio"},
		{transformtest.Int4, "noise", transform.Params{"amount": 0.5}, "amount"},
		{transformtest.Date, "noise", transform.Params{"amount": "36h"}, "amount"},
		{transformtest.Stamp, "noise", transform.Params{"amount": int64(3)}, "amount"},
		{transformtest.Text, "regex", transform.Params{"pattern": "a)|(b", "replace": ""}, "pattern"},
		{transformtest.Text, "regex", transform.Params{"pattern": "(a)", "replace": "$2"}, "replace"},
		{transformtest.Text, "regex", transform.Params{"pattern": "(a)", "replace": "$1x"}, "replace"},
		{transformtest.Text, "regex", transform.Params{"pattern": "(a)", "replace": "$0"}, "replace"},
		{transformtest.Text, "map", transform.Params{"values": map[string]any{"a": "b"}}, "default"},
		{transformtest.Text, "map", transform.Params{"values": map[string]any{"a": "a"}, "otherwise": "stop"}, "values"},
		{transformtest.Citext, "map", transform.Params{"values": map[string]any{"a": "A"}, "otherwise": "stop"}, "values"},
		{transformtest.Citext, "map", transform.Params{"values": map[string]any{"a": "b", "A": "c"}, "otherwise": "stop"}, "values"},
		{transformtest.Text, "map", transform.Params{"file": "a.csv", "otherwise": "stop"}, "values"},
		{transformtest.Enum, "map", transform.Params{"values": map[string]any{"ok": "fine"}, "otherwise": "stop"}, "values"},
	} {
		_, err := library.Check(transformtest.Column(c.typ), transform.Use{Treatment: c.use, Params: c.p})
		var p *transform.ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s %v: %v; want a problem with %s", c.use, c.p, err, c.param)
		}
	}
}

func TestUnlistedValuesStop(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Text, transform.Use{Treatment: "map", Params: transform.Params{"values": map[string]any{"a": "b"}, "otherwise": "stop"}})
	if out, _, err := tr.Append(nil, transform.Cell{Text: []byte("c")}, nil); err == nil {
		t.Errorf("an unlisted value became %q", out)
	}
}
