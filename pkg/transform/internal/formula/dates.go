package formula

import (
	"bytes"
	"cmp"
)

// The parts of time, from the earliest. Texts of one part sort by their years.
const (
	beforeAll = iota - 2
	beforeChrist
	afterChrist
	afterAll
)

// compareDates compares texts of dates and timestamps, as PostgreSQL prints them, by time. Years before Christ and years of five
// digits and more do not sort as texts. A text may be a part of a date, such as a year.
func compareDates(a, b []byte) int {
	part := partOfTime(a)
	if c := cmp.Compare(part, partOfTime(b)); c != 0 {
		return c
	}
	i, j := yearLength(a), yearLength(b)
	year := cmp.Or(cmp.Compare(i, j), bytes.Compare(a[:i], b[:j]))
	if part == beforeChrist {
		year = -year
	}
	return cmp.Or(year, bytes.Compare(a[i:], b[j:]))
}

func partOfTime(b []byte) int {
	switch {
	case string(b) == "-infinity":
		return beforeAll
	case string(b) == "infinity":
		return afterAll
	case bytes.HasSuffix(b, []byte(" BC")):
		return beforeChrist
	}
	return afterChrist
}

// yearLength returns the number of digits at the start of a text.
func yearLength(b []byte) int {
	if i := bytes.IndexFunc(b, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		return i
	}
	return len(b)
}
