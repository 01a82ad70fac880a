package rewrite

import (
	"bytes"

	"github.com/masker-project/masker/pkg/transform"
)

// keys gives the treatments of one Row their keyed functions. Columns of one domain share a seeder
// that remembers its last value: those that describe one subject ask for the same seed one after the other.
type keys struct {
	transform.Keys
	seeders  map[string]*seeder
	programs Programs      // nil where nobody runs programs
	asked    []*prefetched // every one given out
}

func newKeys(o Options) *keys {
	return &keys{Keys: o.Keys, seeders: map[string]*seeder{}, programs: o.Programs}
}

// Seeder implements transform.Keys.
func (k *keys) Seeder(domain string) transform.Seeder {
	s, ok := k.seeders[domain]
	if !ok {
		s = &seeder{prf: k.Keys.Seeder(domain)}
		k.seeders[domain] = s
	}
	s.shared = ok
	return s
}

// Program implements transform.Programs.
func (k *keys) Program(column string, c transform.Command) transform.Program {
	p := &prefetched{programs: k.programs, command: c, name: column}
	k.asked = append(k.asked, p)
	return p
}

// seeder is a PRF that remembers its last value where more than one column asks.
type seeder struct {
	prf    transform.Seeder
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
