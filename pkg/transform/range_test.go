package transform

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestRangesTakeTheTreatmentOfTheirBounds(t *testing.T) {
	shift := Use{Treatment: "shift", Params: Params{"days": int64(5)}}
	bound := func(typ catalog.Type, in string) string { return run(t, compile(t, typ, shift), in, nil) }
	outcomes(t, compile(t, tDateRange, shift), map[string]string{
		`empty`: `empty`, `(,)`: `(,)`, `[2020-01-01,)`: `[` + bound(tDate, "2020-01-01") + `,)`,
		`(,2020-01-01)`:            `(,` + bound(tDate, "2020-01-01") + `)`,
		`[2020-01-01,2021-01-01)`:  `[` + bound(tDate, "2020-01-01") + `,` + bound(tDate, "2021-01-01") + `)`,
		`[2020-01-01,infinity)`:    "!infinity",
		`[2020-01-01,2021-01-01`:   "!bad-range",
		`[2020-01-01)`:             "!bad-range",
		`2020-01-01`:               "!bad-range",
		`[2020-01-01,2021-01-01) `: "!bad-range",
		`[,,]`:                     "!bad-range",
		``:                         "!bad-range",
		`[x,y)`:                    "!not-a-date",
	})
	at := bound(tStampTZ, "2020-01-01 10:00:00+00")
	outcomes(t, compile(t, tTZRange, shift), map[string]string{`["2020-01-01 10:00:00+00",)`: `["` + at + `",)`})
	outcomes(t, compile(t, tTextRange, maskFirst), map[string]string{`["a, ""b""",""]`: `[a*****,""]`})
	outcomes(t, compile(t, tDates, shift), map[string]string{
		`{}`: `{}`, `{[2020-01-01,2021-01-01),[2030-01-01,)}`: `{[` + bound(tDate, "2020-01-01") + `,` + bound(tDate, "2021-01-01") + `),[` + bound(tDate, "2030-01-01") + `,)}`,
		`{[2020-01-01,2021-01-01)`: "!bad-range", `{`: "!bad-range", `{}x`: "!bad-range", `[1,2)`: "!bad-range", `{empty}`: "!bad-range",
	})
}

func TestBoundsThatCrossChangePlaces(t *testing.T) {
	tr := compile(t, tIntRange, Use{Treatment: "token", Params: Params{"range": []any{int64(0), int64(99)}}})
	for lower := range 99 {
		in := "[" + string(appendInt(nil, int64(lower))) + "," + string(appendInt(nil, int64(lower)+1)) + ")"
		out := strings.Trim(run(t, tr, in, nil), "[)")
		a, b, _ := strings.Cut(out, ",")
		if c, ok := numbersCompare(a, b); !ok || c >= 0 {
			t.Errorf("%s became %s", in, out)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"1", "2", -1}, {"10", "9", 1}, {"-1", "1", -1}, {"-2", "-1", -1}, {"1.5", "1.50", 0}, {"0.1", "0.09", 1}, {"-0", "0", 0}, {"007", "7", 0}, {"-1.5", "-1.25", -1}} {
		if got, ok := numbersCompare(c.a, c.b); !ok || got != c.want {
			t.Errorf("%s and %s: %d", c.a, c.b, got)
		}
	}
	if _, ok := numbersCompare("NaN", "1"); ok {
		t.Error("NaN compares")
	}
}

func FuzzRange(f *testing.F) {
	f.Add(`["a, ""b""",c)`)
	f.Fuzz(func(t *testing.T, in string) { fuzzMasked(t, tTextRange, Use{Treatment: "mask"}, in, "*[](),\"empty") })
}
