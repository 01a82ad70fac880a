package keyring

import (
	"crypto/cipher"
	"encoding/binary"
	"math/bits"
)

// Stream is a sequence of uniform random numbers that depends on its key alone: AES-256 in counter mode. Only one
// goroutine may use it. It does not allocate.
type Stream struct {
	ctr  cipher.Stream
	buf  [4096]byte
	left int
}

func newStream(key []byte) *Stream {
	return &Stream{ctr: cipher.NewCTR(newBlock(key), make([]byte, 16))}
}

// Stream returns the random numbers of a domain from their beginning. A different number gives unrelated ones.
func (k *Keys) Stream(domain string, number uint64) *Stream {
	return newStream(k.ring.derive("stream", k.environment, domain, number))
}

// Below returns the next number. It is uniform in [0, m), without bias (Lemire's method with rejection). m must be at
// least 1.
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
