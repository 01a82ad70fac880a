package fingerprint

// Rare is the largest number of subjects of a rare value.
const Rare = 3

const seenSlots = 1 << 14

// slot remembers some subjects of one value. So the writer does not add a frequent value again for every row. A writer
// may forget a slot, and then it adds entries twice. This needs more memory, but does not change the result.
//
// Of each subject, a slot has only 16 bits, so that many slots are in the processor's cache. So two subjects of a value
// may count as one. As with a Mark, a count of subjects can be too small, but never too large.
type slot struct {
	key      uint64
	subjects [Rare + 1]uint16 // 0 is an empty place
}

// slot returns the slot of a value, and the key that the slot has if it remembers this value.
func (w *Writer) slot(hash uint64, label uint32) (s *slot, key uint64) {
	key = hash ^ uint64(label)*0x9e3779b97f4a7c15
	return &w.seen[key>>20%seenSlots], key
}

// Seen reports whether the writer has added a value of a label, and whether it has added so many subjects of the value
// that the value is common. A common value need not be added any more. The writer may have forgotten the value.
func (w *Writer) Seen(hash uint64, label uint32) (seen, common bool) {
	if w.habits[label%habits].Resting > 0 {
		return false, false
	}
	s, key := w.slot(hash, label)
	return s.key == key, s.key == key && s.subjects[Rare] != 0
}

// known reports whether an entry is not needed. There are two reasons: the store has the entry already, or the store
// has so many subjects of the value that the value is common.
func (w *Writer) known(hash, subject uint64, label uint32) bool {
	h := &w.habits[label%habits]
	if h.Rests(triesOfLabel, leastRepeats) {
		return false
	}
	s, key := w.slot(hash, label)
	part := max(uint16(subject), 1)
	if s.key != key {
		*s = slot{key: key, subjects: [Rare + 1]uint16{part}}
		return false
	}
	h.Repeats++
	for i, other := range s.subjects {
		switch other {
		case part:
			return true
		case 0:
			s.subjects[i] = part
			return false
		}
	}
	return true
}

// A Writer decides with these numbers whether a label rests. Several labels may share a Habit.
const (
	habits       = 1 << 10
	triesOfLabel = 1 << 12
	leastRepeats = 1 << 7
)
