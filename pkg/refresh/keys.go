package refresh

import (
	"bytes"

	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/transform"
)

// keys gives the transforms of one layout and worker the keyring's functions. Columns of one domain
// share a seeder that remembers its last value: those that describe one subject ask for the same
// seed one after the other.
type keys struct {
	of       *keyring.Keys
	seeders  map[string]*seeder
	programs *programs     // of the worker; nil where nothing is treated
	asked    []*prefetched // every one given out
}

func newKeys(of *keyring.Keys, p *programs) *keys {
	return &keys{of: of, seeders: map[string]*seeder{}, programs: p}
}

// Seeder implements transform.Keys.
func (k *keys) Seeder(domain string) transform.Seeder {
	s, ok := k.seeders[domain]
	if !ok {
		s = &seeder{prf: k.of.Seeder(domain)}
		k.seeders[domain] = s
	}
	s.shared = ok
	return s
}

// Permutation implements transform.Keys.
func (k *keys) Permutation(domain string, n uint64) transform.Permutation {
	return k.of.Permutation(domain, n)
}

// Sealer implements transform.Keys.
func (k *keys) Sealer(domain string) transform.Sealer { return k.of.Sealer(domain) }

// Numerals implements transform.Keys.
func (k *keys) Numerals(domain string, radix int) transform.Numerals {
	return k.of.Numerals(domain, radix)
}

// Program implements transform.Programs.
func (k *keys) Program(column string, c transform.Command) transform.Program {
	p := &prefetched{programs: k.programs, command: c, name: column}
	k.asked = append(k.asked, p)
	return p
}

// asked are the programs that keys have given out.
func asked(k transform.Keys) []*prefetched {
	if k, ok := k.(*keys); ok {
		return k.asked
	}
	return nil
}

// seeder is a PRF that remembers its last value where more than one column asks.
type seeder struct {
	prf    *keyring.PRF
	shared bool
	last   []byte // nil before the first value
	seed   transform.Seed
}

// memorable bounds what a seeder keeps; comparing longer values is no cheaper than the PRF.
const memorable = 64

// Seed implements transform.Seeder.
func (s *seeder) Seed(canonical []byte) transform.Seed {
	if !s.shared || len(canonical) > memorable {
		return s.prf.Seed(canonical)
	}
	if s.last == nil || !bytes.Equal(s.last, canonical) {
		if s.last == nil {
			s.last = make([]byte, 0, memorable)
		}
		s.last = append(s.last[:0], canonical...)
		s.seed = s.prf.Seed(canonical)
	}
	return s.seed
}
