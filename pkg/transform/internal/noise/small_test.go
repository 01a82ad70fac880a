package noise_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/transformtest"
	"github.com/masker-project/masker/pkg/transform/library"
)

// A small number has several possible results, and in both directions if the sign and the bounds allow that. With only
// one result, everybody could compute the value from the result.
func TestP4SmallNumbersMoveInBothDirections(t *testing.T) {
	bounded := transformtest.Int4
	bounded.Least, bounded.Most = "1", "100"
	cents := catalog.Type{Name: "numeric(10,2)", Base: "numeric", Family: catalog.Numeric, Precision: 10, Scale: 2}
	for _, c := range []struct {
		typ         catalog.Type
		in          string
		below, most float64 // results as far away as these two must be possible
		never       float64 // no result lies below this number
	}{
		{transformtest.Int4, "0", 1, 6, 1},
		{transformtest.Int4, "1", 0, 6, 0},
		{transformtest.Int4, "2", 0, 6, 0},
		{transformtest.Int4, "3", 0, 6, 0},
		{transformtest.Int4, "9", 6, 12, 6},
		{transformtest.Int4, "-9", -12, -6, -12},
		{transformtest.Int2, "32767", 29600, 32600, 0},
		{cents, "0.05", 0.02, 0.08, 0.02},
		{bounded, "1", 2, 7, 2},
		{bounded, "2", 1, 7, 1},
		{bounded, "100", 94, 99, 90},
		{transformtest.Float, "1", 0.95, 1.05, 0.9},
		{transformtest.Float, "-4", -4.1, -3.9, -4.4},
	} {
		low, high := 1e9, -1e9
		for domain := range 400 {
			u := transform.Use{Treatment: "noise", Params: transform.Params{"ratio": 0.1}, Domain: strconv.Itoa(domain)}
			out := transformtest.Run(t, transformtest.Compile(t, c.typ, u), c.in, nil)
			v, err := strconv.ParseFloat(out, 64)
			if err != nil || out == c.in || v < c.never {
				t.Fatalf("%s became %s: %v", c.in, out, err)
			}
			low, high = min(low, v), max(high, v)
		}
		if low > c.below || high < c.most {
			t.Errorf("%s of %s became numbers from %v to %v only", c.in, c.typ.Name, low, high)
		}
	}
}

// If noise always added the same number, everybody could subtract this number. The test counts how many values move by
// the same number.
func TestP4NoConstantUndoesNoiseOnSmallIntegers(t *testing.T) {
	tr := transformtest.Compile(t, transformtest.Int4, transform.Use{Treatment: "noise", Params: transform.Params{"ratio": 0.1}})
	moves := map[int]int{}
	for v := range 30 {
		out, err := strconv.Atoi(transformtest.Run(t, tr, strconv.Itoa(v), nil))
		if err != nil {
			t.Fatal(err)
		}
		moves[out-v]++
	}
	for by, n := range moves {
		if n > 15 {
			t.Errorf("%d of 30 values moved by %d", n, by)
		}
	}
}

func TestP4AmountOfTimesHasRoom(t *testing.T) {
	for amount, typ := range map[string]catalog.Type{"2d": transformtest.Date, "1d": transformtest.Date, "2s": transformtest.Stamp} {
		_, err := library.Check(transformtest.Column(typ), transform.Use{Treatment: "noise", Params: transform.Params{"amount": amount}})
		var pe *transform.ParamError
		if !errors.As(err, &pe) || pe.Param != "amount" {
			t.Errorf("%s of %s: %v", amount, typ.Name, err)
		}
	}
}
