package verify

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/verify/normal"
)

// stats are the figures of one source.
type stats struct {
	cells, nulls, empty int64
	results             int64 // results that are not NULL
	compared            int64 // results that were compared with their values
	equal, shared       tally
	unknown, pairs      int64    // comparisons of a value with its own result, and with results of other rows. Values that a treatment may have invented do not count
	unchanged           distinct // values that are equal to their own result
	alike               distinct // values that begin or end like their own result
	short, large        distinct
	standard            bool // a value is the default of its column
}

// form is a normal form with its fingerprint.
type form struct {
	text []byte
	hash uint64
}

// tally counts pairs of a value and a result that have something in common. In own, both belong to one row. In other,
// they belong to different rows.
type tally struct{ own, other int64 }

func (s *stats) add(o *stats) {
	s.cells += o.cells
	s.nulls += o.nulls
	s.empty += o.empty
	s.results += o.results
	s.compared += o.compared
	s.unknown += o.unknown
	s.pairs += o.pairs
	s.unchanged.merge(&o.unchanged)
	s.alike.merge(&o.alike)
	s.equal = tally{s.equal.own + o.equal.own, s.equal.other + o.equal.other}
	s.shared = tally{s.shared.own + o.shared.own, s.shared.other + o.shared.other}
	s.short.merge(&o.short)
	s.standard = s.standard || o.standard
	s.large.merge(&o.large)
}

func (s *stats) reset() { *s = stats{} }

// aligned compares the results of a leaf with their own values. Some results are equal to their own values by chance
// alone. To measure how often this happens, aligned compares each value with results of other rows. It also compares
// results of texts with an earlier value, which differs from their own value.
type aligned struct {
	keeps  int    // characters that the treatment is declared to keep
	last   []byte // the last value
	before []byte // the newest earlier value that differs from the field last

	first     bool   // a result of the first value begins or ends like it, and no other value has come yet
	firstHash uint64 // fingerprint of the first value
	sample    results
}

// results is a sample of results from all rows so far. The results of neighbouring rows alone would be a poor sample,
// because neighbouring rows often have the same value.
type results struct {
	hashes [others]uint64
	low    [1 << 10]uint8 // for the lowest ten bits of a hash, the number of hashes in the sample that have these bits
	seen   uint64         // number of results from which the sample was drawn
}

// others is the largest number of results with which each value is compared for equality. With more comparisons, the
// measured chance is more exact, so equalBar can return a lower bar. With a lower bar, fewer equal results are enough
// for a leak.
const others = 64

// equal returns how many results of the sample are equal to a value.
func (r *results) equal(value uint64) (n int64) {
	if r.low[value%uint64(len(r.low))] == 0 {
		return 0
	}
	for _, hash := range r.hashes[:r.size()] {
		if hash == value {
			n++
		}
	}
	return n
}

func (r *results) size() int { return int(min(r.seen, others)) }

// wants counts a result, and decides whether it comes into the sample. Every result comes into the sample with the same
// probability. If ok is true, the caller calls put with the place that wants returns.
func (r *results) wants() (at uint64, ok bool) {
	at = r.seen
	r.seen++
	if at >= others {
		if at = (r.seen * 0x9e3779b97f4a7c15 >> 32) * r.seen >> 32; at >= others {
			return at, false
		}
		r.low[r.hashes[at]%uint64(len(r.low))]--
	}
	return at, true
}

func (r *results) put(at, result uint64) {
	r.hashes[at] = result
	r.low[result%uint64(len(r.low))]++
}

// A result begins or ends like its value if at least this number of characters is equal. At the beginning of numbers,
// more digits must be equal. A treatment may keep the area of a number, and all numbers of one area begin with the same
// digits.
const (
	sharedCharacters = 4
	sharedDigits     = 7
)

// result is what a treatment made of a value. Most results can be compared without their normal form.
type result struct {
	c    *Collection
	raw  []byte
	form []byte // the normal form if it is known
	buf  *[]byte
}

// fold returns the normal form.
func (r *result) fold() []byte {
	if r.form == nil {
		*r.buf, _ = r.c.fold.Append((*r.buf)[:0], r.raw)
		r.form = *r.buf
	}
	return r.form
}

func (r *result) hash() uint64 { return r.c.keys.value.Hash(r.fold()) }

// beside compares the normal form of the result with another form.
func (r *result) beside(form []byte) normal.Likeness {
	if r.form == nil {
		if like, ok := r.c.fold.Beside(form, r.raw); ok {
			return like
		}
	}
	own := r.fold()
	return normal.Likeness{Empty: len(own) == 0, Equal: bytes.Equal(own, form), Leading: leading(form, own), Trailing: trailing(form, own)}
}

// see counts one result. The argument known says that the value is in a dictionary. A treatment may then invent it by
// chance, so it is not compared.
func (a *aligned) see(s *stats, value form, r *result, equal, known bool) {
	s.compared++
	if !known {
		count(&s.equal, equal, a.sample.equal(value.hash))
		s.unknown++
		s.pairs += int64(a.sample.size())
		if equal {
			s.unchanged.add(value.hash)
		}
	}
	if at, ok := a.sample.wants(); ok {
		a.sample.put(at, r.hash())
	}
}

// share counts whether the result of a text begins or ends like its own value, and whether it begins or ends like an
// earlier value. As long as all values are equal, chance cannot be measured: all user agents begin alike. So the rows of
// the first value count as one row, and only when there is another value. share is called for texts only, because
// different numbers and different dates often begin alike.
func (a *aligned) share(s *stats, value form, r *result, like normal.Likeness, digits bool) {
	if !bytes.Equal(a.last, value.text) {
		a.last, a.before = append(a.before[:0], value.text...), a.last
	}
	own := a.shares(like, digits)
	if len(a.before) == 0 {
		a.first, a.firstHash = a.first || own, value.hash
		return
	}
	if a.first {
		a.first = false
		s.alike.add(a.firstHash)
		s.shared.own++
	}
	other := int64(0)
	if a.shares(r.beside(a.before), digits) {
		other = 1
	}
	if own {
		s.alike.add(value.hash)
	}
	count(&s.shared, own, other)
}

func count(t *tally, own bool, other int64) {
	if own {
		t.own++
	}
	t.other += other
}

// shares reports whether two forms begin or end alike. More characters must be equal than the treatment is declared to
// keep. At least sharedCharacters must be equal, and at the beginning of forms of digits at least sharedDigits.
func (a *aligned) shares(l normal.Likeness, digits bool) bool {
	first := max(sharedCharacters, a.keeps+1)
	last := first
	if digits {
		first = max(first, sharedDigits)
	}
	return l.Leading >= first || l.Trailing >= last
}

// leading returns the number of characters with which both texts begin.
func leading(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return utf8.RuneCount(a[:n])
}

// trailing returns the number of characters with which both texts end.
func trailing(a, b []byte) (characters int) {
	for i, j := len(a)-1, len(b)-1; i >= 0 && j >= 0 && a[i] == b[j]; i, j = i-1, j-1 {
		if utf8.RuneStart(a[i]) {
			characters++
		}
	}
	return characters
}
