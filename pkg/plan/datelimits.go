package plan

import (
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
)

// dateLimits holds the limits that simple CHECK constraints set for a column of dates. A zero time means no limit.
type dateLimits struct {
	first, last   time.Time
	after, before bool // the value first itself is not allowed; the value last itself is not allowed
}

func (l *dateLimits) any() bool { return !l.first.IsZero() || !l.last.IsZero() }

// compare adds the limit of a comparison between the column and a literal date. It returns false if the expression is
// not such a comparison.
func (l *dateLimits) compare(op string, left, right *sqlexpr.Expr, column string) bool {
	at, ok := literalDate(right)
	if !ok {
		if at, ok = literalDate(left); !ok {
			return false
		}
		left, op = right, strings.NewReplacer("<", ">", ">", "<").Replace(op)
	}
	if !isColumn(left, column) || op == "=" {
		return false
	}
	if op[0] == '>' && (l.first.IsZero() || !at.Before(l.first)) {
		l.first, l.after = at, op == ">" || l.after && at.Equal(l.first)
	}
	if op[0] == '<' && (l.last.IsZero() || !at.After(l.last)) {
		l.last, l.before = at, op == "<" || l.before && at.Equal(l.last)
	}
	return true
}

// literalDate returns the value of a literal date or timestamp. It reads the form that PostgreSQL writes if the time
// zone of the session is UTC.
func literalDate(x *sqlexpr.Expr) (time.Time, bool) {
	x = withoutCasts(x)
	if x.Kind != sqlexpr.Literal {
		return time.Time{}, false
	}
	for _, form := range []string{time.DateOnly, time.DateTime, time.DateTime + "-07"} {
		if at, err := time.Parse(form, x.Text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// bounds returns the first and the last value that the limits allow for the type. A result is "" if there is no limit.
// The bounds of a timestamp are whole seconds. If the last value itself is not allowed, the bound is one second
// earlier, because a type of lower precision can round a timestamp within this second up to the limit.
func (l *dateLimits) bounds(t catalog.Type) (least, most string) {
	form, step := time.DateTime, time.Second
	if t.Family == catalog.Date {
		form, step = time.DateOnly, 24*time.Hour
	}
	first, last := l.first, l.last
	if l.after || !first.Equal(first.Truncate(step)) {
		first = first.Truncate(step).Add(step)
	}
	if l.before && last.Equal(last.Truncate(step)) {
		last = last.Add(-step)
	}
	if !l.first.IsZero() {
		least = first.Format(form)
	}
	if !l.last.IsZero() {
		most = last.Format(form)
	}
	return least, most
}

// fittedDate reports whether a use gives only dates within the bounds of the column's type. The use for other rows
// (Else) must do so too.
func fittedDate(u transform.Use) bool {
	return slices.Contains([]string{"keep", "null", "noise", "shift"}, u.Treatment) && (u.Else == nil || fittedDate(*u.Else))
}
