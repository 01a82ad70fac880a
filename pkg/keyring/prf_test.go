package keyring

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
	"testing"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The test vectors are those of RFC 4493, section 4, for AES-128, and of NIST SP 800-38B for AES-256.
func TestCMACVectors(t *testing.T) {
	msg := unhex(t, "6bc1bee22e409f96e93d7e117393172a ae2d8a571e03ac9c9eb76fac45af8e51 30c81c46a35ce411e5fbc1191a0a52ef f69f2445df4f9b17ad2b417be66c3710")
	keys := []struct {
		key  string
		tags map[int]string
	}{
		{"2b7e151628aed2a6abf7158809cf4f3c", map[int]string{
			0: "bb1d6929e95937287fa37d129b756746", 16: "070a16b46b4d4144f79bdd9dd04a287c",
			40: "dfa66747de9ae63030ca32611497c827", 64: "51f0bebf7e3b9d92fc49741779363cfe",
		}},
		{"603deb1015ca71be2b73aef0857d7781 1f352c073b6108d72d9810a30914dff4", map[int]string{
			0: "028962f61b7bf89efc6b551f4667d983", 16: "28a7023f452e8f82bd4bf28d8c37c35c",
			40: "aaf3d8f1de5640c232f5b169b9c911e6", 64: "e1992190549f6ed5696a2c056c315410",
		}},
	}
	for _, k := range keys {
		p := newPRF(unhex(t, k.key))
		for n, want := range k.tags {
			for range 2 { // the first message must not affect the second
				if got := p.Seed(msg[:n]); hex.EncodeToString(got[:]) != want {
					t.Errorf("key %.8s…, %d bytes: got %x, want %s", k.key, n, got, want)
				}
			}
		}
	}
}

func TestSeedDoesNotAllocate(t *testing.T) {
	p := ring(t).For("staging").Seeder("email")
	msg := bytes.Repeat([]byte("x"), 40)
	if n := testing.AllocsPerRun(100, func() { p.Seed(msg) }); n != 0 {
		t.Fatalf("%v allocations", n)
	}
}

func BenchmarkPRF(b *testing.B) {
	for _, size := range []int{12, 32} {
		msg := bytes.Repeat([]byte("x"), size)
		b.Run(fmt.Sprintf("CMAC/%d", size), func(b *testing.B) {
			p := ring(b).For("staging").Seeder("email")
			b.ReportAllocs()
			for b.Loop() {
				p.Seed(msg)
			}
		})
		b.Run(fmt.Sprintf("HMAC-SHA256/%d", size), func(b *testing.B) {
			var h hash.Hash = hmac.New(sha256.New, secret())
			var out [32]byte
			b.ReportAllocs()
			for b.Loop() {
				h.Reset()
				h.Write(msg)
				h.Sum(out[:0])
			}
		})
	}
}
