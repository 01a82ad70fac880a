package token

import (
	"math"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
)

// permutedDecimals permutes the numbers of a type without a fixed number of decimals. A result has as many decimals as
// its value, without zeros at the end. So 1.5 and 1.50 are one value. Numbers with the same number of decimals are
// permuted among themselves. A whole number gets the same result as in a column of integers.
//
// A number with decimals is read as its distance from the lower end of the range. The digits of this distance are
// permuted again and again, until two conditions hold: the distance is within the range, and its last digit is not
// zero.
type permutedDecimals struct {
	whole  permuted
	digits int // number of digits of a distance before the decimal point
	perm   transform.Numerals
	x      []uint16 // scratch memory
}

func newPermutedDecimals(whole permuted, perm transform.Numerals) *permutedDecimals {
	p := &permutedDecimals{whole: whole, perm: perm, digits: 1}
	for most := p.whole.n - 1; most >= 10; most /= 10 {
		p.digits++
	}
	return p
}

func (p *permutedDecimals) Append(dst, in []byte, _ *transform.Seed) ([]byte, error) {
	f, ok := decimal.Parse(in)
	if !ok {
		return dst, errNotInteger()
	}
	w, cut, _, ok := f.Units(0)
	if !ok {
		return dst, errOutOfRange()
	}
	if !cut {
		if f.Negative {
			w = -w
		}
		return p.whole.append(dst, w)
	}
	if !p.read(&f, w) {
		return dst, errOutOfRange()
	}
	for again := true; again; again = p.distance() >= p.whole.n-1 || p.x[len(p.x)-1] == 0 {
		p.perm.Apply(p.x)
	}
	return p.write(dst), nil
}

// read sets x to the digits of the distance of a number from the lower end of the range. The number has the whole part
// w and decimals. read returns false if the number is outside the range.
func (p *permutedDecimals) read(f *decimal.Figure, w int64) bool {
	if f.Negative {
		w = -w - 1 // the whole number below
	}
	above := uint64(w) - uint64(p.whole.lo)
	if w < p.whole.lo || above >= p.whole.n-1 {
		return false
	}
	p.x = p.x[:0]
	for range p.digits {
		p.x = append(p.x, 0)
	}
	for i := p.digits - 1; i >= 0; i-- {
		p.x[i], above = uint16(above%10), above/10
	}
	for i := len(f.Whole) + f.Exp; i < len(f.Whole)+len(f.Frac); i++ {
		digit := byte('0')
		if i >= 0 {
			digit = f.Digit(i)
		}
		p.x = append(p.x, uint16(digit-'0'))
	}
	for p.x[len(p.x)-1] == 0 {
		p.x = p.x[:len(p.x)-1]
	}
	if f.Negative {
		p.complement()
	}
	return true
}

// complement replaces the decimals d in x by 1-d. The last digit is not zero before the call, and not zero after it.
func (p *permutedDecimals) complement() {
	last := len(p.x) - 1
	for i := p.digits; i < last; i++ {
		p.x[i] = 9 - p.x[i]
	}
	p.x[last] = 10 - p.x[last]
}

// distance returns the whole part of the distance in x.
func (p *permutedDecimals) distance() (above uint64) {
	for _, d := range p.x[:p.digits] {
		if above > (math.MaxUint64-uint64(d))/10 {
			return math.MaxUint64
		}
		above = above*10 + uint64(d)
	}
	return above
}

// write appends the number whose distance from the lower end of the range is in x.
func (p *permutedDecimals) write(dst []byte) []byte {
	w := int64(uint64(p.whole.lo) + p.distance())
	if w < 0 {
		w = -(w + 1)
		p.complement()
		dst = append(dst, '-')
	}
	dst = append(decimal.AppendInt(dst, w), '.')
	for _, d := range p.x[p.digits:] {
		dst = append(dst, '0'+byte(d))
	}
	return dst
}
