package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
)

// PRF is AES-256-CMAC (RFC 4493, NIST SP 800-38B): a pseudorandom function for messages of any length. It is faster
// than HMAC-SHA256, see BenchmarkPRF. Only one goroutine may use it. It does not allocate.
type PRF struct {
	block cipher.Block
	k1    [16]byte // for a complete last block
	k2    [16]byte // for a padded last block
	state [16]byte // a field, because Go would allocate a local variable that is passed to a method of an interface
}

func newPRF(key []byte) *PRF {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic("keyring: sub-keys are AES keys")
	}
	p := &PRF{block: block}
	block.Encrypt(p.k1[:], p.k1[:])
	double(&p.k1)
	p.k2 = p.k1
	double(&p.k2)
	return p
}

// Seed returns the 128-bit tag of msg.
func (p *PRF) Seed(msg []byte) [16]byte {
	p.state = [16]byte{}
	for len(msg) > 16 {
		subtle.XORBytes(p.state[:], p.state[:], msg[:16])
		p.block.Encrypt(p.state[:], p.state[:])
		msg = msg[16:]
	}
	mask := &p.k1
	if len(msg) < 16 {
		mask = &p.k2
		p.state[len(msg)] ^= 0x80
	}
	for i, c := range msg {
		p.state[i] ^= c
	}
	subtle.XORBytes(p.state[:], p.state[:], mask[:])
	p.block.Encrypt(p.state[:], p.state[:])
	return p.state
}

// double multiplies b by x in GF(2^128) (RFC 4493, section 2.3).
func double(b *[16]byte) {
	msb := b[0] >> 7
	for i := range 15 {
		b[i] = b[i]<<1 | b[i+1]>>7
	}
	b[15] = b[15]<<1 ^ 0x87*msb
}
