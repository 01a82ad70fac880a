package refresh

import (
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
)

// keys gives transforms the keyring's functions. Every call makes an instance of its own, so that
// workers share nothing.
type keys struct{ of *keyring.Keys }

func (k keys) Seeder(domain string) transform.Seeder { return k.of.Seeder(domain) }

func (k keys) Permutation(domain string, n uint64) transform.Permutation {
	return k.of.Permutation(domain, n)
}
