// Package keyring derives keys. A Ring holds one secret. It derives a sub-key for each purpose, target environment
// and domain. Equal values have equal results in one domain of one environment. In other domains and environments,
// the results are unrelated.
//
// A Ring never returns a key. Callers get keyed functions: pseudorandom functions, permutations, reversible encryption
// and streams of random numbers. The package reads no files (package keysource does), writes no log, and quotes no key
// in an error.
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

// MinSecret is the length of the shortest secret that a Ring accepts, in bytes.
const MinSecret = 32

// scheme is the version of the derivation. A new version changes every sub-key.
const scheme = "masker/keyring/v1"

// Ring derives sub-keys from one secret. It is safe for concurrent use.
type Ring struct {
	prk []byte // HKDF-Extract of the secret. It never changes

	mu     sync.Mutex
	tables map[tableKey]*table // permutations that workers share. Guarded by mu
}

type tableKey struct {
	environment, domain string
	n                   uint64
}

// New makes a Ring from a secret of at least 256 bits. The Ring holds no reference to the argument secret.
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

// Random makes a Ring from a random secret that is not stored: a key for one run.
func Random() *Ring {
	secret := make([]byte, MinSecret)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	r, err := New(secret)
	if err != nil {
		panic("keyring: 32 bytes of randomness are a key")
	}
	return r
}

// Fingerprint returns 16 hex digits that identify the secret. They reveal nothing about it, and may appear in logs and
// ledgers.
func (r *Ring) Fingerprint() string {
	return hex.EncodeToString(r.derive("fingerprint", "", "", 0)[:8])
}

// For returns the keys of one target environment.
func (r *Ring) For(environment string) *Keys {
	return &Keys{ring: r, environment: environment}
}

// derive derives a sub-key with HKDF-Expand. The encoding of its arguments is injective, so different arguments give
// different sub-keys.
func (r *Ring) derive(purpose, environment, domain string, n uint64) []byte {
	var info []byte
	for _, s := range []string{scheme, purpose, environment, domain} {
		info = binary.BigEndian.AppendUint64(info, uint64(len(s)))
		info = append(info, s...)
	}
	info = binary.BigEndian.AppendUint64(info, n)
	key, err := hkdf.Expand(sha256.New, r.prk, string(info), 32)
	if err != nil {
		panic("keyring: HKDF expands to 32 bytes") // it fails only for more than 8160 bytes, or for short keys in FIPS mode
	}
	return key
}

// Keys makes the keyed functions of one target environment. It is safe for concurrent use. Each of the functions must
// be used by one goroutine only.
type Keys struct {
	ring        *Ring
	environment string
}

// Seeder returns the pseudorandom function of a domain.
func (k *Keys) Seeder(domain string) *PRF {
	return newPRF(k.ring.derive("seed", k.environment, domain, 0))
}

// Permutation returns the keyed bijection of [0, n) of a domain. n must be at least 1. A different n gives an unrelated
// bijection.
func (k *Keys) Permutation(domain string, n uint64) *Permutation {
	if n == 0 {
		panic("keyring: a permutation of nothing")
	}
	if n > maxTable {
		return newLarge(k.ring.derive("permutation", k.environment, domain, n), n)
	}
	return &Permutation{n: n, table: k.ring.table(k.environment, domain, n)}
}
