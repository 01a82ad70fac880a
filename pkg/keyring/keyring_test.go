package keyring

import (
	"encoding/hex"
	"strings"
	"sync"
	"testing"
)

// secret is a fixed key for tests.
func secret() []byte {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

func ring(t testing.TB) *Ring {
	t.Helper()
	r, err := New(secret())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSameDomainJoinsAndAnotherDoesNot(t *testing.T) {
	staging := ring(t).For("staging")
	seed := func(k *Keys, domain string) [16]byte { return k.Seeder(domain).Seed([]byte("x")) }
	if seed(staging, "email") != seed(ring(t).For("staging"), "email") {
		t.Error("the same secret, environment and domain give different results")
	}
	if seed(staging, "email") == seed(staging, "phone") {
		t.Error("different domains give equal results")
	}
	if seed(staging, "email") == seed(ring(t).For("laptop"), "email") {
		t.Error("different environments give equal results")
	}
	if seed(ring(t).For("a"), "bc") == seed(ring(t).For("ab"), "c") {
		t.Error("the encoding of environment and domain is not injective")
	}
	if a, b := Random(), Random(); seed(a.For("staging"), "email") == seed(b.For("staging"), "email") {
		t.Error("two random rings give equal results")
	}
}

func TestFingerprintIsStableAndNotTheKey(t *testing.T) {
	f := ring(t).Fingerprint()
	if f != ring(t).Fingerprint() || len(f) != 16 || f == Random().Fingerprint() {
		t.Errorf("fingerprint %q", f)
	}
	if strings.Contains(hex.EncodeToString(secret()), f) || strings.Contains(hex.EncodeToString(ring(t).prk), f) {
		t.Error("the fingerprint is part of the key")
	}
}

// The derivation must not change by accident, because every result in existing staging databases would change.
func TestDerivationIsPinned(t *testing.T) {
	s := ring(t).For("staging").Seeder("email").Seed([]byte("ada@example.com"))
	p := ring(t).For("staging").Permutation("id", 1000).Apply(1)
	q := ring(t).For("staging").Permutation("id", 1<<40).Apply(1)
	got := []any{ring(t).Fingerprint(), hex.EncodeToString(s[:]), p, q}
	want := []any{"0c0579ec57a89f90", "0e1de902bd8c65c2eec02b885dc9e399", uint64(720), uint64(700645600421)}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("%d: got %v, want %v", i, got[i], want[i])
		}
	}
}

func TestShortSecretIsRefused(t *testing.T) {
	if _, err := New(secret()[:31]); err == nil {
		t.Fatal("248 bits accepted")
	}
}

func TestWorkersShareATable(t *testing.T) {
	k := ring(t).For("staging")
	perms := make([]*Permutation, 8)
	var wg sync.WaitGroup
	for i := range perms {
		wg.Go(func() { perms[i] = k.Permutation("id", 5000) })
	}
	wg.Wait()
	for _, p := range perms {
		if &p.table[0] != &perms[0].table[0] {
			t.Fatal("a worker has built another table")
		}
	}
}
