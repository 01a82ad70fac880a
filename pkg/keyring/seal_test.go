package keyring

import (
	"bytes"
	"testing"
)

// C2: there is a sub-key for each domain, environment and key. A sealed value opens only with its own sub-key.
func TestC2_SealedOpensInItsOwnDomainEnvironmentAndKeyOnly(t *testing.T) {
	mine := ring(t).For("staging").Sealer("a")
	token := mine.Seal([]byte("ada"))
	if value, ok := ring(t).For("staging").Sealer("a").Open(token); !ok || string(value) != "ada" {
		t.Errorf("%q, %v", value, ok)
	}
	if !bytes.Equal(token, mine.Seal([]byte("ada"))) || bytes.Equal(token, mine.Seal([]byte("eva"))) {
		t.Error("not deterministic, or all the same")
	}
	for name, other := range map[string]*Sealer{
		"domain": ring(t).For("staging").Sealer("b"), "environment": ring(t).For("laptop").Sealer("a"), "key": Random().For("staging").Sealer("a"),
	} {
		if _, ok := other.Open(token); ok || bytes.Equal(other.Seal([]byte("ada")), token) {
			t.Errorf("another %s opens it", name)
		}
	}
	for _, short := range [][]byte{nil, token[:15], token[:16]} {
		if _, ok := mine.Open(short); ok {
			t.Errorf("%d bytes open", len(short))
		}
	}
}
