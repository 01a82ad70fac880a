package values

import (
	"fmt"
	"maps"
	"math"
	"slices"
)

// sketched is the largest number of values of a column that are compared with values of other columns.
const sketched = 256

// comparedFrom is the least number of bytes of most values in a column that is compared. Letters and short codes are
// the same in columns that have nothing to do with each other.
const comparedFrom = 5

// Sketch is a part of a column's different values, as hashes that mean nothing outside their Looker. All columns of a
// Looker choose the part in the same way, so two columns with the same values have the same sketch.
type Sketch struct {
	hashes []uint64 // the smallest ones, in order
	all    bool     // the column has no other values
}

// Sketch returns the sketch of the values that were added. It is empty for numbers and dates, because equal numbers do
// not mean the same, for documents, for columns of short values, and for columns with few different values.
func (c *Column) Sketch() Sketch {
	if c.typed || len(c.distinct) < severalValues || float64(c.longer) < manyOf*float64(len(c.distinct)) {
		return Sketch{}
	}
	hashes := slices.Sorted(maps.Keys(c.distinct))
	return Sketch{hashes: hashes[:min(sketched, len(hashes))], all: len(hashes) <= sketched}
}

// last returns the end of the part that the sketch describes: the sketch has every hash of its column up to this hash.
func (s Sketch) last() uint64 {
	if s.all {
		return math.MaxUint64
	}
	return s.hashes[len(s.hashes)-1]
}

// Index finds sketches that share values.
type Index struct {
	n  int
	by map[uint64][]int // the numbers of the sketches that have a hash
}

// NewIndex returns an empty index.
func NewIndex() *Index { return &Index{by: map[uint64][]int{}} }

// Add adds a sketch. The sketches are numbered from 0 in the order in which they are added.
func (x *Index) Add(s Sketch) {
	for _, h := range s.hashes {
		x.by[h] = append(x.by[h], x.n)
	}
	x.n++
}

// Near returns the numbers of the sketches for which Equal can be true, in ascending order.
func (x *Index) Near(s Sketch) []int {
	shared := map[int]int{}
	for _, h := range s.hashes {
		for _, i := range x.by[h] {
			shared[i]++
		}
	}
	maps.DeleteFunc(shared, func(_, n int) bool { return n < few })
	return slices.Sorted(maps.Keys(shared))
}

// Equal returns the evidence that the values of a column are values of another column, which has
// this class and this name. It returns false if fewer than half of the values are values of the
// other column, or if too few values can be compared.
func Equal(s, other Sketch, class, name string) (Evidence, bool) {
	if len(s.hashes) == 0 || len(other.hashes) == 0 {
		return Evidence{}, false
	}
	e := Evidence{Class: class, How: fmt.Sprintf("are values of %s too; each value is counted once", name)}
	last := min(s.last(), other.last())
	for _, h := range s.hashes {
		if h > last {
			break
		}
		e.Looked++
		if _, ok := slices.BinarySearch(other.hashes, h); ok {
			e.Hits++
		}
	}
	e.Weak = e.Share() < manyOf
	return e, e.Hits >= few && e.Looked >= severalValues && e.Share() >= half
}
