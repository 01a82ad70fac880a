package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"math/bits"
	"sync"
)

const (
	// maxTable is the largest domain that gets a table: below a million a Feistel network is
	// too weak (SP 800-38G asks for 10^6 at least), and a table of 4 MB is still cheap.
	maxTable = 1 << 20
	// rounds of the Feistel network: as many as FF1's.
	rounds = 10
)

// Permutation is a keyed bijection of [0, n). It belongs to one goroutine and does not allocate.
type Permutation struct {
	n     uint64
	table []uint32 // shared and never written; nil where the network is used

	block cipher.Block
	a, b  uint64   // the network works on Z_a × Z_b: a·b is n or less than a above it
	in    [16]byte // in the struct because what passes through an interface escapes
	out   [16]byte
}

// Apply is where x goes. x must be below n.
func (p *Permutation) Apply(x uint64) uint64 {
	if x >= p.n {
		panic("keyring: value outside the permutation's domain")
	}
	if p.table != nil {
		return uint64(p.table[x])
	}
	// Cycle walking: the network permutes [0, a·b); following x's cycle until it is
	// back below n permutes [0, n). It takes less than 1 + 1/1024 steps on average.
	for {
		x = p.network(x)
		if x < p.n {
			return x
		}
	}
}

func newFeistel(key []byte, n uint64) *Permutation {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keyring: sub-keys are AES keys")
	}
	a := ceilSqrt(n)
	return &Permutation{n: n, block: block, a: a, b: (n-1)/a + 1}
}

// network is an alternating Feistel network as in FF1, with addition modulo a and b
// in place of a radix, so that the domain is barely larger than n whatever n is.
func (p *Permutation) network(x uint64) uint64 {
	l, r := x/p.b, x%p.b
	for i := 0; i < rounds; i += 2 {
		l = addMod(l, p.round(byte(i), r, p.a), p.a)
		r = addMod(r, p.round(byte(i+1), l, p.b), p.b)
	}
	return l*p.b + r
}

// round is the round function: AES of (round, half) as a fraction of 2^128, times m.
// The key is bound to n and the domain, so they need not be in the block.
func (p *Permutation) round(i byte, half, m uint64) uint64 {
	p.in[0] = i
	binary.BigEndian.PutUint64(p.in[8:], half)
	p.block.Encrypt(p.out[:], p.in[:])
	hi, lo := bits.Mul64(binary.BigEndian.Uint64(p.out[:8]), m)
	carryIn, _ := bits.Mul64(binary.BigEndian.Uint64(p.out[8:]), m)
	_, carry := bits.Add64(lo, carryIn, 0)
	return hi + carry
}

// addMod is (x + y) mod m for x, y < m ≤ 2^32.
func addMod(x, y, m uint64) uint64 {
	if s := x + y; s < m {
		return s
	}
	return x + y - m
}

// ceilSqrt is the least a with a² ≥ n, for n ≥ 1; at most 2^32.
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

// table is built once and then only read.
type table struct {
	once sync.Once
	to   []uint32
}

// table gives the shared table of a small domain; every caller gets the same one.
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

// shuffle is a Fisher–Yates shuffle of [0, n) driven by AES-256 in counter mode.
func shuffle(key []byte, n uint64) []uint32 {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keyring: sub-keys are AES keys")
	}
	stream := keystream{ctr: cipher.NewCTR(block, make([]byte, 16))}
	to := make([]uint32, n)
	for i := range to {
		to[i] = uint32(i)
	}
	for i := len(to) - 1; i > 0; i-- {
		j := stream.below(uint64(i) + 1)
		to[i], to[j] = to[j], to[i]
	}
	return to
}

// keystream reads uniform numbers from a counter-mode cipher.
type keystream struct {
	ctr  cipher.Stream
	buf  [4096]byte
	left int
}

func (s *keystream) next() uint64 {
	if s.left == 0 {
		clear(s.buf[:])
		s.ctr.XORKeyStream(s.buf[:], s.buf[:])
		s.left = len(s.buf)
	}
	s.left -= 8
	return binary.BigEndian.Uint64(s.buf[s.left:])
}

// below is uniform in [0, m), without bias (Lemire's method with rejection).
func (s *keystream) below(m uint64) uint64 {
	for {
		hi, lo := bits.Mul64(s.next(), m)
		if lo >= -m%m {
			return hi
		}
	}
}
