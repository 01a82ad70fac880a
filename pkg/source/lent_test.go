package source

import (
	"testing"
	"time"
)

// F10: the patience of a lent session counts from the last byte in either direction. A session is not silent if its
// program was busy for a long time and has just sent a query.
func TestF10ABusyProgramIsNotASilentServer(t *testing.T) {
	const patience = 30 * time.Second
	for _, c := range []struct {
		waiting bool
		quiet   time.Duration
		want    bool
	}{
		{true, time.Second, true},
		{true, patience - 1, true},
		{true, patience, false},
		{false, patience, true},
		{false, thinking*patience - 1, true},
		{false, thinking * patience, false},
	} {
		var l lent
		l.waiting.Store(c.waiting)
		if got := l.inOrder(c.quiet, patience); got != c.want {
			t.Errorf("waiting %t, quiet for %v: %t", c.waiting, c.quiet, got)
		}
	}
}
