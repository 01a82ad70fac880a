package transform

import (
	"fmt"
	"math"
	"strconv"
)

// decimal reads a number with up to 9 decimals, written as a number or as a text.
func (a *args) decimal(name string) fixedPoint {
	f, ok := asFixedPoint(a.value(name))
	if !ok {
		a.fail(name, "wants a number of at most 9 decimals and 18 digits")
	}
	return f
}

func asFixedPoint(v any) (fixedPoint, bool) {
	var text string
	switch n := v.(type) {
	case string:
		text = n
	case float64:
		text = strconv.FormatFloat(n, 'f', -1, 64)
	default:
		whole, ok := asInt(v)
		if !ok || whole > 1e18 || whole < -1e18 {
			return fixedPoint{}, false
		}
		return fixedPoint{v: whole}, true
	}
	d, ok := parseDecimal([]byte(text))
	for len(d.frac) > 0 && d.frac[len(d.frac)-1] == '0' {
		d.frac = d.frac[:len(d.frac)-1]
	}
	if !ok || d.exp != 0 || len(d.frac) > 9 {
		return fixedPoint{}, false
	}
	u, _, _, ok := d.units(len(d.frac))
	if d.negative {
		u = -u
	}
	return fixedPoint{u, len(d.frac)}, ok && u <= 1e18 && u >= -1e18
}

// days reads two days up to the year 9999, both included.
func (a *args) days(name string) (first, last int64) {
	list, _ := a.value(name).([]any)
	var days []int64
	for _, v := range list {
		m, ok := parseMoment([]byte(fmt.Sprint(v)))
		if ok && len(m.rest) == 0 && !m.bc {
			days = append(days, m.day)
		}
	}
	if len(list) != 2 || len(days) != 2 || days[0] >= days[1] || days[1] > daysFrom(9999, 12, 31) {
		a.fail(name, "wants two days up to the year 9999, the earlier first, both included: [1940-01-01, 2004-12-31]")
		return 0, 0
	}
	return days[0], days[1]
}

func asFloat(v any) (float64, bool) {
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
