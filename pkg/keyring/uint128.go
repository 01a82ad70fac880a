package keyring

import (
	"encoding/binary"
	"math/bits"
)

// uint128 is half of a numeral string, as a number. Few halves need more than 128 bits. The type math/big.Int would
// hold every half, but it allocates memory.
type uint128 struct{ hi, lo uint64 }

// power returns radix^n. If the number needs more than 128 bits, the result ok is false.
func power(radix uint64, n int) (p uint128, ok bool) {
	p = uint128{lo: 1}
	for range n {
		h, l := bits.Mul64(p.hi, radix)
		if h != 0 {
			return uint128{}, false
		}
		carry, lo := bits.Mul64(p.lo, radix)
		hi, over := bits.Add64(l, carry, 0)
		if over != 0 {
			return uint128{}, false
		}
		p = uint128{hi, lo}
	}
	return p, true
}

// push returns p·radix + digit. The caller makes sure that the result fits.
func (p uint128) push(radix, digit uint64) uint128 {
	if hi, lo := bits.Mul64(p.lo, radix); p.hi|hi == 0 {
		lo, over := bits.Add64(lo, digit, 0)
		return uint128{over, lo}
	}
	hi, lo := bits.Mul64(p.lo, radix)
	lo, over := bits.Add64(lo, digit, 0)
	return uint128{p.hi*radix + hi + over, lo}
}

// pop returns p divided by radix, and the remainder.
func (p uint128) pop(radix uint64) (q uint128, digit uint64) {
	if p.hi == 0 {
		return uint128{lo: p.lo / radix}, p.lo % radix
	}
	q.hi, digit = p.hi/radix, p.hi%radix
	q.lo, digit = bits.Div64(digit, p.lo, radix)
	return q, digit
}

// addMod returns (p + q) mod m, for p, q < m.
func (p uint128) addMod(q, m uint128) uint128 {
	lo, c := bits.Add64(p.lo, q.lo, 0)
	hi, c := bits.Add64(p.hi, q.hi, c)
	if c == 0 && (hi < m.hi || hi == m.hi && lo < m.lo) {
		return uint128{hi, lo}
	}
	lo, c = bits.Sub64(lo, m.lo, 0)
	hi, _ = bits.Sub64(hi, m.hi, c)
	return uint128{hi, lo}
}

// put writes p to b as a big-endian number, with leading zeros. The caller makes sure that it fits.
func (p uint128) put(b []byte) {
	hi, lo := p.hi, p.lo
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte(lo)
		hi, lo = hi>>8, lo>>8|hi<<56
	}
}

// residue returns y modulo m. y is a big-endian number of at most 24 bytes.
func residue(y []byte, m uint128) uint128 {
	var wide [24]byte
	copy(wide[24-len(y):], y)
	y2, y1, y0 := binary.BigEndian.Uint64(wide[:8]), binary.BigEndian.Uint64(wide[8:16]), binary.BigEndian.Uint64(wide[16:])
	if m.hi == 0 {
		r := y2 % m.lo
		_, r = bits.Div64(r, y1, m.lo)
		_, r = bits.Div64(r, y0, m.lo)
		return uint128{lo: r}
	}
	// Knuth's algorithm D (The Art of Computer Programming, volume 2, 4.3.1) with 64-bit digits. Both numbers are scaled
	// so that m's first bit is set. Two steps reduce four digits to two.
	s := uint(bits.LeadingZeros64(m.hi))
	d := uint128{m.hi<<s | m.lo>>(64-s), m.lo << s}
	r := uint128{y2 >> (64 - s), y2<<s | y1>>(64-s)}
	r = remainder(r, y1<<s|y0>>(64-s), d)
	r = remainder(r, y0<<s, d)
	return uint128{r.hi >> s, r.lo>>s | r.hi<<(64-s)}
}

// remainder returns (r·2^64 + low) mod d, for r < d and d ≥ 2^127.
func remainder(r uint128, low uint64, d uint128) uint128 {
	q := ^uint64(0)
	if r.hi < d.hi {
		q, _ = bits.Div64(r.hi, r.lo, d.hi)
	}
	h0, p0 := bits.Mul64(q, d.lo)
	h1, p1 := bits.Mul64(q, d.hi)
	p1, c := bits.Add64(p1, h0, 0)
	p2 := h1 + c
	x0, c := bits.Sub64(low, p0, 0)
	x1, c := bits.Sub64(r.lo, p1, c)
	x2, below := bits.Sub64(r.hi, p2, c)
	for below != 0 { // the estimate was too large, by at most two
		x0, c = bits.Add64(x0, d.lo, 0)
		x1, c = bits.Add64(x1, d.hi, c)
		x2, c = bits.Add64(x2, 0, c)
		below -= c
	}
	return uint128{x1, x0}
}
