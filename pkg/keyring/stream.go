package keyring

import (
	"crypto/cipher"
	"encoding/binary"
	"math/bits"
)

// Stream is a sequence of uniform random numbers. It depends only on its key, and uses AES-256 in counter mode. Only
// one goroutine may use a Stream. Its methods do not allocate memory.
type Stream struct {
	ctr  cipher.Stream
	buf  [4096]byte
	left int
}

func newStream(key []byte) *Stream {
	return &Stream{ctr: cipher.NewCTR(newBlock(key), make([]byte, 16))}
}

// Stream returns a new Stream for a domain and a number. The random numbers of two streams are unrelated if the domains
// or the numbers differ.
func (k *Keys) Stream(domain string, number uint64) *Stream {
	return newStream(k.ring.derive("stream", k.environment, domain, number))
}

// Below returns the next random number. The number is uniform in [0, m), without bias (Lemire's method with rejection).
// The bound m must be at least 1.
func (s *Stream) Below(m uint64) uint64 {
	for {
		hi, lo := bits.Mul64(s.next(), m)
		if lo >= -m%m {
			return hi
		}
	}
}

func (s *Stream) next() uint64 {
	if s.left == 0 {
		clear(s.buf[:])
		s.ctr.XORKeyStream(s.buf[:], s.buf[:])
		s.left = len(s.buf)
	}
	s.left -= 8
	return binary.BigEndian.Uint64(s.buf[s.left:])
}
