package recognise

import (
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/recognise/words"
)

// WrittenDate is a date as a text writes it: the values of its parts and their positions in the text.
type WrittenDate struct {
	Year, Month, Day Span
	Names            [][]byte // month names in the language of the date; nil where the month is a number
	Ordinal          bool     // Day ends in st, nd, rd or th
	Y, M, D          int64
	Spelled          bool // the day is written in words; only End is set
	Swapped          bool // day and month are numbers up to 12 before the year, so their order is uncertain
	End              int
}

// dateAt reads a date that starts with the numerals r.
func (t *months) dateAt(b []byte, r *Numerals) (w WrittenDate, ok bool) {
	if !words.IsDigit(r.first) || r.n == 0 || r.length(0) > 4 {
		return w, false
	}
	if r.n >= 3 && r.sep[1] == r.sep[2] && r.datesWith(r.sep[1]) {
		if w, ok = numericDate(b, r); ok {
			return w, true
		}
	}
	switch {
	case r.length(0) <= 2:
		return t.dayFirst(b, r.group[0])
	case r.length(0) == 4 && r.n == 1:
		return t.yearFirst(b, r.group[0])
	}
	return w, false
}

// yearFirst reads the rest of a date that begins with the year, such as 1984 February 29 and 1984. február 29.
func (t *months) yearFirst(b []byte, year Span) (w WrittenDate, ok bool) {
	i := skipAny(b, year.End, " .,-/", 3)
	if i == year.End || i >= len(b) || !t.fold.Starts(b, i) {
		return w, false
	}
	name := t.fold.At(b, i)
	list, m := t.find(&name)
	day := Span{Start: skipAny(b, name.End, " .-/", 2)}
	day.End = digitsEnd(b, day.Start, 3)
	if size := day.End - day.Start; m == 0 || size < 1 || size > 2 || words.Continues(b, day.End) {
		return w, false
	}
	w = WrittenDate{Year: year, Month: Span{name.Start, name.End}, Day: day, Names: list, M: m, End: day.End}
	return w, w.complete(b)
}

// eastAsianDate reads 1984年2月29日 and 1984년 2월 29일, and keeps the date in s.date. It returns the end of the date, or 0.
func (s *Scanner) eastAsianDate(b []byte, i int) int {
	var part [3]Span
	for k := range part {
		part[k].Start = i
		part[k].End = digitsEnd(b, i, 4)
		after := sign(b, part[k].End, [...]string{"年년", "月월", "日일号"}[k])
		if part[k].End == i || after == part[k].End || k > 0 && part[k].End-i > 2 {
			return 0
		}
		i = after
		if k < 2 {
			i = skipAny(b, after, " ", 1)
		}
	}
	w := WrittenDate{Year: part[0], Month: part[1], Day: part[2], End: i}
	if w.M = spanNumber(b, w.Month); !w.complete(b) {
		return 0
	}
	s.date = w
	return i
}

// datesWith reports whether a separator may stand between the parts of a date. A blank, an asterisk or a comma may
// stand there only if the year has four digits. A colon or an underscore may stand there only if such a year comes
// first.
func (r *Numerals) datesWith(sep byte) bool {
	switch sep {
	case '-', '.', '/', wide:
		return true
	case ' ', '*', ',':
		return r.length(0) == 4 || r.length(2) == 4
	case ':', '_':
		return r.length(0) == 4
	}
	return false
}

// numericDate reads 2024-02-29, 29.2.2024, 29/02/24, 2/29/2024.
func numericDate(b []byte, r *Numerals) (w WrittenDate, ok bool) {
	a, m, z := r.group[0], r.group[1], r.group[2]
	if r.length(1) > 2 || r.n > 3 && r.sep[3] == r.sep[2] {
		return w, false
	}
	w.End = z.End
	switch {
	case r.length(0) == 4 && r.length(2) <= 2:
		w.Year, w.Month, w.Day = a, m, z
	case r.length(0) <= 2 && (r.length(2) == 4 || r.length(2) == 2):
		w.Day, w.Month, w.Year = a, m, z
		if first := spanNumber(b, a); r.sep[1] == '/' && first <= 12 || spanNumber(b, m) > 12 {
			w.Day, w.Month = m, a // the order of the United States
		}
		w.Swapped = spanNumber(b, a) <= 12 && spanNumber(b, m) <= 12
	default:
		return w, false
	}
	w.M = spanNumber(b, w.Month)
	return w, w.complete(b)
}

// complete reads year and day. It reports whether the date exists.
func (w *WrittenDate) complete(b []byte) bool {
	day := w.Day
	if w.Ordinal {
		day.End -= 2
	}
	w.Y, w.D = spanNumber(b, w.Year), spanNumber(b, day)
	if w.Year.End-w.Year.Start == 2 {
		w.Y += 1900
		if w.Y < 1930 {
			w.Y += 100
		}
	}
	return w.Y >= 1000 && w.M >= 1 && w.M <= 12 && w.D >= 1 && w.D <= monthDays(w.Y, w.M)
}

func spanNumber(b []byte, s Span) (v int64) {
	for _, c := range b[s.Start:s.End] {
		v = v*10 + int64(c-'0')
	}
	return v
}

// dayFirst reads 29 February 2024, 29. Februar 2024, 29th Feb 2024, 29-Feb-2024, 29 de febrero de 2024.
func (t *months) dayFirst(b []byte, day Span) (w WrittenDate, ok bool) {
	i := skipAny(b, day.End, " .-/", 2)
	if i = skipWord(b, i, "de"); i == day.End || i >= len(b) {
		return w, false
	}
	return t.fromMonth(b, i, day, false)
}

// ordinalAt reads a date that starts with a day such as 29th. b[i:end] is that word.
func (t *months) ordinalAt(b []byte, i, end int) (w WrittenDate, ok bool) {
	if end > len(b) {
		return w, false // an e-mail address begins within the word
	}
	day, ok := ordinalDay(b, i, end)
	if !ok {
		return w, false
	}
	next := skipWord(b, skipWord(b, skipAny(b, end, " .-", 2), "day"), "of")
	if next == end || next >= len(b) {
		return w, false
	}
	return t.fromMonth(b, next, day, true)
}

func ordinalDay(b []byte, i, end int) (day Span, ok bool) {
	n := end - i
	if n < 3 || n > 4 || !words.IsDigit(b[i]) || n == 4 && !words.IsDigit(b[i+1]) {
		return day, false
	}
	two := [2]byte{b[end-2] | 0x20, b[end-1] | 0x20}
	switch string(two[:]) {
	case "st", "nd", "rd", "th":
		return Span{i, end}, true
	}
	return day, false
}

// fromMonth reads the rest of a date that begins with a day: the month's name and the year.
func (t *months) fromMonth(b []byte, i int, day Span, ordinal bool) (w WrittenDate, ok bool) {
	if !t.fold.Starts(b, i) {
		return w, false
	}
	name := t.fold.At(b, i)
	list, m := t.find(&name)
	if m == 0 {
		return w, false
	}
	next := skipWord(b, skipAny(b, name.End, " .,-/", 3), "de")
	year, ok := yearAt(b, next)
	if !ok {
		return w, false
	}
	w = WrittenDate{Year: year, Month: Span{name.Start, name.End}, Day: day, Names: list, Ordinal: ordinal, M: m, End: year.End}
	return w, w.complete(b)
}

// monthFirst reads February 29, 2024 and Feb 29th 2024. name is the word of the month.
func (t *months) monthFirst(b []byte, name *words.Word) (w WrittenDate, ok bool) {
	i := skipAny(b, name.End, " .", 2)
	if i >= len(b) || !words.IsDigit(b[i]) {
		return w, false
	}
	list, m := t.find(name)
	if m == 0 {
		return w, false
	}
	end := t.fold.At(b, i).End
	day, ordinal := ordinalDay(b, i, end)
	if !ordinal {
		day = Span{i, end}
	}
	if !ordinal && (end-i > 2 || !words.IsDigit(b[end-1])) {
		return w, false
	}
	year, ok := yearAt(b, skipAny(b, end, " ,", 2))
	if !ok {
		return w, false
	}
	w = WrittenDate{Year: year, Month: Span{name.Start, name.End}, Day: day, Names: list, Ordinal: ordinal, M: m, End: year.End}
	return w, w.complete(b)
}

// yearAt reads a year of four digits, or of two digits with or without an apostrophe. Two digits before a colon, % or °
// are not a year.
func yearAt(b []byte, i int) (s Span, ok bool) {
	if i < len(b) && b[i] == '\'' {
		i++
	}
	s = Span{i, digitsEnd(b, i, 5)}
	if n := s.End - i; n != 4 && n != 2 || words.Continues(b, s.End) || n == 2 && s.End < len(b) && strings.IndexByte(":%°", b[s.End]) >= 0 {
		return s, false
	}
	return s, true
}

func skipAny(b []byte, i int, set string, most int) int {
	for n := 0; n < most && i < len(b) && strings.IndexByte(set, b[i]) >= 0; n++ {
		i++
	}
	return i
}

// skipWord skips the word w and the blank after it.
func skipWord(b []byte, i int, w string) int {
	if len(b) > i+len(w) && string(b[i:i+len(w)]) == w && b[i+len(w)] == ' ' {
		return i + len(w) + 1
	}
	return i
}

// monthDays returns the number of days of a month. Day 0 of the next month is the last day of the month.
func monthDays(year, month int64) int64 {
	return int64(time.Date(int(year), time.Month(month)+1, 0, 0, 0, 0, 0, time.UTC).Day())
}
