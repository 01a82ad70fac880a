// Package decimal reads and writes numbers as PostgreSQL prints them, digit by digit, without allocating.
package decimal

import (
	"math"
	"strconv"

	"github.com/masker-project/masker/pkg/transform"
)

// Figure is a number as PostgreSQL prints it; its digits alias the text.
type Figure struct {
	Negative    bool
	Whole, Frac []byte
	Exp         int // of floats: times 10^exp
	ExpText     []byte
}

// Parse reads -12.50 and 1.5e+20, but neither NaN nor Infinity.
func Parse(b []byte) (d Figure, ok bool) {
	if len(b) > 0 && b[0] == '-' {
		d.Negative, b = true, b[1:]
	}
	n := DigitsAt(b)
	d.Whole, b = b[:n], b[n:]
	ok = n > 0
	if len(b) > 0 && b[0] == '.' {
		n = DigitsAt(b[1:])
		d.Frac, b = b[1:1+n], b[1+n:]
		ok = ok && n > 0
	}
	if len(b) > 1 && (b[0] == 'e' || b[0] == 'E') {
		d.ExpText = b
		minus := b[1] == '-'
		if b = b[1:]; b[0] == '-' || b[0] == '+' {
			b = b[1:]
		}
		n = DigitsAt(b)
		ok = ok && 0 < n && n <= 4
		if ok {
			v, _ := ParseWhole(b[:n])
			d.Exp = int(v)
		}
		if minus {
			d.Exp = -d.Exp
		}
		b = b[n:]
	}
	return d, ok && len(b) == 0
}

// DigitsAt counts the digits that a text begins with.
func DigitsAt(b []byte) int {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}

// Digit is the i-th one, counted from the left of the whole part; zero beyond the last.
func (d *Figure) Digit(i int) byte {
	switch {
	case i < len(d.Whole):
		return d.Whole[i]
	case i < len(d.Whole)+len(d.Frac):
		return d.Frac[i-len(d.Whole)]
	}
	return '0'
}

// Units is the magnitude in steps of 10^-scale, cut to a whole number, and what was cut: whether anything but
// zeros, and whether it was at least a half. ok is false where it does not fit 63 bits.
func (d *Figure) Units(scale int) (u int64, cut, half, ok bool) {
	point, all := len(d.Whole)+d.Exp+scale, len(d.Whole)+len(d.Frac)
	for i := range point {
		if i >= all && u == 0 {
			break
		}
		v := int64(d.Digit(i) - '0')
		if u > (math.MaxInt64-v)/10 {
			return 0, false, false, false
		}
		u = u*10 + v
	}
	for i := max(point, 0); i < all && !cut; i++ {
		cut = d.Digit(i) != '0'
	}
	return u, cut, point >= 0 && d.Digit(point) >= '5', true
}

// AppendUnits writes v steps of 10^-scale with that many decimals, then zeros up to pad decimals; pad < 0 drops
// the zeros at the end instead, as floats are printed.
func AppendUnits(dst []byte, v int64, scale, pad int) []byte {
	u := uint64(v)
	if v < 0 {
		dst = append(dst, '-')
		u = -u
	}
	for pad < 0 && scale > 0 && u%10 == 0 {
		u /= 10
		scale--
	}
	var buf [20]byte
	digits := strconv.AppendUint(buf[:0], u, 10)
	dst = AppendPointed(dst, digits, 0, scale)
	if scale == 0 && pad > 0 {
		dst = append(dst, '.')
	}
	for range pad - scale {
		dst = append(dst, '0')
	}
	return dst
}

// AppendPointed writes digits, and `more` zeros after them, with the decimal point `decimals` from the right.
func AppendPointed(dst, digits []byte, more, decimals int) []byte {
	for range decimals + 1 - len(digits) - more {
		dst = append(dst, '0')
	}
	dst = append(dst, digits...)
	for range more {
		dst = append(dst, '0')
	}
	if decimals > 0 {
		at := len(dst) - decimals
		dst = append(dst, 0)
		copy(dst[at+1:], dst[at:])
		dst[at] = '.'
	}
	return dst
}

// Fixed is a rule's number: v steps of 10^-scale.
type Fixed struct {
	Steps int64
	Scale int
}

// At is the number in steps of 10^-scale, a scale no coarser than its own.
func (f Fixed) At(scale int) (int64, bool) {
	v := f.Steps
	for range scale - f.Scale {
		if v > math.MaxInt64/10 || v < math.MinInt64/10 {
			return 0, false
		}
		v *= 10
	}
	return v, true
}

// ErrNotNumber stops a refresh at a value that is no finite number.
func ErrNotNumber() error {
	return &transform.Error{Code: "not-a-number", Text: "the value is NaN, infinite or no number, which has no place on a scale; use null or constant for such a column"}
}

// ErrTooLarge stops a refresh at a value or result that does not fit.
func ErrTooLarge() error {
	return &transform.Error{Code: "number-out-of-range", Text: "the value or its result is too large or too small for the treatment or the column's type; use null or constant for such a column"}
}
