package keyring

import (
	"slices"

	"github.com/tink-crypto/tink-go/v2/daead/subtle"
)

// Sealer encrypts with AES-SIV (RFC 5297), with 256-bit keys and the domain as associated data. The encryption is
// deterministic: equal values give equal results. A result that was changed or cut, or that comes from another domain,
// cannot be opened. Only one goroutine may use a Sealer.
type Sealer struct {
	siv    *subtle.AESSIV
	domain []byte
	id     string
}

// Sealer returns the reversible encryption of a domain.
func (k *Keys) Sealer(domain string) *Sealer {
	// AES-SIV needs two sub-keys: one for the tag and one for the counter mode (RFC 5297, section 2.2).
	key := slices.Concat(k.ring.derive("seal", k.environment, domain, 1), k.ring.derive("seal", k.environment, domain, 2))
	siv, err := subtle.NewAESSIV(key)
	if err != nil {
		panic("keyring: two sub-keys are an AES-SIV key")
	}
	return &Sealer{siv: siv, domain: []byte(domain), id: k.ring.Fingerprint()[:8]}
}

// KeyID returns the first 8 hex digits of the ring's fingerprint. They identify the key that opens a sealed value.
func (s *Sealer) KeyID() string { return s.id }

// Seal encrypts a value. The result is 16 bytes longer than the value.
func (s *Sealer) Seal(value []byte) []byte {
	sealed, err := s.siv.EncryptDeterministically(value, s.domain)
	if err != nil {
		panic("keyring: a value in memory can be sealed") // it fails only for a length near the largest int
	}
	return sealed
}

// Open decrypts the result of Seal. It returns false if the value was not sealed with this key and domain.
func (s *Sealer) Open(sealed []byte) ([]byte, bool) {
	value, err := s.siv.DecryptDeterministically(sealed, s.domain)
	return value, err == nil
}
