package transform

import "bytes"

const (
	secondMicros = int64(1e6) // in microseconds
	dayMicros    = 86400 * secondMicros
)

// clock is the time of day of a timestamp, and what follows it.
type clock struct {
	micros   int64
	decimals int    // of the second, as printed
	zone     []byte // "+00"; aliases the input
}

// parseClock reads what follows the date of a timestamp: " 23:59:59.5+00".
func parseClock(b []byte) (c clock, ok bool) {
	if len(b) < 9 || b[3] != ':' || b[6] != ':' {
		return c, false
	}
	h, _, ok1 := digits(b[1:], 2, 2)
	m, _, ok2 := digits(b[4:], 2, 2)
	s, b, ok3 := digits(b[7:], 2, 2)
	if !ok1 || !ok2 || !ok3 || h > 23 || m > 59 || s > 59 {
		return c, false
	}
	c.micros = (h*3600 + m*60 + s) * secondMicros
	if len(b) > 0 && b[0] == '.' {
		fraction, rest, fine := digits(b[1:], 1, 6)
		if !fine {
			return c, false
		}
		c.decimals = len(b) - 1 - len(rest)
		for range 6 - c.decimals {
			fraction *= 10
		}
		c.micros, b = c.micros+fraction, rest
	}
	c.zone = b
	return c, true
}

// appendStamp writes a day with a time, where the family prints one.
func appendStamp(dst []byte, m moment, c clock) []byte {
	var buf [32]byte
	rest := append(buf[:0], ' ')
	s := c.micros / secondMicros
	rest = appendDigits(rest, s/3600, 2)
	rest = appendDigits(append(rest, ':'), s/60%60, 2)
	rest = appendDigits(append(rest, ':'), s%60, 2)
	if c.decimals > 0 {
		rest = appendDigits(append(rest, '.'), c.micros%secondMicros, 6)
		rest = bytes.TrimRight(rest, "0")
		rest = bytes.TrimSuffix(rest, []byte("."))
	}
	m.rest = append(rest, c.zone...)
	return m.append(dst)
}
