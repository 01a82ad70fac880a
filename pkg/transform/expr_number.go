package transform

import (
	"bytes"
	"math/big"
	"strconv"
)

// exact is a decimal number: coef / 10^scale. It is calculated with exactly, as PostgreSQL does with
// numeric. Its storage is reused, so that ordinary numbers allocate nothing.
type exact struct {
	coef  big.Int
	scale int // ≥ 0

	power, rest, result big.Int // scratch: an operand that is its own result would cost an allocation
}

// maxExactDigits bounds what a hostile number may cost; PostgreSQL's numeric can be longer, money is not.
const maxExactDigits = 1000

// parse reads the text of an integer, numeric or float. NaN and infinities are not numbers here.
func (x *exact) parse(b []byte) bool {
	b, exponent, ok := cutExponent(b)
	whole, fraction, _ := bytes.Cut(b, []byte{'.'})
	negative := len(whole) > 0 && whole[0] == '-'
	if negative {
		whole = whole[1:]
	}
	if !ok || !allDigits(whole) || !allDigits(fraction) || len(whole)+len(fraction) == 0 || len(whole)+len(fraction) > maxExactDigits {
		return false
	}
	if len(whole)+len(fraction) <= 18 {
		n := int64(0)
		for _, part := range [2][]byte{whole, fraction} {
			for _, c := range part {
				n = n*10 + int64(c-'0')
			}
		}
		x.coef.SetInt64(n)
	} else if _, ok := x.coef.SetString(string(whole)+string(fraction), 10); !ok {
		return false
	}
	if negative {
		x.coef.Neg(&x.coef)
	}
	x.scale = len(fraction) - exponent
	if x.scale < 0 {
		x.raise(-x.scale)
		x.scale = 0
	}
	return true
}

// cutExponent cuts e+20 off.
func cutExponent(b []byte) (mantissa []byte, exponent int, ok bool) {
	i := bytes.IndexAny(b, "eE")
	if i < 0 {
		return b, 0, true
	}
	exponent, err := strconv.Atoi(string(b[i+1:]))
	return b[:i], exponent, err == nil && exponent <= maxExactDigits && exponent >= -maxExactDigits
}

func allDigits(b []byte) bool {
	for _, c := range b {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// pow10 is 10^n, in x's scratch.
func (x *exact) pow10(n int) *big.Int {
	if n <= 18 {
		p := int64(1)
		for range n {
			p *= 10
		}
		return x.power.SetInt64(p)
	}
	return x.power.Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// set copies y.
func (x *exact) set(y *exact) {
	x.coef.Set(&y.coef)
	x.scale = y.scale
}

// raise multiplies the coefficient by 10^n.
func (x *exact) raise(n int) {
	x.result.Mul(&x.coef, x.pow10(n))
	x.coef.Set(&x.result)
}

// widen gives x a larger scale.
func (x *exact) widen(scale int) {
	if scale > x.scale {
		x.raise(scale - x.scale)
		x.scale = scale
	}
}

// round brings x to the scale, half away from zero as numeric does.
func (x *exact) round(scale int) {
	if scale >= x.scale {
		x.widen(scale)
		return
	}
	p := x.pow10(x.scale - max(scale, 0))
	x.result.QuoRem(&x.coef, p, &x.rest)
	x.coef.Set(&x.result)
	if x.rest.Lsh(&x.rest, 1).CmpAbs(p) >= 0 {
		x.coef.Add(&x.coef, x.power.SetInt64(int64(x.rest.Sign()))) // one further from zero
	}
	x.scale = max(scale, 0)
}

// floor is the largest whole number that is not above x.
func (x *exact) floor() {
	x.coef.Div(&x.coef, x.pow10(x.scale)) // Euclidean, which for a positive divisor rounds down
	x.scale = 0
}

func (x *exact) neg() { x.coef.Neg(&x.coef) }

// align gives a and b one scale, in place.
func align(a, b *exact) {
	a.widen(b.scale)
	b.widen(a.scale)
}

// maxQuotient is how many decimals a quotient has beyond its operands': past what any column keeps.
const maxQuotient = 20

// calculate sets x to a op b, both of which it may change. ok is false for a division by zero.
func (x *exact) calculate(op byte, a, b *exact) (ok bool) {
	switch op {
	case '+', '-', '%':
		align(a, b)
		x.scale = a.scale
	}
	switch op {
	case '+':
		x.coef.Add(&a.coef, &b.coef)
	case '-':
		x.coef.Sub(&a.coef, &b.coef)
	case '*':
		x.scale = a.scale + b.scale
		x.coef.Mul(&a.coef, &b.coef)
	case '%':
		if b.coef.Sign() == 0 {
			return false
		}
		x.coef.Rem(&a.coef, &b.coef)
	case '/':
		if b.coef.Sign() == 0 {
			return false
		}
		scale := max(a.scale, b.scale) + maxQuotient
		x.coef.Mul(&a.coef, x.pow10(scale+1+b.scale-a.scale)) // one more decimal to round by
		x.coef.Quo(&x.coef, &b.coef)
		x.scale = scale + 1
		x.round(scale)
	}
	return x.scale <= maxExactDigits && x.coef.BitLen() <= 4*maxExactDigits
}

// append writes x with all its decimals.
func (x *exact) append(dst []byte) []byte {
	if x.coef.Sign() < 0 {
		dst = append(dst, '-')
	}
	start := len(dst)
	if x.rest.Abs(&x.coef).IsUint64() { // package big allocates what it prints
		dst = strconv.AppendUint(dst, x.rest.Uint64(), 10)
	} else {
		dst = x.rest.Append(dst, 10)
	}
	if x.scale == 0 {
		return dst
	}
	for len(dst)-start <= x.scale {
		dst = append(dst, 0)
		copy(dst[start+1:], dst[start:])
		dst[start] = '0'
	}
	dot := len(dst) - x.scale
	dst = append(dst, 0)
	copy(dst[dot+1:], dst[dot:])
	dst[dot] = '.'
	return dst
}

// trim drops trailing zeros behind the point.
func (x *exact) trim() {
	for x.scale > 0 {
		x.result.QuoRem(&x.coef, x.pow10(1), &x.rest)
		if x.rest.Sign() != 0 {
			return
		}
		x.coef.Set(&x.result)
		x.scale--
	}
}
