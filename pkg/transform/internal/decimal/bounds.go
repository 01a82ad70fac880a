package decimal

import "math"

// Bounds are the smallest and the largest number that the CHECK constraints of a column allow.
type Bounds struct{ least, most *Figure }

// ParseBounds reads bounds. The text "" means that there is no bound.
func ParseBounds(least, most string) (b Bounds) {
	if f, ok := Parse([]byte(least)); ok {
		b.least = &f
	}
	if f, ok := Parse([]byte(most)); ok {
		b.most = &f
	}
	return b
}

// Steps returns the bounds in steps of 10^-scale. In place of a bound that is missing or does not fit int64, it returns
// the smallest or the largest int64.
func (b Bounds) Steps(scale int) (lo, hi int64) {
	lo, hi = math.MinInt64, math.MaxInt64
	if b.least != nil {
		if v, ok := b.least.steps(scale, !b.least.Negative); ok {
			lo = v
		}
	}
	if b.most != nil {
		if v, ok := b.most.steps(scale, b.most.Negative); ok {
			hi = v
		}
	}
	return lo, hi
}

// steps returns the number in steps of 10^-scale. If the number is between two steps, the argument away decides. If
// away is true, the result is the step farther from zero. Otherwise the result is the step nearer to zero.
func (f *Figure) steps(scale int, away bool) (int64, bool) {
	v, cut, _, ok := f.Units(scale)
	if cut && away {
		v++
	}
	if f.Negative {
		v = -v
	}
	return v, ok
}
