package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"math/bits"
	"sync"
)

// maxTable is the largest n for which a permutation of [0, n) uses a table. FF1 is too weak for fewer than a million
// numbers, and the largest table needs only 4 MB.
const maxTable = 1 << 20

// Permutation is a keyed bijection of [0, n). Only one goroutine may use it. It does not allocate.
type Permutation struct {
	n     uint64
	table []uint32 // shared between goroutines and read only. Nil if FF1 is used
	ff1   *ff1     // for strings of two or four numerals. There are n of these strings, or slightly more
}

// Apply returns the number that x is mapped to. x must be below n.
func (p *Permutation) Apply(x uint64) uint64 {
	if x >= p.n {
		panic("keyring: value outside the permutation's domain")
	}
	if p.table != nil {
		return uint64(p.table[x])
	}
	// Cycle walking: FF1 permutes [0, radix^length), which is slightly larger than [0, n). Apply repeats the step until
	// the result is below n. It needs less than 1.02 steps on average.
	for {
		if x = p.step(x); x < p.n {
			return x
		}
	}
}

// step encrypts x as a string of numerals. Both halves have the same length, and are numbers of at most 2^32.
func (p *Permutation) step(x uint64) uint64 {
	m := p.ff1.modV.lo
	a, b := p.ff1.halves(uint128{lo: x / m}, uint128{lo: x % m})
	return a.lo*m + b.lo
}

// newLarge makes the permutation of [0, n) for n above maxTable. It uses strings of two numerals, or of four if the
// radix would be above 2^16.
func newLarge(key []byte, n uint64) *Permutation {
	radix, length := ceilSqrt(n), 2
	if radix > maxRadix {
		radix, length = ceilSqrt(radix), 4
	}
	return &Permutation{n: n, ff1: newFF1(newBlock(key), radix, length, nil)}
}

func newBlock(key []byte) cipher.Block {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keyring: sub-keys are AES keys")
	}
	return block
}

// ceilSqrt returns the smallest a with a² ≥ n, for n ≥ 1. It is at most 2^32.
func ceilSqrt(n uint64) uint64 {
	lo, hi := uint64(1), uint64(1)<<32
	for lo < hi {
		mid := (lo + hi) / 2
		if h, l := bits.Mul64(mid, mid); h > 0 || l >= n {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
}

// Numerals is a keyed bijection of the strings over the numerals [0, radix), for each length. For a length with at
// most 2^20 strings, Numerals uses a table. For a larger length, it uses FF1. Only one goroutine may use a Numerals.
// It allocates memory for each new length, and for each string whose half does not fit into 128 bits.
type Numerals struct {
	keys   *Keys
	domain string
	radix  uint64
	block  cipher.Block
	small  [][]uint32   // tables by length, shared between goroutines and read only
	large  map[int]*ff1 // by length
}

// Numerals returns the keyed bijection of numeral strings of a domain. The radix must be from 2 to 2^16. The bijections
// of different radixes and lengths are unrelated, with one exception. If there are at most 2^20 strings, the bijection
// depends only on their number. It is then the same as the bijection of the method Permutation for this number.
func (k *Keys) Numerals(domain string, radix int) *Numerals {
	if radix < 2 || radix > maxRadix {
		panic("keyring: a radix is 2 to 2^16")
	}
	n := &Numerals{keys: k, domain: domain, radix: uint64(radix), large: map[int]*ff1{}}
	n.block = newBlock(k.ring.derive("numerals", k.environment, domain, n.radix))
	for strings := uint64(1); strings <= maxTable; strings *= n.radix {
		n.small = append(n.small, nil)
	}
	return n
}

// Apply replaces the numerals in x, in place. Each numeral must be below the radix. An empty string stays as it is.
func (n *Numerals) Apply(x []uint16) {
	for _, digit := range x {
		if uint64(digit) >= n.radix {
			panic("keyring: a numeral is below the radix")
		}
	}
	if len(x) < len(n.small) {
		n.applySmall(x)
		return
	}
	f := n.large[len(x)]
	if f == nil {
		f = newFF1(n.block, n.radix, len(x), nil)
		n.large[len(x)] = f
	}
	f.encrypt(x)
}

func (n *Numerals) applySmall(x []uint16) {
	strings, at := uint64(1), uint64(0)
	for _, digit := range x {
		strings *= n.radix
		at = at*n.radix + uint64(digit)
	}
	if n.small[len(x)] == nil {
		n.small[len(x)] = n.keys.ring.table(n.keys.environment, n.domain, strings)
	}
	at = uint64(n.small[len(x)][at])
	for i := len(x) - 1; i >= 0; i-- {
		x[i] = uint16(at % n.radix)
		at /= n.radix
	}
}

// table is a permutation as a table. It is built once, and then only read.
type table struct {
	once sync.Once
	to   []uint32
}

// table returns the table of a permutation of few numbers. All callers get the same table.
func (r *Ring) table(environment, domain string, n uint64) []uint32 {
	key := tableKey{environment, domain, n}
	r.mu.Lock()
	t := r.tables[key]
	if t == nil {
		t = &table{}
		r.tables[key] = t
	}
	r.mu.Unlock()
	t.once.Do(func() { t.to = shuffle(r.derive("permutation", environment, domain, n), n) })
	return t.to
}

// shuffle makes a Fisher–Yates shuffle of [0, n). Its random numbers come from AES-256 in counter mode.
func shuffle(key []byte, n uint64) []uint32 {
	stream := newStream(key)
	to := make([]uint32, n)
	for i := range to {
		to[i] = uint32(i)
	}
	for i := len(to) - 1; i > 0; i-- {
		j := stream.Below(uint64(i) + 1)
		to[i], to[j] = to[j], to[i]
	}
	return to
}
