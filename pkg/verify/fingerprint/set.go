package fingerprint

import (
	"math/bits"
	"sort"
)

// filterBytes is the memory of the filter for each entry.
const filterBytes = 2

// Set holds rare values with their labels. It does not change. Any number of goroutines may use it.
type Set struct {
	Outcomes []Outcome // one for each label
	parts    [partitions]sealed
	sampling int
	peak     int64
}

// sealed is a partition of a set. It has entries in the order of their hashes, and a filter that excludes nearly all
// other hashes.
type sealed struct {
	chunks []*chunk
	n      int
	filter []uint64
}

// filters returns an empty filter for each partition.
func (s *Store) filters() (list [partitions][]uint64) {
	words := 0
	for i := range s.parts {
		words += s.parts[i].filterWords()
	}
	all := MakeLarge[uint64](words, s.advise)
	for i := range list {
		n := s.parts[i].filterWords()
		list[i], all = all[:n], all[n:]
	}
	return list
}

// filterWords returns the number of words in the filter of a partition.
func (p *partition) filterWords() int {
	if p.n == 0 {
		return 0
	}
	return p.n*filterBytes/8 + 1
}

// newSealed returns a sealed partition, and fills its filter.
func newSealed(p *partition, filter []uint64) sealed {
	z := sealed{p.chunks, p.n, filter}
	for i := range z.n {
		word, ones := z.place(z.at(i).Hash)
		z.filter[word] |= ones
	}
	return z
}

func (z *sealed) at(i int) Entry { return z.chunks[i/chunkSize][i%chunkSize] }

// place returns the word of the filter to which a hash belongs, and the four bits that the hash sets in it. place mixes
// the bits of the hash, because all hashes of a sampled set have equal low bits, and all hashes of a partition have
// equal high bits.
func (z *sealed) place(hash uint64) (word int, ones uint64) {
	hash *= 0x9e3779b97f4a7c15
	hash ^= hash >> 32
	word = int(hash >> 32 * uint64(len(z.filter)) >> 32)
	return word, 1<<(hash&63) | 1<<(hash>>6&63) | 1<<(hash>>12&63) | 1<<(hash>>18&63)
}

// Sampling returns k: the set has one in 2^k of all values. These are the values whose hashes end with k bits that are
// 0.
func (s *Set) Sampling() int { return s.sampling }

// Samples reports whether a hash belongs to the sample. A collected value whose hash does not belong to it is not in
// the set, even if the value is rare.
func (s *Set) Samples(hash uint64) bool { return hash&(1<<s.sampling-1) == 0 }

// Peak returns the most bytes that entries used while they were collected.
func (s *Set) Peak() int64 { return s.peak }

// Len returns the number of entries: one for each value and label.
func (s *Set) Len() (n int) {
	for i := range s.parts {
		n += s.parts[i].n
	}
	return n
}

// Has reports whether the set has a hash. If the set does not have the hash, Has wrongly returns true in about one of
// 200 cases. If the set has the hash, Has always returns true.
func (s *Set) Has(hash uint64) bool {
	z := &s.parts[hash>>56]
	if len(z.filter) == 0 {
		return false
	}
	word, ones := z.place(hash)
	return z.filter[word]&ones == ones
}

// spot is the word of a filter to which a hash belongs, and the bits that the hash sets in it.
type spot struct {
	word *uint64
	ones uint64
}

// HasEach appends what Has returns for each hash to dst. The filter is large, so the processor waits for it. HasEach
// first finds where it has to read for many hashes, and then reads. So the processor waits for all of them at the same
// time.
func (s *Set) HasEach(dst []bool, hashes []uint64) []bool {
	var spots [32]spot
	var nothing uint64
	for len(hashes) > 0 {
		n := min(len(hashes), len(spots))
		for i, hash := range hashes[:n] {
			z := &s.parts[hash>>56]
			if len(z.filter) == 0 {
				spots[i] = spot{&nothing, 1}
				continue
			}
			word, ones := z.place(hash)
			spots[i] = spot{&z.filter[word], ones}
		}
		for _, at := range spots[:n] {
			dst = append(dst, *at.word&at.ones == at.ones)
		}
		hashes = hashes[n:]
	}
	return dst
}

// Find appends the labels of a hash to dst, in ascending order. It appends nothing if the set does not have the hash.
func (s *Set) Find(dst []uint32, hash uint64) []uint32 {
	if !s.Has(hash) {
		return dst
	}
	z := &s.parts[hash>>56]
	for i := z.search(hash); i < z.n && z.at(i).Hash == hash; i++ {
		dst = append(dst, z.at(i).Mark.Label())
	}
	return dst
}

// near is the usual distance between two positions of an entry: its real position, and the position that it would have
// if all hashes were spread perfectly evenly.
const near = 64

// search returns the position of the first entry whose hash is equal to or greater than the argument. It starts at the
// position that this entry would have if all hashes were spread evenly.
func (z *sealed) search(hash uint64) int {
	high, _ := bits.Mul64(hash<<8, uint64(z.n))
	low := int(high)
	end := low
	for step := near; low > 0 && z.at(low).Hash >= hash; step *= 2 {
		end, low = low, max(low-step, 0)
	}
	for step := near; end < z.n && z.at(end).Hash < hash; step *= 2 {
		low, end = end, min(end+step, z.n)
	}
	return low + sort.Search(end-low, func(i int) bool { return z.at(low+i).Hash >= hash })
}
