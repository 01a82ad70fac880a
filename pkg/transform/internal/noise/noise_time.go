package noise

import (
	"math/bits"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/decimal"
	"github.com/masker-project/masker/pkg/transform/internal/draw"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// jitter is noise for dates and timestamps.
type jitter struct {
	family catalog.Family
	amount int64 // microseconds
	bounds bounds
}

func (n *jitter) Append(dst, in []byte, seed *transform.Seed) ([]byte, error) {
	m, ok := moment.Parse(in)
	var c moment.Clock
	step := moment.DayMicros
	if ok && n.family != catalog.Date {
		c, ok = moment.ParseClock(m.Rest)
		step = moment.SecondMicros
		for range c.Decimals {
			step /= 10
		}
	}
	if !ok || n.family == catalog.Date && len(m.Rest) > 0 {
		return dst, moment.ErrNotDate()
	}
	by := step * jump(seed, n.amount/step)
	was := instant{m.Day, c.Micros}
	to := was.plus(0, by)
	if at := (moment.Moment{Day: to.day}); at.Clamp(n.family) || !n.bounds.hold(to) {
		// The result is beyond the end of the range or a bound of a CHECK constraint. So the value moves in the other
		// direction. It does not become the bound, unless the other result is beyond a bound too, because the value may be
		// equal to the bound.
		to = was.plus(0, -by)
	}
	to = n.bounds.nearest(to)
	m.Day, c.Micros = to.day, to.micros
	m.Clamp(n.family)
	if n.family == catalog.Date {
		return m.Append(dst), nil
	}
	return moment.AppendStamp(dst, m, c), nil
}

// added returns the day and the time of day that are a number of microseconds after the beginning of a day.
func added(day, micros int64) (days, rest int64) {
	n := moment.FloorDiv(micros, moment.DayMicros)
	return day + n, micros - n*moment.DayMicros
}

// jump returns a random number from -n to n, without 0. All numbers are equally likely.
func jump(seed *transform.Seed, n int64) int64 {
	hi, _ := draw.Halves(seed)
	pick, _ := bits.Mul64(hi, 2*uint64(n))
	if int64(pick) < n {
		return -int64(pick) - 1
	}
	return int64(pick) - n + 1
}

// durationOf reads a duration such as "3d", "36h", "15m" or "30s", up to 36500 days. It returns microseconds.
func durationOf(a *treatment.Args, name string) int64 {
	s, _ := a.Value(name).(string)
	if n := len(s); n > 1 {
		unit := map[byte]int64{'d': moment.DayMicros, 'h': 3600 * moment.SecondMicros, 'm': 60 * moment.SecondMicros, 's': moment.SecondMicros}[s[n-1]]
		v, ok := decimal.ParseWhole([]byte(s[:n-1]))
		if ok && unit > 0 && v > 0 && v <= 36500*moment.DayMicros/unit {
			return v * unit
		}
	}
	a.Fail(name, `must be a duration of whole days, hours, minutes or seconds, up to "36500d", for example "3d", "36h", "15m" or "30s"`)
	return moment.DayMicros
}
