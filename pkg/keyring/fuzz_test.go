package keyring

import (
	"bytes"
	"testing"
)

// FuzzOpen checks that Open accepts exactly the results of Seal.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("ada@example.com"), []byte("no seal"))
	f.Add([]byte{}, []byte{})
	f.Add(secret(), ring(f).For("staging").Sealer("email").Seal(secret()))
	s, elsewhere := ring(f).For("staging").Sealer("email"), ring(f).For("staging").Sealer("phone")
	f.Fuzz(func(t *testing.T, value, token []byte) {
		sealed := s.Seal(value)
		if got, ok := s.Open(sealed); !ok || !bytes.Equal(got, value) {
			t.Fatalf("%x does not open", value)
		}
		if _, ok := elsewhere.Open(sealed); ok {
			t.Fatalf("%x opens in another domain", value)
		}
		if got, ok := s.Open(token); ok && !bytes.Equal(s.Seal(got), token) {
			t.Fatalf("%x opens, but Seal gives another result for its value", token)
		}
	})
}

// FuzzPermutation checks for any range that different numbers have different results inside the range.
func FuzzPermutation(f *testing.F) {
	for _, n := range []uint64{1, 2, 3, 255, 65536, 1 << 20, 1<<32 + 1, 1<<63 + 1, 1<<64 - 1} {
		f.Add(n, uint64(0), n-1)
	}
	k := ring(f).For("staging")
	f.Fuzz(func(t *testing.T, n, a, b uint64) {
		if n == 0 || n > 4096 && n <= maxTable {
			return // the ring would store a table for each of these sizes
		}
		p := k.Permutation("id", n)
		a, b = a%n, b%n
		x, y := p.Apply(a), p.Apply(b)
		if x >= n || y >= n || (a == b) != (x == y) {
			t.Fatalf("of %d: %d became %d, %d became %d", n, a, x, b, y)
		}
	})
}
