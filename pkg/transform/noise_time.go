package transform

import (
	"math/bits"

	"github.com/masker-project/masker/pkg/catalog"
)

// jitter is noise on dates and timestamps.
type jitter struct {
	family   catalog.Family
	amount   int64 // microseconds
	infinity bool
}

func (n *jitter) append(dst, in []byte, seed *Seed) ([]byte, error) {
	if isInfinity(in) {
		return appendInfinity(dst, in, n.infinity)
	}
	m, ok := parseMoment(in)
	var c clock
	step := dayMicros
	if ok && n.family != catalog.Date {
		c, ok = parseClock(m.rest)
		step = secondMicros
		for range c.decimals {
			step /= 10
		}
	}
	if !ok {
		return dst, errNotDate()
	}
	at := c.micros + step*jump(seed, n.amount/step)
	days := floorDiv(at, dayMicros)
	m.day, c.micros = m.day+days, at-days*dayMicros
	if !m.fits(n.family) {
		return dst, errDateRange()
	}
	if n.family == catalog.Date {
		return m.append(dst), nil
	}
	return appendStamp(dst, m, c), nil
}

// jump is uniform over -n … -1, 1 … n.
func jump(seed *Seed, n int64) int64 {
	hi, _ := halves(seed)
	pick, _ := bits.Mul64(hi, 2*uint64(n))
	if int64(pick) < n {
		return -int64(pick) - 1
	}
	return int64(pick) - n + 1
}

// lapse reads "3d", "36h", "15m" or "30s" as microseconds, up to 36500 days.
func lapse(a *args, name string) int64 {
	s, _ := a.value(name).(string)
	if n := len(s); n > 1 {
		unit := map[byte]int64{'d': dayMicros, 'h': 3600 * secondMicros, 'm': 60 * secondMicros, 's': secondMicros}[s[n-1]]
		v, ok := parseWhole([]byte(s[:n-1]))
		if ok && unit > 0 && v > 0 && v <= 36500*dayMicros/unit {
			return v * unit
		}
	}
	a.fail(name, `wants a duration of whole days, hours, minutes or seconds, up to "36500d", as in "3d", "36h", "15m" or "30s"`)
	return dayMicros
}
