package verify

import (
	"bytes"
	"unicode/utf8"
)

// stats are the figures of one source.
type stats struct {
	cells, nulls, empty int64
	compared            int64 // results that were compared with their values
	equal, shared       tally
	short, large        distinct
}

// tally counts results that have something in common with their own value, and with the value of another row.
type tally struct{ own, other int64 }

func (s *stats) add(o *stats) {
	s.cells += o.cells
	s.nulls += o.nulls
	s.empty += o.empty
	s.compared += o.compared
	s.equal = tally{s.equal.own + o.equal.own, s.equal.other + o.equal.other}
	s.shared = tally{s.shared.own + o.shared.own, s.shared.other + o.shared.other}
	s.short.merge(&o.short)
	s.large.merge(&o.large)
}

func (s *stats) reset() { *s = stats{} }

// aligned compares results with values. The chance is measured: each result is also compared with the last value of
// another row that differs.
type aligned struct {
	keeps  int    // characters that the treatment is declared to keep
	last   []byte // the last value
	before []byte // the last value that differs from it
}

// The number of characters at one end from which results share something with their values. Numbers of one area begin with the
// same digits, and the area may stay.
const (
	sharedCharacters = 4
	sharedDigits     = 7
)

// see counts one result. known says that the treatment may invent the same word.
func (a *aligned) see(s *stats, value, result []byte, known, digits bool) {
	if len(value) == 0 || len(result) == 0 {
		return
	}
	if !bytes.Equal(a.last, value) {
		a.last, a.before = append(a.before[:0], value...), a.last
	}
	s.compared++
	equal := bytes.Equal(value, result)
	if !known {
		count(&s.equal, equal, len(a.before) > 0 && bytes.Equal(a.before, result))
	}
	if !equal {
		count(&s.shared, a.shares(value, result, digits), len(a.before) > 0 && a.shares(a.before, result, digits))
	}
}

func count(t *tally, own, other bool) {
	if own {
		t.own++
	}
	if other {
		t.other++
	}
}

// shares reports whether two forms begin or end with the same characters, more than the treatment is declared to keep.
func (a *aligned) shares(value, result []byte, digits bool) bool {
	first := max(sharedCharacters, a.keeps+1)
	last := first
	if digits {
		first = max(first, sharedDigits)
	}
	return leading(value, result) >= first || trailing(value, result) >= last
}

// leading returns the number of characters with which both begin, at most as many as can matter.
func leading(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return utf8.RuneCount(a[:n])
}

// trailing returns the number of characters with which both end.
func trailing(a, b []byte) (characters int) {
	for i, j := len(a)-1, len(b)-1; i >= 0 && j >= 0 && a[i] == b[j]; i, j = i-1, j-1 {
		if utf8.RuneStart(a[i]) {
			characters++
		}
	}
	return characters
}
