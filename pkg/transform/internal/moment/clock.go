package moment

import (
	"bytes"

	"github.com/masker-project/masker/pkg/transform/internal/decimal"
)

// Durations in microseconds.
const (
	SecondMicros = int64(1e6)
	DayMicros    = 86400 * SecondMicros
)

// Clock is the time of day of a timestamp, with its zone.
type Clock struct {
	Micros   int64
	Decimals int    // number of decimals of the second, as printed, at most 6
	Zone     []byte // "+00"; aliases the input
	T        bool   // the date is followed by a T, as in ISO 8601, and not by a space
}

// ParseClock reads the part of a timestamp after the date: " 23:59:59.5+00", or "T23:59Z" in a document. It drops
// decimals after the sixth.
func ParseClock(b []byte) (c Clock, ok bool) {
	if len(b) < 3 || b[0] != ' ' && b[0] != 'T' {
		return c, false
	}
	c.T = b[0] == 'T'
	h, b, ok := decimal.Digits(b[1:], 2, 2)
	var m, s int64
	if ok && len(b) > 0 && b[0] == ':' {
		m, b, ok = decimal.Digits(b[1:], 2, 2)
	}
	if ok && len(b) > 0 && b[0] == ':' {
		s, b, ok = decimal.Digits(b[1:], 2, 2)
	}
	if !ok || h > 23 || m > 59 || s > 59 {
		return c, false
	}
	c.Micros = (h*3600 + m*60 + s) * SecondMicros
	if len(b) > 0 && b[0] == '.' {
		fraction, rest, fine := decimal.Digits(b[1:], 1, 9)
		if !fine {
			return c, false
		}
		c.Decimals = len(b) - 1 - len(rest)
		for ; c.Decimals > 6; c.Decimals-- {
			fraction /= 10
		}
		for range 6 - c.Decimals {
			fraction *= 10
		}
		c.Micros, b = c.Micros+fraction, rest
	}
	c.Zone = b
	return c, true
}

// AppendStamp appends a day with a time of day.
func AppendStamp(dst []byte, m Moment, c Clock) []byte {
	var buf [32]byte
	rest := append(buf[:0], ' ')
	if c.T {
		rest[0] = 'T'
	}
	s := c.Micros / SecondMicros
	rest = decimal.AppendDigits(rest, s/3600, 2)
	rest = decimal.AppendDigits(append(rest, ':'), s/60%60, 2)
	rest = decimal.AppendDigits(append(rest, ':'), s%60, 2)
	if c.Decimals > 0 {
		rest = decimal.AppendDigits(append(rest, '.'), c.Micros%SecondMicros, 6)
		rest = bytes.TrimRight(rest, "0")
		rest = bytes.TrimSuffix(rest, []byte("."))
	}
	m.Rest = append(rest, c.Zone...)
	return m.Append(dst)
}
