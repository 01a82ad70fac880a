package formula

import (
	"bytes"
	"cmp"
)

// The parts of time, from the earliest to the latest. Texts of one part are compared by their years, and then by the
// text after the year.
const (
	beforeAll = iota - 2
	beforeChrist
	afterChrist
	afterAll
)

// compareDates compares dates and timestamps by time. They are texts as PostgreSQL prints them. A comparison as texts
// would be wrong for years before Christ and for years of five or more digits. A text may be a part of a date, such as
// a year.
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
