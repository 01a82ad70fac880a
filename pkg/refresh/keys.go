package refresh

import (
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
)

// ring adapts the keys of a keyring to the interface that treatments use.
type ring struct{ keys *keyring.Keys }

func (r ring) Seeder(domain string) transform.Seeder { return r.keys.Seeder(domain) }
func (r ring) Sealer(domain string) transform.Sealer { return r.keys.Sealer(domain) }

func (r ring) Permutation(domain string, n uint64) transform.Permutation {
	return r.keys.Permutation(domain, n)
}

func (r ring) Numerals(domain string, radix int) transform.Numerals {
	return r.keys.Numerals(domain, radix)
}
