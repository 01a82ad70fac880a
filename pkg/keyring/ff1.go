package keyring

import (
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"math/big"
)

const (
	// minDomain is the smallest number of strings that FF1 may permute (SP 800-38G revision 1, requirement for FF1).
	minDomain = 1_000_000
	// maxRadix is the largest radix of FF1 (SP 800-38G, section 5.2).
	maxRadix = 1 << 16
	// rounds is the number of rounds of the Feistel network.
	rounds = 10
)

// ff1 is FF1 of NIST SP 800-38G, for the numeral strings of one radix and length, with one key and one tweak. Only
// one goroutine may use it. It does not allocate if half a string fits into 128 bits.
//
// newFF1 computes everything that does not depend on the string: the moduli, and the CBC-MAC over the block P and over
// the first blocks of Q.
type ff1 struct {
	block cipher.Block
	radix uint64
	u, v  int // number of numerals in the left and in the right half
	b     int // number of bytes of a half as a number
	d     int // number of bytes of a round's output

	state [16]byte // the MAC over P and the first blocks of Q
	tail  []byte   // the other blocks of Q: the end of the tweak or padding, the round number, a half
	s     []byte   // a round's output, in whole blocks

	modU, modV uint128  // radix^u and radix^v, if they fit into 128 bits
	bigU, bigV *big.Int // radix^u and radix^v otherwise, or nil
}

func newFF1(block cipher.Block, radix uint64, n int, tweak []byte) *ff1 {
	f := &ff1{block: block, radix: radix, u: n / 2, v: n - n/2}
	bigRadix := new(big.Int).SetUint64(radix)
	f.bigU = new(big.Int).Exp(bigRadix, big.NewInt(int64(f.u)), nil)
	f.bigV = new(big.Int).Exp(bigRadix, big.NewInt(int64(f.v)), nil)
	if radix < 2 || radix > maxRadix || n < 2 || new(big.Int).Mul(f.bigU, f.bigV).Cmp(big.NewInt(minDomain)) < 0 {
		panic("keyring: FF1 permutes a million strings or more, over a radix from 2 to 2^16")
	}
	f.b = (new(big.Int).Sub(f.bigV, big.NewInt(1)).BitLen() + 7) / 8
	f.d = 4*((f.b+3)/4) + 4
	if small, ok := power(radix, f.v); ok {
		f.modV = small
		f.modU, _ = power(radix, f.u)
		f.bigU, f.bigV = nil, nil
	}
	f.s = make([]byte, (f.d+15)/16*16)
	f.begin(n, tweak)
	return f
}

// begin computes the MAC over P and the constant blocks of Q.
func (f *ff1) begin(n int, tweak []byte) {
	p := []byte{1, 2, 1, byte(f.radix >> 16), byte(f.radix >> 8), byte(f.radix), rounds, byte(f.u)}
	p = binary.BigEndian.AppendUint32(p, uint32(n))
	p = binary.BigEndian.AppendUint32(p, uint32(len(tweak)))
	q := append([]byte(nil), tweak...)
	q = append(q, make([]byte, 15-(len(tweak)+f.b)%16)...)
	q = append(q, make([]byte, 1+f.b)...)
	constant := len(q) - (f.b+16)/16*16
	f.mac(p)
	f.mac(q[:constant])
	f.tail = q[constant:]
}

func (f *ff1) mac(blocks []byte) {
	for ; len(blocks) > 0; blocks = blocks[16:] {
		subtle.XORBytes(f.state[:], f.state[:], blocks[:16])
		f.block.Encrypt(f.state[:], f.state[:])
	}
}

// round computes a round's output and writes it into s. Before the call, the caller must write the half into the
// tail.
func (f *ff1) round(i int) {
	f.tail[len(f.tail)-f.b-1] = byte(i)
	r := f.s[:16]
	copy(r, f.state[:])
	for at := 0; at < len(f.tail); at += 16 {
		subtle.XORBytes(r, r, f.tail[at:at+16])
		f.block.Encrypt(r, r)
	}
	for j := 1; 16*j < len(f.s); j++ {
		more := f.s[16*j : 16*j+16]
		copy(more, r)
		binary.BigEndian.PutUint64(more[8:], binary.BigEndian.Uint64(more[8:])^uint64(j))
		f.block.Encrypt(more, more)
	}
}

// half returns the bytes of the tail that hold a half as a number.
func (f *ff1) half() []byte { return f.tail[len(f.tail)-f.b:] }

// halves encrypts a string that is given as two halves.
func (f *ff1) halves(a, b uint128) (uint128, uint128) {
	for i := range rounds {
		b.put(f.half())
		f.round(i)
		m := f.modU
		if i%2 == 1 {
			m = f.modV
		}
		a, b = b, a.addMod(residue(f.s[:f.d], m), m)
	}
	return a, b
}

// encrypt encrypts the numerals in x, in place. The length of x must be the length that f was made for, and each
// numeral must be below the radix.
func (f *ff1) encrypt(x []uint16) {
	if f.bigV != nil {
		f.encryptBig(x)
		return
	}
	a, b := f.halves(f.number(x[:f.u]), f.number(x[f.u:]))
	f.numerals(x[:f.u], a)
	f.numerals(x[f.u:], b)
}

func (f *ff1) number(x []uint16) (n uint128) {
	for _, digit := range x {
		n = n.push(f.radix, uint64(digit))
	}
	return n
}

func (f *ff1) numerals(x []uint16, n uint128) {
	for i := len(x) - 1; i >= 0; i-- {
		var digit uint64
		n, digit = n.pop(f.radix)
		x[i] = uint16(digit)
	}
}

// encryptBig is like encrypt, for halves of more than 128 bits. It allocates.
func (f *ff1) encryptBig(x []uint16) {
	a, b := f.bigNumber(x[:f.u]), f.bigNumber(x[f.u:])
	for i := range rounds {
		b.FillBytes(f.half())
		f.round(i)
		m := f.bigU
		if i%2 == 1 {
			m = f.bigV
		}
		c := new(big.Int).SetBytes(f.s[:f.d])
		a, b = b, c.Mod(c.Add(c, a), m)
	}
	f.bigNumerals(x[:f.u], a)
	f.bigNumerals(x[f.u:], b)
}

func (f *ff1) bigNumber(x []uint16) *big.Int {
	n, radix, digit := new(big.Int), new(big.Int).SetUint64(f.radix), new(big.Int)
	for _, d := range x {
		n.Add(n.Mul(n, radix), digit.SetUint64(uint64(d)))
	}
	return n
}

func (f *ff1) bigNumerals(x []uint16, n *big.Int) {
	radix, digit := new(big.Int).SetUint64(f.radix), new(big.Int)
	for i := len(x) - 1; i >= 0; i-- {
		n.DivMod(n, radix, digit)
		x[i] = uint16(digit.Uint64())
	}
}
