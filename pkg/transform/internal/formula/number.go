package formula

import (
	"bytes"
	"math/big"
	"strconv"
)

// Exact is a decimal number: Coef / 10^scale. Its arithmetic is exact, except that quotients are rounded, as in
// PostgreSQL's numeric. An Exact reuses its storage, so that ordinary numbers do not allocate.
type Exact struct {
	Coef    big.Int
	scale   int     // ≥ 0
	special special // NaN or an infinity; Coef and scale have no meaning then

	power, rest, result big.Int // scratch memory; big.Int allocates if the result is also an operand
}

// maxExactDigits limits the cost of a number. PostgreSQL's numeric has at most 147,455 digits.
const maxExactDigits = 150_000

// parse reads the text of an integer, numeric or float.
func (x *Exact) parse(b []byte) bool {
	if x.special = specialOf(b); x.special != finite {
		return true
	}
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
		x.Coef.SetInt64(n)
	} else if _, ok := x.Coef.SetString(string(whole)+string(fraction), 10); !ok {
		return false
	}
	if negative {
		x.Coef.Neg(&x.Coef)
	}
	x.scale = len(fraction) - exponent
	if x.scale < 0 {
		x.raise(-x.scale)
		x.scale = 0
	}
	return true
}

// cutExponent cuts off an exponent such as e+20.
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

// Pow10 returns 10^n. The result is stored in x's scratch memory.
func (x *Exact) Pow10(n int) *big.Int {
	if n <= 18 {
		p := int64(1)
		for range n {
			p *= 10
		}
		return x.power.SetInt64(p)
	}
	return x.power.Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// Set copies y.
func (x *Exact) Set(y *Exact) {
	x.Coef.Set(&y.Coef)
	x.scale, x.special = y.scale, y.special
}

// raise multiplies the coefficient by 10^n.
func (x *Exact) raise(n int) {
	x.result.Mul(&x.Coef, x.Pow10(n))
	x.Coef.Set(&x.result)
}

// widen changes x to a larger scale.
func (x *Exact) widen(scale int) {
	if scale > x.scale {
		x.raise(scale - x.scale)
		x.scale = scale
	}
}

// Round rounds x to the scale. It rounds half away from zero, as PostgreSQL's numeric does.
func (x *Exact) Round(scale int) {
	if x.special != finite {
		return
	}
	if scale >= x.scale {
		x.widen(scale)
		return
	}
	p := x.Pow10(x.scale - max(scale, 0))
	x.result.QuoRem(&x.Coef, p, &x.rest)
	x.Coef.Set(&x.result)
	if x.rest.Lsh(&x.rest, 1).CmpAbs(p) >= 0 {
		x.Coef.Add(&x.Coef, x.power.SetInt64(int64(x.rest.Sign()))) // one step away from zero
	}
	x.scale = max(scale, 0)
}

// floor sets x to the largest whole number that is not above x.
func (x *Exact) floor() {
	if x.special != finite {
		return
	}
	x.Coef.Div(&x.Coef, x.Pow10(x.scale)) // Euclidean division, which rounds down for a positive divisor
	x.scale = 0
}

func (x *Exact) neg() {
	x.Coef.Neg(&x.Coef)
	x.special = x.special.neg()
}

// align changes a and b to the same scale.
func align(a, b *Exact) {
	a.widen(b.scale)
	b.widen(a.scale)
}

// maxQuotient is the number of decimals that a quotient has in addition to those of the operand with more decimals. Few
// columns hold more.
const maxQuotient = 20

// calculate sets x to a op b. It may change a and b. ok is false for a division by zero, and for a result with too many
// digits.
func (x *Exact) calculate(op byte, a, b *Exact) (ok bool) {
	if a.special != finite || b.special != finite {
		return x.calculateSpecial(op, a, b)
	}
	x.special = finite
	switch op {
	case '+', '-', '%':
		align(a, b)
		x.scale = a.scale
	}
	switch op {
	case '+':
		x.Coef.Add(&a.Coef, &b.Coef)
	case '-':
		x.Coef.Sub(&a.Coef, &b.Coef)
	case '*':
		x.scale = a.scale + b.scale
		x.Coef.Mul(&a.Coef, &b.Coef)
	case '%':
		if b.Coef.Sign() == 0 {
			return false
		}
		x.Coef.Rem(&a.Coef, &b.Coef)
	case '/':
		if b.Coef.Sign() == 0 {
			return false
		}
		scale := max(a.scale, b.scale) + maxQuotient
		x.Coef.Mul(&a.Coef, x.Pow10(scale+1+b.scale-a.scale)) // one more decimal, for rounding
		x.Coef.Quo(&x.Coef, &b.Coef)
		x.scale = scale + 1
		x.Round(scale)
	}
	return x.scale <= maxExactDigits && x.Coef.BitLen() <= 4*maxExactDigits
}

// Append appends x with all its decimals.
func (x *Exact) Append(dst []byte) []byte {
	if x.special != finite {
		return append(dst, x.special.String()...)
	}
	if x.Coef.Sign() < 0 {
		dst = append(dst, '-')
	}
	start := len(dst)
	if x.rest.Abs(&x.Coef).IsUint64() { // package big allocates when it prints
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

// Trim removes trailing zeros after the point.
func (x *Exact) Trim() {
	for x.special == finite && x.scale > 0 {
		x.result.QuoRem(&x.Coef, x.Pow10(1), &x.rest)
		if x.rest.Sign() != 0 {
			return
		}
		x.Coef.Set(&x.result)
		x.scale--
	}
}
