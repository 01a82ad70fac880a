package noise_test

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
)

func TestShiftKeepsIntervalsOfASubject(t *testing.T) {
	u := transform.Use{Treatment: "shift", Subject: "id", SubjectType: &transformtest.Int4, Params: transform.Params{"days": int64(40)}}
	rapid.Check(t, func(rt *rapid.T) {
		subject := transformtest.Row(rapid.StringMatching(`[1-9][0-9]{0,5}`).Draw(rt, "subject"))
		a, b := rapid.Int64Range(-2_000_000, 80_000_000).Draw(rt, "a"), rapid.Int64Range(-2_000_000, 80_000_000).Draw(rt, "b")
		tr := transformtest.Compile(t, transformtest.Date, u)
		day := func(d int64) int64 {
			m := moment.Moment{Day: d}
			out, ok := moment.Parse([]byte(transformtest.Run(t, tr, string(m.Append(nil)), subject)))
			if !ok {
				rt.Fatal("the result is no date")
			}
			return out.Day
		}
		if day(a)-day(b) != a-b {
			rt.Fatalf("%d days apart became %d", a-b, day(a)-day(b))
		}
		if d := day(a) - a; d == 0 || d > 40 || d < -40 {
			rt.Fatalf("moved by %d days", d)
		}
	})
}

// A date at either end of the type's range does not stop the refresh, and does not stay unchanged.
func TestDatesStayInTheirType(t *testing.T) {
	for _, c := range []struct {
		typ catalog.Type
		in  []string
	}{
		{transformtest.Date, []string{"4714-11-24 BC", "4714-11-26 BC", "5874897-12-31", "5874897-12-30"}},
		{transformtest.Stamp, []string{"4714-11-24 00:00:00 BC", "294276-12-31 23:59:59.999999", "294276-12-31 00:00:00"}},
		{transformtest.StampTZ, []string{"4714-11-24 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00", "294276-12-30 00:00:00+00"}},
	} {
		for _, in := range c.in {
			for domain := range 20 {
				for _, u := range []transform.Use{
					{Treatment: "shift", Params: transform.Params{"days": int64(1 + domain%3)}},
					{Treatment: "noise", Params: transform.Params{"amount": strconv.Itoa(3+domain%3) + "d"}},
				} {
					u.Domain = strconv.Itoa(domain)
					out := transformtest.Run(t, transformtest.Compile(t, c.typ, u), in, nil)
					m, ok := moment.Parse([]byte(out))
					if !ok || !m.Fits(c.typ.Family) || out == in {
						t.Errorf("%s of %s: %s became %s", u.Treatment, c.typ.Name, in, out)
					}
				}
			}
		}
	}
}

// Finite floats of any size move to another float.
func TestNoiseMovesFloatsOfAnySize(t *testing.T) {
	for _, typ := range []catalog.Type{transformtest.Float, {Name: "real", Base: "float4", Family: catalog.Float}} {
		size := 64
		if typ.Base == "float4" {
			size = 32
		}
		rapid.Check(t, func(rt *rapid.T) {
			in := rapid.Float64().Draw(rt, "in")
			if size == 32 {
				in = float64(rapid.Float32().Draw(rt, "in"))
			}
			text := strings.Replace(strconv.FormatFloat(in, 'g', -1, size), "+Inf", "Infinity", 1)
			u := transform.Use{Treatment: "noise", Params: transform.Params{"ratio": rapid.SampledFrom([]string{"0.000001", "1"}).Draw(rt, "ratio")}}
			out := transformtest.Run(t, transformtest.Compile(t, typ, u), strings.Replace(text, "-Inf", "-Infinity", 1), nil)
			got, err := strconv.ParseFloat(out, size)
			if err != nil || got == in && !math.IsInf(in, 0) {
				rt.Fatalf("%s became %s: %v", text, out, err)
			}
		})
	}
}

func TestNoiseMovesNumbersOfNegativeScale(t *testing.T) {
	typ := catalog.Type{Name: "numeric(3,-2)", Base: "numeric", Family: catalog.Numeric, Precision: 3, Scale: -2}
	rapid.Check(t, func(rt *rapid.T) {
		in := strconv.Itoa(100 * rapid.IntRange(-999, 999).Draw(rt, "in"))
		out, err := strconv.Atoi(transformtest.Run(t, transformtest.Compile(t, typ, transform.Use{Treatment: "noise", Params: transform.Params{"ratio": 0.1}}), in, nil))
		if err != nil || out%100 != 0 || out > 99900 || out < -99900 || strconv.Itoa(out) == in {
			rt.Fatalf("%s became %d", in, out)
		}
	})
}

func TestNoiseKeepsItsBounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		ratio := rapid.SampledFrom([]string{"0.000001", "0.01", "0.25", "1"}).Draw(rt, "ratio")
		c := rapid.SampledFrom([]struct {
			typ catalog.Type
			re  string
		}{
			{transformtest.Money, `-?[1-9][0-9]{0,7}\.[0-9]{2}`},
			{transformtest.Money, `0\.[0-9]{2}`},
			{transformtest.Int4, `-?1?[0-9]{1,9}`},
			{transformtest.Int8, `-?[1-9][0-9]{0,17}`},
			{transformtest.Numeric, `-?[1-9][0-9]{0,40}(\.[0-9]{1,30})?`},
			{transformtest.Float, `-?[1-9]\.[0-9]{1,16}(e[+-][1-9][0-9])?`},
		}).Draw(rt, "type")
		in := rapid.StringMatching(c.re).Draw(rt, "in")
		out := transformtest.Run(t, transformtest.Compile(t, c.typ, transform.Use{Treatment: "noise", Params: transform.Params{"ratio": ratio}}), in, nil)
		x, y := transformtest.Rat(t, in), transformtest.Rat(t, out)
		if x.Cmp(y) == 0 || x.Sign()*y.Sign() < 0 {
			rt.Fatalf("%s became %s", in, out)
		}
		if f, _ := strconv.ParseFloat(in, 64); c.typ.Family == catalog.Float {
			if g, _ := strconv.ParseFloat(out, 64); f == g {
				rt.Fatalf("%s became %s, which is the same float", in, out)
			}
			return
		}
		_, frac, _ := strings.Cut(in, ".")
		step := new(big.Rat).Quo(transformtest.Rat(t, "1"), transformtest.Rat(t, "1"+strings.Repeat("0", len(frac))))
		if c.typ.Precision == 0 && c.typ.Family == catalog.Numeric { // the step has no trailing zeros, and only 18 digits move
			_, frac, _ = strings.Cut(strings.TrimRight(in, "0"), ".")
			step = new(big.Rat).Quo(transformtest.Rat(t, "2"), transformtest.Rat(t, "1"+strings.Repeat("0", len(frac))))
			step.Add(step, new(big.Rat).Mul(new(big.Rat).Abs(x), transformtest.Rat(t, "0.00000000000000002")))
		}
		bound := new(big.Rat).Mul(new(big.Rat).Abs(x), transformtest.Rat(t, ratio))
		bound.Add(bound, step.Mul(step, transformtest.Rat(t, "6"))) // the least number of steps, both ways
		if moved := new(big.Rat).Sub(x, y); moved.Abs(moved).Cmp(bound) > 0 {
			rt.Fatalf("%s became %s, further than %s of it", in, out, ratio)
		}
	})
}
