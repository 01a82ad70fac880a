// Package decimal reads and writes numbers as PostgreSQL prints them. It works digit by digit. Reading or writing a
// number does not allocate.
package decimal

import (
	"math"
	"strconv"

	"github.com/masker-project/masker/pkg/transform"
)

// Figure is a number as PostgreSQL prints it. Its digits alias the text.
type Figure struct {
	Negative    bool
	Whole, Frac []byte
	Exp         int // only for floats: the number is multiplied by 10^Exp
	ExpText     []byte
}

// Parse reads numbers such as -12.50 and 1.5e+20. It does not accept NaN or Infinity.
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

// DigitsAt returns the number of digits at the start of a text.
func DigitsAt(b []byte) int {
	n := 0
	for n < len(b) && '0' <= b[n] && b[n] <= '9' {
		n++
	}
	return n
}

// Digit returns digit i, counted from the left of the whole part. It returns '0' after the last digit.
func (d *Figure) Digit(i int) byte {
	switch {
	case i < len(d.Whole):
		return d.Whole[i]
	case i < len(d.Whole)+len(d.Frac):
		return d.Frac[i-len(d.Whole)]
	}
	return '0'
}

// Units returns the absolute value in steps of 10^-scale, rounded down. cut is true if the rounding removed a digit
// other than zero. half is true if the rounding removed at least half a step. ok is false if the result does not fit 63
// bits.
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

// AppendUnits appends v steps of 10^-scale with scale decimals, and adds zeros up to pad decimals. If pad < 0, it
// removes the trailing zeros instead, because PostgreSQL prints floats without them.
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

// AppendPointed appends a number: the digits, and then zeros. The argument more is the number of these zeros. The
// argument decimals is the number of digits after the decimal point. If there are too few digits, zeros precede them.
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

// Fixed is a number in a rule. Its value is Steps × 10^-Scale.
type Fixed struct {
	Steps int64
	Scale int
}

// At returns the number in steps of 10^-scale. The scale must be at least f.Scale. ok is false on overflow.
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

// ErrNotNumber returns the error for a value that is not a finite number. It stops the refresh.
func ErrNotNumber() error {
	return &transform.Error{Code: "not-a-number", Text: "the value is NaN, infinite or not a number; use null or constant for this column"}
}

// ErrTooLarge returns the error for a value or result that does not fit. It stops the refresh.
func ErrTooLarge() error {
	return &transform.Error{Code: "number-out-of-range", Text: "the value or its result is too large or too small for the treatment or the column's type; use null or constant for this column"}
}
