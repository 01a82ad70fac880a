package verify

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// The filter has every beginning that was added, with its length. It says yes for few others.
func TestStartsHaveWhatWasAdded(t *testing.T) {
	const values, others = 20_000, 100_000
	random := rand.New(rand.NewPCG(1, 2))
	form := func() []byte { return fmt.Appendf(nil, "%016x", random.Uint64())[:6+random.IntN(8)] }
	for name, add := range map[string]func(*starts, [][]byte){
		"one by one": func(s *starts, list [][]byte) {
			for _, f := range list {
				s.add(f)
			}
		},
		"together": func(s *starts, list [][]byte) {
			b := beginnings{to: s}
			for _, f := range list {
				b.add(f)
			}
			b.flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, list := newStarts(1<<20, nil), [][]byte{}
			for range values {
				list = append(list, form())
			}
			add(s, list)
			for _, f := range list {
				if begin := startOf(f); !s.begins(begin) || !s.has(begin, len(f)) {
					t.Fatalf("%s was added, and the filter does not have it", f)
				}
			}
			begins, has := 0, 0
			for range others {
				f := form()
				if begin := startOf(f); s.begins(begin) {
					begins++
					if s.has(begin, len(f)) {
						has++
					}
				}
			}
			if begins > others/50 || has > others/1000 {
				t.Errorf("of %d other values, the filter has %d beginnings, and %d beginnings with their lengths", others, begins, has)
			}
		})
	}
}
