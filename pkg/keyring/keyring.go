// Package keyring derives keys. A Ring holds one secret and derives from it one sub-key
// per purpose, target environment and domain. Values join within a domain, and not
// across domains or environments.
//
// A Ring never hands a key out. Callers get pseudorandom functions and permutations.
// The package opens nothing (keysource does), logs nothing, and quotes no key in an error.
package keyring

import (
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"sync"
)

// MinSecret is the least secret a Ring accepts, in bytes.
const MinSecret = 32

// scheme versions the derivation: every sub-key changes with it.
const scheme = "masker/keyring/v1"

// Ring derives sub-keys from one secret. It is safe for concurrent use.
type Ring struct {
	prk []byte // HKDF-Extract of the secret; never changes

	mu     sync.Mutex
	tables map[tableKey]*table // permutations shared between workers; guarded by mu
}

type tableKey struct {
	environment, domain string
	n                   uint64
}

// New makes a Ring from at least 256 bits of secret. It keeps no reference to secret.
func New(secret []byte) (*Ring, error) {
	if len(secret) < MinSecret {
		return nil, fmt.Errorf("key has %d bits, needs at least %d: make one with `openssl rand -base64 32`",
			len(secret)*8, MinSecret*8)
	}
	prk, err := hkdf.Extract(sha256.New, secret, []byte(scheme))
	if err != nil {
		return nil, fmt.Errorf("deriving from the key: %w", err)
	}
	return &Ring{prk: prk, tables: map[tableKey]*table{}}, nil
}

// Random makes a Ring that nobody can make again: a key for one run.
func Random() *Ring {
	secret := make([]byte, MinSecret)
	rand.Read(secret) // documented never to fail: it ends the process instead
	r, err := New(secret)
	if err != nil {
		panic("keyring: 32 bytes of randomness are a key")
	}
	return r
}

// Fingerprint identifies the secret and reveals nothing of it: 16 hex digits, fit for logs and ledgers.
func (r *Ring) Fingerprint() string {
	return hex.EncodeToString(r.derive("fingerprint", "", "", 0)[:8])
}

// For gives the keys of one target environment.
func (r *Ring) For(environment string) *Keys {
	return &Keys{ring: r, environment: environment}
}

// derive is HKDF-Expand over an injective encoding of what the sub-key is for.
func (r *Ring) derive(purpose, environment, domain string, n uint64) []byte {
	var info []byte
	for _, s := range []string{scheme, purpose, environment, domain} {
		info = binary.BigEndian.AppendUint64(info, uint64(len(s)))
		info = append(info, s...)
	}
	info = binary.BigEndian.AppendUint64(info, n)
	key, err := hkdf.Expand(sha256.New, r.prk, string(info), 32)
	if err != nil {
		panic("keyring: HKDF expands to 32 bytes") // only an output longer than 8160 bytes, or FIPS mode's key check, can fail
	}
	return key
}

// Keys gives out the keyed functions of one target environment. It is safe for
// concurrent use; what it gives out belongs to one goroutine.
type Keys struct {
	ring        *Ring
	environment string
}

// Seeder is the pseudorandom function of a domain.
func (k *Keys) Seeder(domain string) *PRF {
	return newPRF(k.ring.derive("seed", k.environment, domain, 0))
}

// Permutation is the keyed bijection of [0, n) of a domain. n must be at least 1.
// Another n is an unrelated bijection.
func (k *Keys) Permutation(domain string, n uint64) *Permutation {
	if n == 0 {
		panic("keyring: a permutation of nothing")
	}
	if n > maxTable {
		return newLarge(k.ring.derive("permutation", k.environment, domain, n), n)
	}
	return &Permutation{n: n, table: k.ring.table(k.environment, domain, n)}
}
