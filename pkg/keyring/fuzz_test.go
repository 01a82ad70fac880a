package keyring

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
)

// FuzzDecode reads any bytes as a key file: a key or an error, and an error never shows what was read.
func FuzzDecode(f *testing.F) {
	f.Add(secret())
	f.Add([]byte(hex.EncodeToString(secret()) + "\n"))
	f.Add([]byte(base64.StdEncoding.EncodeToString(secret())))
	f.Add([]byte(" " + base64.RawURLEncoding.EncodeToString(bytes.Repeat([]byte{0xfb, 1, 0xff}, 11)) + "==\r\n"))
	f.Add([]byte("correct horse battery staple ..."))
	f.Fuzz(func(t *testing.T, data []byte) {
		before := string(data)
		key, err := decode(data)
		if string(data) != before {
			t.Fatal("the input was changed")
		}
		if err != nil {
			if len(data) >= MinSecret && strings.Contains(err.Error(), before) {
				t.Fatalf("the error quotes the key: %v", err)
			}
			return
		}
		if len(key) < MinSecret {
			t.Fatalf("%q is a key of %d bytes", data, len(key))
		}
		inHex, inBase64 := hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key)
		if again, err := decodeText(inHex); err != nil || !bytes.Equal(again, key) {
			t.Fatalf("%q is %x, which in hex is %x (%v)", data, key, again, err)
		}
		if _, err := hex.DecodeString(inBase64); err == nil {
			return // what reads as hex is hex
		}
		if again, err := decodeText(inBase64); err != nil || !bytes.Equal(again, key) {
			t.Fatalf("%q is %x, which in base64 is %x (%v)", data, key, again, err)
		}
		if len(key) == MinSecret && !(Resembles(inHex) && Resembles(inBase64)) {
			t.Fatalf("%x does not resemble a key", key)
		}
	})
}

// FuzzOpen wants everything sealed to open, and nothing else.
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
			t.Fatalf("%x opens, but is not what its value seals to", token)
		}
	})
}

// FuzzPermutation wants different numbers of any range to stay different, and in range.
func FuzzPermutation(f *testing.F) {
	for _, n := range []uint64{1, 2, 3, 255, 65536, 1 << 20, 1<<32 + 1, 1<<63 + 1, 1<<64 - 1} {
		f.Add(n, uint64(0), n-1)
	}
	k := ring(f).For("staging")
	f.Fuzz(func(t *testing.T, n, a, b uint64) {
		if n == 0 || n > 4096 && n <= maxTable {
			return // tables of every size would be kept
		}
		p := k.Permutation("id", n)
		a, b = a%n, b%n
		x, y := p.Apply(a), p.Apply(b)
		if x >= n || y >= n || (a == b) != (x == y) {
			t.Fatalf("of %d: %d became %d, %d became %d", n, a, x, b, y)
		}
	})
}
