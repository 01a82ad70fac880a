package noise

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/internal/moment"
)

// instant is a day and a time of day.
type instant struct{ day, micros int64 }

func (i instant) plus(days, micros int64) instant {
	day, rest := added(i.day+days, i.micros+micros)
	return instant{day, rest}
}

func (i instant) before(j instant) bool {
	return i.day < j.day || i.day == j.day && i.micros < j.micros
}

// bounds are the first and the last instant that CHECK constraints and partitions allow.
type bounds struct {
	first, last       instant
	hasFirst, hasLast bool
}

// boundsOf returns the bounds of a date or timestamp type.
func boundsOf(t catalog.Type) (b bounds) {
	first, last := t.Bounds()
	b.first, b.hasFirst = instantOf(first)
	b.last, b.hasLast = instantOf(last)
	return b
}

func instantOf(text string) (instant, bool) {
	m, ok := moment.Parse([]byte(text))
	if !ok {
		return instant{}, false
	}
	c, _ := moment.ParseClock(m.Rest) // the instant of a date is midnight
	return instant{m.Day, c.Micros}, true
}

func (b *bounds) hold(i instant) bool {
	return !(b.hasFirst && i.before(b.first)) && !(b.hasLast && b.last.before(i))
}

// nearest returns the instant i if it lies within the bounds. Otherwise it returns the bound that is nearest to i.
func (b *bounds) nearest(i instant) instant {
	switch {
	case b.hasFirst && i.before(b.first):
		return b.first
	case b.hasLast && b.last.before(i):
		return b.last
	}
	return i
}
