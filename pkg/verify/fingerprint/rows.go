package fingerprint

import (
	"math"
	"math/bits"
)

// A table without a subject does not say how many people have a value. It says only how many rows have it, and one
// person may have very many rows of a log. So a value counts as common only if it is in clearly more rows than is usual
// for its label.
//
// The rows of a value are not counted one by one, because that needs an entry for each row. Each row has a random
// level. Half of all rows have the level 0, a quarter have the level 1, an eighth have the level 2, and so on. The
// store has an entry for each different level of a value. A value in n rows has nearly all levels up to log₂ n, and few
// others.

// levels is the number of levels. They are enough for four billion rows.
const levels = 32

// seenLevels is a set of levels.
type seenLevels uint32

// first returns k: the value has the levels below k, and not the level k. So it is in k rows or more, and probably in
// about 2^k rows.
func (s seenLevels) first() int { return bits.TrailingZeros32(^uint32(s)) }

// AddRow adds a value of a row without a subject. The argument row identifies the row. It is a hash, so that its bits
// are random.
func (w *Writer) AddRow(hash, row uint64, label uint32) {
	level := min(bits.TrailingZeros64(row), levels-1)
	if !w.s.Takes(hash) || w.knownRow(hash, level, label) {
		return
	}
	w.put(Entry{hash, ofRow | NewMark(uint64(level), label)})
}

// knownRow reports whether the store has the entry already. The slot of a value without subjects has the levels, with a
// bit for each. If some rows of a label have a subject and others have none, a slot may have both. Then levels and
// subjects may be missed, and a count may be too small, as the comment on slot says.
func (w *Writer) knownRow(hash uint64, level int, label uint32) bool {
	h := &w.habits[label%habits]
	if h.Rests(triesOfLabel, leastRepeats) {
		return false
	}
	s, key := w.slot(hash, label)
	if s.key != key {
		*s = slot{key: key}
	} else {
		h.Repeats++
	}
	part, bit := &s.subjects[level/16], uint16(1)<<(level%16)
	known := *part&bit != 0
	*part |= bit
	return known
}

// A value of a label of people is in an unusual number of rows if it is in at least unusual times as many rows as the
// values of the label on average. At most one value in 16 can be in so many rows. If no subject has the value, one in
// unusualShare of all rows is an unusual number, too: then it may be the address of a service, and nothing shows that
// it belongs to a person.
const (
	unusual      = 16
	unusualShare = 100
)

// leastLevels makes sure that a value in at most Rare rows is never common.
const leastLevels = Rare + 1

// usual says what is usual for the values of a label.
type usual struct {
	levels int  // a value that has so many levels, beginning with 0, is in an unusual number of rows
	alone  int  // like levels, for a value that no subject has
	others bool // the label has the values of other people than the subjects of its rows
}

// mostOfOthers stands for one in five. If more than one in five of the values of a label have more than Rare subjects,
// then the column is about other people than the subjects of its rows, such as the managers of employees.
const mostOfOthers = 5

// figures counts the values of a label in a part of all values.
type figures struct {
	subjects, common int64 // number of values with subjects, and of values with more than Rare subjects
	rows             int64 // number of values in rows without a subject
}

// usual computes what is usual. The argument rows is the number of rows with a value of the label. The argument part
// says in which part of all values the figures were counted.
func (f *figures) usual(rows int64, part float64) usual {
	u := usual{others: f.common*mostOfOthers > f.subjects, levels: levels + 1, alone: levelsOf(float64(rows) / unusualShare)}
	if f.rows > 0 {
		u.levels = levelsOf(unusual * float64(rows) * part / float64(f.rows))
	}
	return u
}

// levelsOf returns how many levels a value has that is in so many rows.
func levelsOf(rows float64) int {
	return max(leastLevels, int(math.Ceil(math.Log2(max(rows, 1)))))
}
