package transform

import (
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestShiftKeepsIntervalsOfASubject(t *testing.T) {
	u := Use{Treatment: "shift", Subject: "id", SubjectType: &tInt4, Params: Params{"days": int64(40)}}
	rapid.Check(t, func(rt *rapid.T) {
		subject := row(rapid.StringMatching(`[1-9][0-9]{0,5}`).Draw(rt, "subject"))
		a, b := rapid.Int64Range(-2_000_000, 80_000_000).Draw(rt, "a"), rapid.Int64Range(-2_000_000, 80_000_000).Draw(rt, "b")
		tr := compile(t, tDate, u)
		day := func(d int64) int64 {
			m := moment{day: d}
			out, ok := parseMoment([]byte(run(t, tr, string(m.append(nil)), subject)))
			if !ok {
				rt.Fatal("the result is no date")
			}
			return out.day
		}
		if day(a)-day(b) != a-b {
			rt.Fatalf("%d days apart became %d", a-b, day(a)-day(b))
		}
		if d := day(a) - a; d == 0 || d > 40 || d < -40 {
			rt.Fatalf("moved by %d days", d)
		}
	})
}

func TestShiftedOutOfRangeStops(t *testing.T) {
	tr := compile(t, tDate, Use{Treatment: "shift", Params: Params{"infinity": "keep", "days": int64(1)}})
	stopped := 0
	for _, in := range []string{"4714-11-24 BC", "5874897-12-31"} {
		for _, domain := range []string{"a", "b", "c", "d", "e", "f"} {
			tr := compile(t, tDate, Use{Treatment: "shift", Domain: domain, Params: Params{"days": int64(1)}})
			if _, _, err := tr.Append(nil, Cell{Text: []byte(in)}, nil); err != nil {
				stopped++
			}
		}
	}
	if stopped == 0 || stopped == 12 {
		t.Errorf("%d of 12 stopped", stopped)
	}
	if got := run(t, tr, "infinity", nil); got != "infinity" {
		t.Errorf("infinity: keep gave %s", got)
	}
}

func TestNoiseKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ratio := rapid.SampledFrom([]string{"0.000001", "0.01", "0.25", "1"}).Draw(rt, "ratio")
		c := rapid.SampledFrom([]struct {
			typ catalog.Type
			re  string
		}{
			{tMoney, `-?[1-9][0-9]{0,7}\.[0-9]{2}`},
			{tMoney, `0\.[0-9]{2}`},
			{tInt4, `-?1?[0-9]{1,9}`},
			{tInt8, `-?[1-9][0-9]{0,17}`},
			{tNumeric, `-?[1-9][0-9]{0,40}(\.[0-9]{1,30})?`},
			{tFloat, `-?[1-9]\.[0-9]{1,16}(e[+-][1-9][0-9])?`},
		}).Draw(rt, "type")
		in := rapid.StringMatching(c.re).Draw(rt, "in")
		out := run(t, compile(t, c.typ, Use{Treatment: "noise", Params: Params{"ratio": ratio}}), in, nil)
		x, y := rat(t, in), rat(t, out)
		if x.Cmp(y) == 0 || y.Sign() == 0 || x.Sign()*y.Sign() < 0 {
			rt.Fatalf("%s became %s", in, out)
		}
		if f, _ := strconv.ParseFloat(in, 64); c.typ.Family == catalog.Float {
			if g, _ := strconv.ParseFloat(out, 64); f == g {
				rt.Fatalf("%s became %s, which is the same float", in, out)
			}
			return
		}
		_, frac, _ := strings.Cut(in, ".")
		step := new(big.Rat).Quo(rat(t, "1"), rat(t, "1"+strings.Repeat("0", len(frac))))
		if c.typ.Precision == 0 && c.typ.Family == catalog.Numeric { // canonical steps, and no finer than 18 digits
			_, frac, _ = strings.Cut(strings.TrimRight(in, "0"), ".")
			step = new(big.Rat).Quo(rat(t, "2"), rat(t, "1"+strings.Repeat("0", len(frac))))
			step.Add(step, new(big.Rat).Mul(new(big.Rat).Abs(x), rat(t, "0.00000000000000002")))
		}
		bound := new(big.Rat).Mul(new(big.Rat).Abs(x), rat(t, ratio))
		bound.Add(bound, step)
		if moved := new(big.Rat).Sub(x, y); moved.Abs(moved).Cmp(bound) > 0 {
			rt.Fatalf("%s became %s, further than %s of it", in, out, ratio)
		}
	})
}

func TestNoiseOfOneStepFindsTheOtherValue(t *testing.T) {
	tr := compile(t, tInt2, Use{Treatment: "noise", Params: Params{"ratio": 0.000001}})
	for in, want := range map[string]string{"0": "1", "1": "2", "32767": "32766", "-32767": "-32766", "-1": "-2"} {
		if got := run(t, tr, in, nil); got != want {
			t.Errorf("%s became %s, want %s", in, got, want)
		}
	}
}
