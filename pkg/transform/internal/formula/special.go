package formula

import (
	"cmp"
	"math/big"
)

// special is a number that is not finite. The order of the constants is the order in which PostgreSQL sorts: -Infinity
// below all numbers, NaN above all numbers and above Infinity, and NaN equal to NaN.
type special int8

const (
	minusInfinity special = iota - 1
	finite
	plusInfinity
	notANumber
)

func (s special) String() string {
	return [...]string{"-Infinity", "", "Infinity", "NaN"}[s+1]
}

// specialOf returns the special number that has this text in PostgreSQL, or finite.
func specialOf(text []byte) special {
	switch string(text) {
	case "-Infinity":
		return minusInfinity
	case "Infinity":
		return plusInfinity
	case "NaN":
		return notANumber
	}
	return finite
}

// neg returns the special number with the other sign. NaN has no sign.
func (s special) neg() special {
	if s == notANumber {
		return s
	}
	return -s
}

// sign returns the sign of a number that is not NaN.
func (x *Exact) sign() special {
	if x.special != finite {
		return x.special
	}
	return special(x.Coef.Sign())
}

// compare orders two numbers as PostgreSQL does. It changes them to one scale if both are finite.
func (x *Exact) compare(y *Exact) int {
	if x.special != finite || y.special != finite {
		return cmp.Compare(x.special, y.special)
	}
	align(x, y)
	return x.Coef.Cmp(&y.Coef)
}

// calculateSpecial sets x to a op b. At least one of a and b is special. The results are those of PostgreSQL's numeric.
// ok is false if an infinity is divided by zero, with / or with %.
func (x *Exact) calculateSpecial(op byte, a, b *Exact) (ok bool) {
	x.Coef.SetInt64(0)
	x.scale, x.special = 0, finite
	if a.special == notANumber || b.special == notANumber {
		x.special = notANumber
		return true
	}
	switch op {
	case '+':
		x.special = sum(a.special, b.special)
	case '-':
		x.special = sum(a.special, -b.special)
	case '*':
		if x.special = a.sign() * b.sign(); x.special == finite {
			x.special = notANumber // an infinity times zero
		}
	case '/':
		switch {
		case b.sign() == 0:
			return false
		case a.special != finite && b.special != finite:
			x.special = notANumber
		case a.special != finite:
			x.special = a.special * b.sign()
		} // a finite number divided by an infinity is zero
	case '%':
		switch {
		case b.sign() == 0:
			return false
		case a.special != finite:
			x.special = notANumber
		default:
			x.Set(a)
		}
	}
	return true
}

// sum adds two numbers. At least one of them is an infinity.
func sum(a, b special) special {
	switch {
	case a == finite:
		return b
	case b == finite || a == b:
		return a
	}
	return notANumber
}

// Fit rounds x to the scale and limits it to the given number of digits. An infinity, or a number with more digits,
// becomes the nearest number that fits. NaN stays.
func (x *Exact) Fit(digits, scale int) {
	x.Round(scale)
	if x.special == notANumber {
		return
	}
	most := x.Pow10(digits)
	if x.special == finite && x.Coef.CmpAbs(most) < 0 {
		return
	}
	negative := x.sign() < 0
	x.Coef.Sub(most, big.NewInt(1))
	x.scale, x.special = scale, finite
	if negative {
		x.neg()
	}
}

// Whole rounds x to a whole number, and returns it limited to lo and hi. ok is false for NaN.
func (x *Exact) Whole(lo, hi int64) (n int64, ok bool) {
	x.Round(0)
	switch {
	case x.special == notANumber:
		return 0, false
	case x.special == finite && x.Coef.IsInt64():
		return min(max(x.Coef.Int64(), lo), hi), true
	case x.sign() < 0:
		return lo, true
	}
	return hi, true
}
