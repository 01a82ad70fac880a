package library_test

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

func TestRangesAreTreatedBoundByBound(t *testing.T) {
	shift := transform.Use{Treatment: "shift", Params: transform.Params{"days": int64(5)}}
	bound := func(typ catalog.Type, in string) string {
		return transformtest.Run(t, transformtest.Compile(t, typ, shift), in, nil)
	}
	transformtest.Outcomes(t, transformtest.Compile(t, transformtest.DateRange, shift), map[string]string{
		`empty`: `empty`, `(,)`: `(,)`, `[2020-01-01,)`: `[` + bound(transformtest.Date, "2020-01-01") + `,)`,
		`(,2020-01-01)`:            `(,` + bound(transformtest.Date, "2020-01-01") + `)`,
		`[2020-01-01,2021-01-01)`:  `[` + bound(transformtest.Date, "2020-01-01") + `,` + bound(transformtest.Date, "2021-01-01") + `)`,
		`[2020-01-01,infinity)`:    `[` + bound(transformtest.Date, "2020-01-01") + `,infinity)`,
		`[2020-01-01,2021-01-01`:   "!bad-range",
		`[2020-01-01)`:             "!bad-range",
		`2020-01-01`:               "!bad-range",
		`[2020-01-01,2021-01-01) `: "!bad-range",
		`[,,]`:                     "!bad-range",
		``:                         "!bad-range",
		`[x,y)`:                    "!not-a-date",
	})
	at := bound(transformtest.StampTZ, "2020-01-01 10:00:00+00")
	transformtest.Outcomes(t, transformtest.Compile(t, transformtest.TZRange, shift), map[string]string{`["2020-01-01 10:00:00+00",)`: `["` + at + `",)`})
	transformtest.Outcomes(t, transformtest.Compile(t, transformtest.TextRange, transformtest.MaskFirst), map[string]string{`["a, ""b""",""]`: `[a*****,""]`})
	transformtest.Outcomes(t, transformtest.Compile(t, transformtest.Dates, shift), map[string]string{
		`{}`: `{}`, `{[2020-01-01,2021-01-01),[2030-01-01,)}`: `{[` + bound(transformtest.Date, "2020-01-01") + `,` + bound(transformtest.Date, "2021-01-01") + `),[` + bound(transformtest.Date, "2030-01-01") + `,)}`,
		`{[2020-01-01,2021-01-01)`: "!bad-range", `{`: "!bad-range", `{}x`: "!bad-range", `[1,2)`: "!bad-range", `{empty}`: "!bad-range",
	})
}

func TestBoundsInWrongOrderAreSwapped(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.IntRange, transform.Use{Treatment: "token", Params: transform.Params{"range": []any{int64(0), int64(99)}}})
	for lower := range 99 {
		in := "[" + string(decimal.AppendInt(nil, int64(lower))) + "," + string(decimal.AppendInt(nil, int64(lower)+1)) + ")"
		out := strings.Trim(transformtest.Run(t, tr, in, nil), "[)")
		a, b, _ := strings.Cut(out, ",")
		if c, ok := library.NumbersCompare(a, b); !ok || c >= 0 {
			t.Errorf("%s became %s", in, out)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"1", "2", -1}, {"10", "9", 1}, {"-1", "1", -1}, {"-2", "-1", -1}, {"1.5", "1.50", 0}, {"0.1", "0.09", 1}, {"-0", "0", 0}, {"007", "7", 0}, {"-1.5", "-1.25", -1}} {
		if got, ok := library.NumbersCompare(c.a, c.b); !ok || got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
	}
	if _, ok := library.NumbersCompare("NaN", "1"); ok {
		t.Error("NaN compares")
	}
}

func FuzzRange(f *testing.F) {
	f.Add(`["a, ""b""",c)`)
	f.Fuzz(func(t *testing.T, in string) {
		transformtest.OnlyMasked(t, transformtest.TextRange, transform.Use{Treatment: "mask"}, in, "*[](),\"empty")
	})
}
