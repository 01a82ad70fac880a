// Package fingerprint holds keyed hashes of many values in bounded memory: it collects them, keeps those that few
// subjects have, and looks values up. It stores no value, and it knows nothing of columns and treatments.
package fingerprint

import "hash/maphash"

// Key hashes values to 64 bits. Keys are random, exist only in memory and cannot be stored. So nobody can use a
// fingerprint outside of the process.
//
// The hash function is the one that Go's maps use. It need not resist somebody who knows the key: whoever can read the
// key in the memory of the process can read the values themselves. It has to spread all bits, because sampling uses
// the low bits and partitions use the high bits. Tests check this.
type Key struct{ seed maphash.Seed }

// NewKey returns a random key.
func NewKey() Key { return Key{maphash.MakeSeed()} }

// Hash returns the fingerprint of a value.
func (k Key) Hash(value []byte) uint64 { return maphash.Bytes(k.seed, value) }

// Stream returns a hash of a value that comes in pieces. Its sum is equal to Hash of the whole value.
func (k Key) Stream() *maphash.Hash {
	h := &maphash.Hash{}
	h.SetSeed(k.seed)
	return h
}

// Mark says who has a value and where: 39 bits of the subject, and a label of 24 bits. One more bit says that the mark
// is of a row without a subject.
type Mark uint64

// LabelBits is the size of a label.
const LabelBits = 24

// ofRow is the bit of a mark of a row without a subject.
const ofRow Mark = 1 << 63

// NewMark returns the mark of a subject and a label. Subjects whose low 39 bits are equal count as one subject. So a
// count of subjects can be too small, but never too large, and a rare value never counts as common.
func NewMark(subject uint64, label uint32) Mark {
	return Mark(subject<<LabelBits)&^ofRow | Mark(label&(1<<LabelBits-1))
}

// Label returns the label of a mark.
func (m Mark) Label() uint32 { return uint32(m & (1<<LabelBits - 1)) }

// Subject returns the subject of a mark.
func (m Mark) Subject() uint64 { return uint64(m >> LabelBits) }

// Entry is one collected value.
type Entry struct {
	Hash uint64
	Mark Mark
}
