package keyring

import (
	"slices"

	"github.com/tink-crypto/tink-go/v2/daead/subtle"
)

// Sealer encrypts deterministically with AES-SIV (RFC 5297), 256-bit keys, the domain as associated
// data: equal values give equal results, and a result that was changed, cut or taken from another
// domain does not open. It belongs to one goroutine.
type Sealer struct {
	siv    *subtle.AESSIV
	domain []byte
	id     string
}

// Sealer is the reversible encryption of a domain.
func (k *Keys) Sealer(domain string) *Sealer {
	// Two sub-keys, one for the tag and one for the counter mode, as RFC 5297 (section 2.2) splits one.
	key := slices.Concat(k.ring.derive("seal", k.environment, domain, 1), k.ring.derive("seal", k.environment, domain, 2))
	siv, err := subtle.NewAESSIV(key)
	if err != nil {
		panic("keyring: two sub-keys are an AES-SIV key")
	}
	return &Sealer{siv: siv, domain: []byte(domain), id: k.ring.Fingerprint()[:8]}
}

// KeyID is the beginning of the ring's fingerprint: 8 hex digits that say which key opens what was sealed.
func (s *Sealer) KeyID() string { return s.id }

// Seal encrypts a value: 16 bytes longer than it.
func (s *Sealer) Seal(value []byte) []byte {
	sealed, err := s.siv.EncryptDeterministically(value, s.domain)
	if err != nil {
		panic("keyring: a value in memory can be sealed") // only a length near the largest int can fail
	}
	return sealed
}

// Open undoes Seal. It is false for anything that this key and domain did not seal.
func (s *Sealer) Open(sealed []byte) ([]byte, bool) {
	value, err := s.siv.DecryptDeterministically(sealed, s.domain)
	return value, err == nil
}
