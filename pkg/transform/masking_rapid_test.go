package transform

import (
	"errors"
	"math/big"
	"net/netip"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestMaskNeverShowsAll(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		p := Params{
			"cover":      rapid.SampledFrom([]string{"character", "class"}).Draw(rt, "cover"),
			"only":       rapid.SampledFrom([]string{"all", "digits", "letters"}).Draw(rt, "only"),
			"separators": "keep", "keep_last": int64(rapid.IntRange(0, 3).Draw(rt, "last")),
		}
		in := rapid.OneOf(rapid.String(), rapid.StringMatching(`[*0Xx-]{0,8}`)).Draw(rt, "in")
		out := run(t, compile(t, tText, Use{Treatment: "mask", Params: p}), in, nil)
		if utf8.RuneCountInString(out) != utf8.RuneCountInString(in) || out == in && strings.Trim(in, "*") != "" {
			rt.Fatalf("%v: %q became %q", p, in, out)
		}
	})
}

func TestBandsHoldTheirValues(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		width := rapid.SampledFrom([]string{"1000", "7", "2.5", "0.01", "0.3"}).Draw(rt, "width")
		in := rapid.StringMatching(`-?[1-9][0-9]{0,12}(\.[0-9]{1,6})?`).Draw(rt, "in")
		out := rat(t, run(t, compile(t, tNumeric, Use{Treatment: "generalize.number", Params: Params{"width": width}}), in, nil))
		above := new(big.Rat).Sub(rat(t, in), out)
		whole := new(big.Rat).Quo(out, rat(t, width))
		if above.Sign() < 0 || above.Cmp(rat(t, width)) >= 0 || !whole.IsInt() {
			rt.Fatalf("%s in bands of %s became %s", in, width, out.FloatString(3))
		}
	})
}

func TestNumbersAtTheEdgeStop(t *testing.T) {
	band := Use{Treatment: "generalize.number", Params: Params{"width": int64(10)}}
	half := Use{Treatment: "generalize.geo", Params: Params{"decimals": int64(0)}}
	for _, c := range []struct {
		typ catalog.Type
		use Use
		in  string
	}{
		{tInt2, band, "-32768"},
		{tInt8, band, "-9223372036854775808"},
		{tMoney, band, "-99999999.99"},
		{tMoney, half, "99999999.50"},
		{tNumeric, band, "1" + strings.Repeat("0", 19)},
		{tFloat, band, "1e+300"},
		{tFloat, band, "NaN"},
		{tNumeric, half, "-Infinity"},
		{tInt4, Use{Treatment: "generalize.age"}, "-1"},
		{tFloat, Use{Treatment: "noise", Params: Params{"ratio": 0.5}}, "1e+308"},
	} {
		out, null, err := compile(t, c.typ, c.use).Append(nil, Cell{Text: []byte(c.in)}, nil)
		var e *Error
		if !errors.As(err, &e) || null {
			t.Errorf("%s of %s became %q", c.use.Treatment, c.in, out)
		}
	}
	if got := run(t, compile(t, tFloat, band), "-1e-05", nil); got != "-10" {
		t.Errorf("-1e-05 lies below 0, got %s", got)
	}
}

func TestGeoRoundsToTheNearest(t *testing.T) {
	tr := compile(t, tFloat, Use{Treatment: "generalize.geo", Params: Params{"decimals": int64(1)}})
	for in, want := range map[string]string{"52.52": "52.5", "52.55": "52.6", "-0.04": "0", "-0.05": "-0.1", "9.96": "10", "1e-07": "0", "5e-02": "0.1"} {
		if got := run(t, tr, in, nil); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}

func TestPeriodsBeginWhereTheCalendarSays(t *testing.T) {
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
		if got := run(t, compile(t, tDate, Use{Treatment: "generalize.date", Params: Params{"to": c.to}}), c.in, nil); got != c.want {
			t.Errorf("the %s of %s is %s, want %s", c.to, c.in, got, c.want)
		}
	}
}

func TestNetworksHideTheHost(t *testing.T) {
	tr := compile(t, tText, Use{Treatment: "generalize.ip", Params: Params{"v4": int64(20), "v6": int64(44)}})
	rapid.Check(t, func(rt *rapid.T) {
		raw := rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "raw")
		addr, bits := netip.AddrFrom16([16]byte(raw)), 44
		if rapid.Bool().Draw(rt, "v4") {
			addr, bits = netip.AddrFrom4([4]byte(raw[:4])), 20
		}
		want, _ := addr.Prefix(bits)
		if got := run(t, tr, addr.String(), nil); got != want.Addr().String() {
			rt.Fatalf("%s became %s, want %s", addr, got, want.Addr())
		}
	})
}

func FuzzRegex(f *testing.F) {
	f.Add("([a-z]+)-.*", "${1}-x", "ada-17")
	f.Add("a)|(b", "$1", "zzz")
	f.Add("(?P<n>.*)", "${n}", "ada")
	f.Fuzz(func(t *testing.T, pattern, replace, in string) {
		u := Use{Treatment: "regex", Params: Params{"pattern": pattern, "replace": replace, "otherwise": "redact"}}
		if _, err := Check(column(tText), u); err != nil {
			return
		}
		if out := run(t, compile(t, tText, u), in, nil); out == in && in != "" && in != redacted {
			t.Fatalf("%q with %q: %q came through", pattern, replace, in)
		}
	})
}

func TestMaskingRulesAreCheckedAtPlanTime(t *testing.T) {
	list := func(v ...any) []any { return v }
	for _, c := range []struct {
		typ   catalog.Type
		use   string
		p     Params
		param string
	}{
		{tText, "mask", Params{"only": "digits", "separators": "cover"}, "separators"},
		{tText, "truncate", Params{}, "length"},
		{tText, "truncate", Params{"length": int64(3), "to": "day"}, "to"},
		{tDate, "truncate", Params{"to": "day"}, "to"},
		{tInt4, "generalize.number", Params{}, "width"},
		{tInt4, "generalize.number", Params{"width": int64(0)}, "width"},
		{tInt4, "generalize.number", Params{"width": 0.5}, "width"},
		{tMoney, "generalize.number", Params{"width": "0.001"}, "width"},
		{tInt4, "generalize.number", Params{"bounds": list(int64(5), int64(5))}, "bounds"},
		{tInt2, "generalize.number", Params{"bounds": list(int64(5), int64(40000))}, "bounds"},
		{tInt4, "generalize.number", Params{"bounds": list("a", "b")}, "bounds"},
		{tInt4, "generalize.age", Params{"width": int64(1)}, "width"},
		{tDate, "generalize.date", Params{}, "to"},
		{tDate, "generalize.date", Params{"to": "year", "earliest": "1935"}, "earliest"},
		{tText, "generalize.postcode", Params{"sparse": list("0361")}, "sparse"},
		{tInet, "generalize.ip", Params{"v4": int64(32)}, "v4"},
		{tMoney, "generalize.geo", Params{"decimals": int64(2)}, "decimals"},
		{tInt4, "noise", Params{}, "ratio"},
		{tInt4, "noise", Params{"ratio": 1.5}, "ratio"},
		{tInt4, "noise", Params{"amount": 0.5}, "amount"},
		{tDate, "noise", Params{"amount": "36h"}, "amount"},
		{tStamp, "noise", Params{"amount": int64(3)}, "amount"},
		{tText, "regex", Params{"pattern": "a)|(b", "replace": ""}, "pattern"},
		{tText, "regex", Params{"pattern": "(a)", "replace": "$2"}, "replace"},
		{tText, "regex", Params{"pattern": "(a)", "replace": "$1x"}, "replace"},
		{tText, "regex", Params{"pattern": "(a)", "replace": "$0"}, "replace"},
		{tText, "map", Params{"values": map[string]any{"a": "b"}}, "default"},
		{tText, "map", Params{"values": map[string]any{"a": "a"}, "otherwise": "stop"}, "values"},
		{tCitext, "map", Params{"values": map[string]any{"a": "A"}, "otherwise": "stop"}, "values"},
		{tCitext, "map", Params{"values": map[string]any{"a": "b", "A": "c"}, "otherwise": "stop"}, "values"},
		{tText, "map", Params{"file": "a.csv", "otherwise": "stop"}, "values"},
		{tEnum, "map", Params{"values": map[string]any{"ok": "fine"}, "otherwise": "stop"}, "values"},
	} {
		_, err := Check(column(c.typ), Use{Treatment: c.use, Params: c.p})
		var p *ParamError
		if !errors.As(err, &p) || p.Param != c.param {
			t.Errorf("%s %v: %v; want a problem with %s", c.use, c.p, err, c.param)
		}
	}
}

func TestUnlistedValuesStop(t *testing.T) {
	tr := compile(t, tText, Use{Treatment: "map", Params: Params{"values": map[string]any{"a": "b"}, "otherwise": "stop"}})
	if out, _, err := tr.Append(nil, Cell{Text: []byte("c")}, nil); err == nil {
		t.Errorf("an unlisted value became %q", out)
	}
}
