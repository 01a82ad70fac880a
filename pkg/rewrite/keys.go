package rewrite

import (
	"bytes"

	"github.com/masker-project/masker/pkg/transform"
)

// keys gives the treatments of one Row their keyed functions. Columns of one domain share a seeder, which remembers the
// last value and its seed. This saves time, because columns with the same subject ask for the same seed one after the
// other.
type keys struct {
	transform.Keys
	seeders    map[string]*seeder
	programs   Programs      // nil if no programs are available
	prefetched []*prefetched // every Program given to a treatment
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
	k.prefetched = append(k.prefetched, p)
	return p
}

// seeder is a pseudorandom function (PRF). If more than one column uses a seeder, the seeder
// remembers the last value and its seed.
type seeder struct {
	prf    transform.Seeder
	shared bool
	last   []byte // nil before the first value
	seed   transform.Seed
}

// maxRemembered is the length in bytes of the longest value that a seeder remembers. For longer values, comparing costs
// as much as the PRF.
const maxRemembered = 64

// Seed implements transform.Seeder.
func (s *seeder) Seed(canonical []byte) transform.Seed {
	if !s.shared || len(canonical) > maxRemembered {
		return s.prf.Seed(canonical)
	}
	if s.last == nil || !bytes.Equal(s.last, canonical) {
		if s.last == nil {
			s.last = make([]byte, 0, maxRemembered)
		}
		s.last = append(s.last[:0], canonical...)
		s.seed = s.prf.Seed(canonical)
	}
	return s.seed
}
