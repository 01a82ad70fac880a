package verify

import "github.com/masker-project/masker/pkg/verify/fingerprint"

// repeats remembers values that were looked up not long ago and were not found. If such a value comes again in the same
// place, it need not be looked up: nothing would be found again, and no count of different values would change. This saves
// time, because many columns have few different values.
type repeats struct {
	key   fingerprint.Key
	slots [1 << 13]uint64
}

// how says how a value is looked up. A text is looked up in more ways than a cell.
type how uint64

const (
	asCell how = 1
	asText how = 2
)

// of returns the number by which repeats remembers a value of a place.
func (r *repeats) of(t *Target, as how, value []byte) uint64 {
	return r.key.Hash(value) ^ (t.number<<2|uint64(as))*0x9e3779b97f4a7c15
}

func (r *repeats) has(of uint64) bool { return r.slots[of%uint64(len(r.slots))] == of }

func (r *repeats) add(of uint64) { r.slots[of%uint64(len(r.slots))] = of }
