package treatment

import (
	"fmt"
	"math"
	"strconv"

	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

// Decimal returns a number with up to 9 decimals. The rule may write it as a number or as a text.
func (a *Args) Decimal(name string) decimal.Fixed {
	f, ok := AsFixedPoint(a.Value(name))
	if !ok {
		a.Fail(name, "must be a number of at most 9 decimals and 18 digits")
	}
	return f
}

// AsFixedPoint reads a number from a rule. It may have at most 9 decimals and 18 digits.
func AsFixedPoint(v any) (decimal.Fixed, bool) {
	var text string
	switch n := v.(type) {
	case string:
		text = n
	case float64:
		text = strconv.FormatFloat(n, 'f', -1, 64)
	default:
		whole, ok := asInt(v)
		if !ok || whole > 1e18 || whole < -1e18 {
			return decimal.Fixed{}, false
		}
		return decimal.Fixed{Steps: whole}, true
	}
	d, ok := decimal.Parse([]byte(text))
	for len(d.Frac) > 0 && d.Frac[len(d.Frac)-1] == '0' {
		d.Frac = d.Frac[:len(d.Frac)-1]
	}
	if !ok || d.Exp != 0 || len(d.Frac) > 9 {
		return decimal.Fixed{}, false
	}
	u, _, _, ok := d.Units(len(d.Frac))
	if d.Negative {
		u = -u
	}
	return decimal.Fixed{Steps: u, Scale: len(d.Frac)}, ok && u <= 1e18 && u >= -1e18
}

// Days returns the first and the last day of a range. Both days belong to the range. The last day is in the year 9999
// or earlier.
func (a *Args) Days(name string) (first, last int64) {
	list, _ := a.Value(name).([]any)
	var days []int64
	for _, v := range list {
		m, ok := moment.Parse([]byte(fmt.Sprint(v)))
		if ok && len(m.Rest) == 0 && !m.BC {
			days = append(days, m.Day)
		}
	}
	if len(list) != 2 || len(days) != 2 || days[0] >= days[1] || days[1] > moment.DaysFrom(9999, 12, 31) {
		a.Fail(name, "must be two days up to the year 9999, the earlier first, both included: [1940-01-01, 2004-12-31]")
		return 0, 0
	}
	return days[0], days[1]
}

// AsFloat reads a finite number from a rule.
func AsFloat(v any) (float64, bool) {
	if f, ok := v.(float64); ok {
		return f, !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	n, ok := asInt(v)
	return float64(n), ok
}

func asInt(v any) (int64, bool) {
	switch n := v.(type) {
	case int:
		return int64(n), true
	case int64:
		return n, true
	case uint64:
		return int64(n), n <= math.MaxInt64
	case float64:
		return int64(n), n == math.Trunc(n) && math.Abs(n) < 1<<53
	}
	return 0, false
}
