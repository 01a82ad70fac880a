package transform

import (
	"strings"
)

// writtenDate is a date as people write it: the places of its parts, and what stands between them stays.
type writtenDate struct {
	year, month, day span
	names            [][]byte // of the months, where the month is a word
	ordinal          bool     // the day's span ends in st, nd, rd or th
	y, m, d          int64
	swapped          bool // day and month could also be the other way round
	end              int
}

// dateAt reads the date that starts with the numerals r.
func (t *months) dateAt(b []byte, r *numerals) (w writtenDate, ok bool) {
	if !digitByte(r.first) || r.n == 0 || r.length(0) > 4 {
		return w, false
	}
	if r.n >= 3 && r.sep[1] == r.sep[2] && r.sep[1] != ' ' && r.sep[1] != '(' {
		if w, ok = numericDate(b, r); ok {
			return w, true
		}
	}
	if r.length(0) <= 2 {
		return t.dayFirst(b, r.group[0])
	}
	return w, false
}

// numericDate reads 2024-02-29, 29.2.2024, 29/02/24, 2/29/2024.
func numericDate(b []byte, r *numerals) (w writtenDate, ok bool) {
	a, m, z := r.group[0], r.group[1], r.group[2]
	if r.length(1) > 2 || r.n > 3 && r.sep[3] == r.sep[2] {
		return w, false
	}
	w.end = z.end
	switch {
	case r.length(0) == 4 && r.length(2) <= 2:
		w.year, w.month, w.day = a, m, z
	case r.length(0) <= 2 && (r.length(2) == 4 || r.length(2) == 2):
		w.day, w.month, w.year = a, m, z
		if first := spanNumber(b, a); r.sep[1] == '/' && first <= 12 || spanNumber(b, m) > 12 {
			w.day, w.month = m, a // as the United States write it
		}
		w.swapped = spanNumber(b, a) <= 12 && spanNumber(b, m) <= 12
	default:
		return w, false
	}
	w.m = spanNumber(b, w.month)
	return w, w.complete(b)
}

// complete reads year and day, and says whether there is such a date.
func (w *writtenDate) complete(b []byte) bool {
	day := w.day
	if w.ordinal {
		day.end -= 2
	}
	w.y, w.d = spanNumber(b, w.year), spanNumber(b, day)
	if w.year.end-w.year.start == 2 {
		w.y += 1900
		if w.y < 1930 {
			w.y += 100
		}
	}
	return w.y >= 1000 && w.m >= 1 && w.m <= 12 && w.d >= 1 && w.d <= monthDays(w.y, w.m)
}

func spanNumber(b []byte, s span) (v int64) {
	for _, c := range b[s.start:s.end] {
		v = v*10 + int64(c-'0')
	}
	return v
}

// dayFirst reads 29 February 2024, 29. Februar 2024, 29th Feb 2024, 29-Feb-2024, 29 de febrero de 2024.
func (t *months) dayFirst(b []byte, day span) (w writtenDate, ok bool) {
	i := skipAny(b, day.end, " .-/", 2)
	if i = skipWord(b, i, "de"); i == day.end || i >= len(b) {
		return w, false
	}
	return t.fromMonth(b, i, day, false)
}

// ordinalAt reads a date that starts with a day such as 29th: w is the word.
func (t *months) ordinalAt(b []byte, i, end int) (w writtenDate, ok bool) {
	day, ok := ordinalDay(b, i, end)
	if !ok {
		return w, false
	}
	next := skipWord(b, skipAny(b, end, " .-", 2), "of")
	if next == end || next >= len(b) {
		return w, false
	}
	return t.fromMonth(b, next, day, true)
}

func ordinalDay(b []byte, i, end int) (day span, ok bool) {
	n := end - i
	if n < 3 || n > 4 || !digitByte(b[i]) || n == 4 && !digitByte(b[i+1]) {
		return day, false
	}
	two := [2]byte{b[end-2] | 0x20, b[end-1] | 0x20}
	switch string(two[:]) {
	case "st", "nd", "rd", "th":
		return span{i, end}, true
	}
	return day, false
}

// fromMonth goes on with the month's name and the year.
func (t *months) fromMonth(b []byte, i int, day span, ordinal bool) (w writtenDate, ok bool) {
	if !t.fold.starts(b, i) {
		return w, false
	}
	name := t.fold.wordAt(b, i)
	list, m := t.find(&name)
	if m == 0 {
		return w, false
	}
	next := skipWord(b, skipAny(b, name.end, " .,-/", 3), "de")
	year, ok := yearAt(b, next)
	if !ok {
		return w, false
	}
	w = writtenDate{year: year, month: span{name.start, name.end}, day: day, names: list, ordinal: ordinal, m: m, end: year.end}
	return w, w.complete(b)
}

// monthFirst reads February 29, 2024 and Feb 29th 2024: name is the month's word.
func (t *months) monthFirst(b []byte, name *word) (w writtenDate, ok bool) {
	i := skipAny(b, name.end, " .", 2)
	if i >= len(b) || !digitByte(b[i]) {
		return w, false
	}
	list, m := t.find(name)
	if m == 0 {
		return w, false
	}
	end := t.fold.wordAt(b, i).end
	day, ordinal := ordinalDay(b, i, end)
	if !ordinal {
		day = span{i, end}
	}
	if !ordinal && (end-i > 2 || !digitByte(b[end-1])) {
		return w, false
	}
	year, ok := yearAt(b, skipAny(b, end, " ,", 2))
	if !ok {
		return w, false
	}
	w = writtenDate{year: year, month: span{name.start, name.end}, day: day, names: list, ordinal: ordinal, m: m, end: year.end}
	return w, w.complete(b)
}

// yearAt reads a year of four digits.
func yearAt(b []byte, i int) (s span, ok bool) {
	s = span{i, i + 4}
	if s.end > len(b) || glued(b, s.end) {
		return s, false
	}
	for _, c := range b[s.start:s.end] {
		if !digitByte(c) {
			return s, false
		}
	}
	return s, true
}

func skipAny(b []byte, i int, set string, most int) int {
	for n := 0; n < most && i < len(b) && strings.IndexByte(set, b[i]) >= 0; n++ {
		i++
	}
	return i
}

// skipWord skips a word and the blank behind it.
func skipWord(b []byte, i int, w string) int {
	if len(b) > i+len(w) && string(b[i:i+len(w)]) == w && b[i+len(w)] == ' ' {
		return i + len(w) + 1
	}
	return i
}

// append writes another day the way w was written.
func (w *writtenDate) append(dst, b []byte, start int, day int64) []byte {
	y, m, d := dateOf(day)
	parts := [3]span{w.year, w.month, w.day}
	if parts[0].start > parts[1].start {
		parts[0], parts[1] = parts[1], parts[0]
	}
	if parts[1].start > parts[2].start {
		parts[1], parts[2] = parts[2], parts[1]
	}
	if parts[0].start > parts[1].start {
		parts[0], parts[1] = parts[1], parts[0]
	}
	for _, p := range parts {
		dst = append(dst, b[start:p.start]...)
		start = p.end
		switch {
		case p == w.year && p.end-p.start == 2:
			dst = appendDigits(dst, y%100, 2)
		case p == w.year:
			dst = appendDigits(dst, y, 4)
		case p == w.month && w.names != nil:
			dst = appendCased(dst, w.names[m-1], b[p.start:p.end])
		case p == w.month:
			dst = appendDigits(dst, m, p.end-p.start)
		case w.ordinal:
			dst = append(appendInt(dst, d), ordinalEnd(d)...)
		default:
			dst = appendDigits(dst, d, p.end-p.start)
		}
	}
	return append(dst, b[start:w.end]...)
}

func ordinalEnd(d int64) string {
	switch {
	case d%100 >= 11 && d%100 <= 13:
	case d%10 == 1:
		return "st"
	case d%10 == 2:
		return "nd"
	case d%10 == 3:
		return "rd"
	}
	return "th"
}
