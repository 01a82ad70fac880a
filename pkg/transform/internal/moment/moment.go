// Package moment reads and writes dates and timestamps as PostgreSQL prints them, including years before Christ.
package moment

import (
	"bytes"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
)

// Moment is a date and the text after it.
type Moment struct {
	Day  int64  // days since 1970-01-01, proleptic Gregorian
	Rest []byte // " 12:00:00+00", aliases the input
	BC   bool
}

// Parse reads PostgreSQL's ISO dates and timestamps (years of four or more digits, BC). It also reads the form of
// ISO 8601 with a T. The part after the date must have the form of a time.
func Parse(b []byte) (m Moment, ok bool) {
	b, m.BC = bytes.CutSuffix(b, []byte(" BC"))
	year, b, ok1 := decimal.Digits(b, 4, 7)
	month, b, ok2 := dashed(b)
	day, rest, ok3 := dashed(b)
	if !ok1 || !ok2 || !ok3 || year == 0 || month < 1 || month > 12 || !isTime(rest) {
		return m, false
	}
	if m.BC {
		year = 1 - year // 1 BC is year 0
	}
	if day < 1 || day > monthDays(year, month) {
		return m, false
	}
	m.Day, m.Rest = DaysFrom(year, month, day), rest
	return m, true
}

func dashed(b []byte) (v int64, rest []byte, ok bool) {
	if len(b) == 0 || b[0] != '-' {
		return 0, b, false
	}
	return decimal.Digits(b[1:], 2, 2)
}

// isTime reports whether b is empty or is a time of day. The time may have a zone, which is Z or a number. Callers copy
// b to the result, so b must not contain anything else.
func isTime(b []byte) bool {
	if len(b) == 0 {
		return true
	}
	if b[0] != ' ' && b[0] != 'T' {
		return false
	}
	_, b, ok := decimal.Digits(b[1:], 2, 2)
	for range 2 {
		if ok && len(b) > 0 && b[0] == ':' {
			_, b, ok = decimal.Digits(b[1:], 2, 2)
		}
	}
	if ok && len(b) > 0 && b[0] == '.' {
		_, b, ok = decimal.Digits(b[1:], 1, 9)
	}
	if ok && len(b) > 0 && b[0] == 'Z' {
		b = b[1:]
	}
	if ok && len(b) > 0 && (b[0] == '+' || b[0] == '-') {
		_, b, ok = decimal.Digits(b[1:], 2, 2)
		for range 2 {
			if ok && len(b) > 0 && b[0] == ':' {
				_, b, ok = decimal.Digits(b[1:], 2, 2)
			}
		}
	}
	return ok && len(b) == 0
}

// Append appends the date as PostgreSQL prints it, and the text after it.
func (m *Moment) Append(dst []byte) []byte {
	year, month, day := DateOf(m.Day)
	bc := year <= 0
	if bc {
		year = 1 - year
	}
	for pad := int64(1000); year < pad && pad > 1; pad /= 10 {
		dst = append(dst, '0')
	}
	dst = decimal.AppendInt(dst, year)
	dst = append(dst, '-', byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10))
	dst = append(dst, m.Rest...)
	if bc {
		dst = append(dst, " BC"...)
	}
	return dst
}

// Fits reports whether the range of the type family includes the day. A date has no time of day.
func (m *Moment) Fits(f catalog.Family) bool {
	first, last := limits(f)
	return m.Day >= first && m.Day <= last && (f != catalog.Date || len(m.Rest) == 0)
}

// Clamp moves a day outside the range of the type family to the nearest day inside. It reports whether it moved the
// day.
func (m *Moment) Clamp(f catalog.Family) bool {
	first, last := limits(f)
	was := m.Day
	m.Day = min(max(m.Day, first), last)
	return m.Day != was
}

// limits returns the first and the last day of a type family's range. The range starts at 4714-11-24 BC. It ends at
// 5874897-12-31 for dates and at 294276-12-31 for timestamps.
func limits(f catalog.Family) (first, last int64) {
	last = DaysFrom(294276, 12, 31)
	if f == catalog.Date {
		last = DaysFrom(5874897, 12, 31)
	}
	first = DaysFrom(-4713, 11, 24)
	if f == catalog.TimestampTZ {
		first, last = first+1, last-1 // in another zone the limits may print a day earlier or later
	}
	return first, last
}

func monthDays(year, month int64) int64 {
	return DaysFrom(year, month+1, 1) - DaysFrom(year, month, 1)
}

// DaysFrom returns the days since 1970-01-01 in the proleptic Gregorian calendar. Month 13 is the next January.
// (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".)
func DaysFrom(y, m, d int64) int64 {
	if m > 12 {
		y, m = y+1, m-12
	}
	if m <= 2 {
		y--
		m += 12
	}
	era := FloorDiv(y, 400)
	yoe := y - era*400
	doy := (153*(m-3)+2)/5 + d - 1
	return era*146097 + yoe*365 + yoe/4 - yoe/100 + doy - 719468
}

// DateOf returns the date that is day days after 1970-01-01.
func DateOf(day int64) (y, m, d int64) {
	day += 719468
	era := FloorDiv(day, 146097)
	doe := day - era*146097
	yoe := (doe - doe/1460 + doe/36524 - doe/146096) / 365
	doy := doe - (365*yoe + yoe/4 - yoe/100)
	mp := (5*doy + 2) / 153
	y, m, d = yoe+era*400, mp+3, doy-(153*mp+2)/5+1
	if m > 12 {
		y, m = y+1, m-12
	}
	return y, m, d
}

// FloorDiv returns a/b, rounded down. b must be positive.
func FloorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// DateLen is the length of a date of the years 1 to 9999.
const DateLen = len("2006-01-02")

// AppendDay appends the date that is day days after 1970-01-01.
func AppendDay(dst []byte, day int64) []byte {
	m := Moment{Day: day}
	return m.Append(dst)
}

// Midnight returns the text that follows the date in a value at midnight, as PostgreSQL prints the type family. For
// dates, the text is empty.
func Midnight(f catalog.Family) string {
	switch f {
	case catalog.Timestamp:
		return " 00:00:00"
	case catalog.TimestampTZ:
		return " 00:00:00+00"
	}
	return ""
}
