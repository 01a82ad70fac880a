package verify

import (
	"iter"
	"math/bits"
	"slices"
)

// hashes is a set of fingerprints. It is a table: the search for a fingerprint begins at a slot that the fingerprint
// itself gives, and goes on to the next slots. This is several times as fast as a map, because a map would hash each
// fingerprint once more. A fingerprint is random already.
type hashes struct {
	slots []uint64 // 0 is an empty slot. At least a third of the slots is empty, and their number is a power of two
	n     int
}

const leastSlots = 16

// place returns the slot at which the search for a fingerprint begins. place mixes all bits of the fingerprint, because
// some bits are 0 in all fingerprints of a sample.
func (h *hashes) place(hash uint64) int {
	return int(hash * 0x9e3779b97f4a7c15 >> (bits.LeadingZeros64(uint64(len(h.slots))) + 1))
}

// has reports whether a fingerprint is in the set. No value has the fingerprint 0, except in one of 2^64 cases.
func (h *hashes) has(hash uint64) bool {
	if h.n == 0 || hash == 0 {
		return false
	}
	for i := h.place(hash); ; i++ {
		switch h.slots[i&(len(h.slots)-1)] {
		case hash:
			return true
		case 0:
			return false
		}
	}
}

// add adds a fingerprint, and reports whether it is new.
func (h *hashes) add(hash uint64) bool {
	if h.has(hash) || hash == 0 {
		return false
	}
	if h.full() {
		*h = *h.rebuilt(h.larger(), nil)
	}
	h.put(hash)
	return true
}

// full reports whether the table has to grow before the next fingerprint. larger returns its next size.
func (h *hashes) full() bool  { return 3*(h.n+1) > 2*len(h.slots) }
func (h *hashes) larger() int { return max(2*len(h.slots), leastSlots) }

func (h *hashes) put(hash uint64) {
	*h.free(hash) = hash
	h.n++
}

// free returns the empty slot for a fingerprint that is not in the set.
func (h *hashes) free(hash uint64) *uint64 {
	i := h.place(hash)
	for h.slots[i&(len(h.slots)-1)] != 0 {
		i++
	}
	return &h.slots[i&(len(h.slots)-1)]
}

// keep drops the fingerprints that are not wanted.
func (h *hashes) keep(wanted func(uint64) bool) { *h = *h.rebuilt(len(h.slots), wanted) }

// rebuilt returns a table of another size with the wanted fingerprints. If wanted is nil, all fingerprints are wanted.
func (h *hashes) rebuilt(size int, wanted func(uint64) bool) *hashes {
	other := &hashes{slots: make([]uint64, size)}
	for _, hash := range h.slots {
		if hash != 0 && (wanted == nil || wanted(hash)) {
			other.put(hash)
		}
	}
	return other
}

// clone returns a copy.
func (h *hashes) clone() *hashes { return &hashes{slices.Clone(h.slots), h.n} }

// all returns the fingerprints in any order.
func (h *hashes) all() iter.Seq[uint64] {
	return func(yield func(uint64) bool) {
		for _, hash := range h.slots {
			if hash != 0 && !yield(hash) {
				return
			}
		}
	}
}

// dictionary is a set of many words. The field bits is a small filter. It shows for most values that they are not in
// the set. The filter is small enough for the processor's cache, and the set is too large for it.
type dictionary struct {
	all  hashes
	bits [1 << 13]uint64
}

func (d *dictionary) bit(hash uint64) (word, bit uint64) {
	hash >>= sampledFrom
	return hash >> 6 % uint64(len(d.bits)), 1 << (hash & 63)
}

func (d *dictionary) has(hash uint64) bool {
	word, bit := d.bit(hash)
	return d.bits[word]&bit != 0 && d.all.has(hash)
}

func (d *dictionary) add(hash uint64) {
	word, bit := d.bit(hash)
	d.bits[word] |= bit
	d.all.add(hash)
}

// clone returns a copy.
func (d *dictionary) clone() *dictionary {
	return &dictionary{*d.all.clone(), d.bits}
}

// grown returns a slice with one more element. The caller sets the fields of this element in place, one by one. Making
// an element and then appending it takes several times as long, because the processor cannot quickly copy small fields
// that it has just written.
func grown[T any](s []T) []T {
	if len(s) == cap(s) {
		var zero T
		return append(s, zero)
	}
	return s[:len(s)+1]
}
