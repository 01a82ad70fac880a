package plan

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// limits holds what simple CHECK constraints allow of one column.
type limits struct {
	minLen, maxLen int   // characters; 0 means no limit
	maxBytes       int   // 0 means no limit
	lo, hi         int64 // whole numbers
	numbers        bool  // a CHECK sets lo or hi
}

func unlimited() limits { return limits{lo: math.MinInt64, hi: math.MaxInt64} }

// readCheck adds what a CHECK says of a column to its limits. all reports whether the CHECK says no more than that. A CHECK that is
// not valid says nothing: rows of the source break it.
func (l *limits) readCheck(check catalog.Check, column string) (all bool) {
	x, err := sqlexpr.Parse(check.Expr)
	return err == nil && !check.NotValid && l.read(x, column)
}

// read reads conditions that are joined by AND. A condition joined by OR to a test for NULL counts too, because a CHECK allows NULL
// anyway.
func (l *limits) read(x *sqlexpr.Expr, column string) (all bool) {
	switch {
	case x.IsOperator("and"):
		all = true
		for _, part := range x.Args {
			all = l.read(part, column) && all
		}
		return all
	case x.IsOperator("or") && len(x.Args) == 2:
		for i, part := range x.Args {
			if part.IsOperator("is null") && isColumn(part.Args[0], column) {
				return l.read(x.Args[1-i], column)
			}
		}
		return false
	case x.IsOperator("<=", "<", ">=", ">", "=") && len(x.Args) == 2:
		return l.compare(x.Name, x.Args[0], x.Args[1], column)
	}
	return false
}

// compare reads a comparison with a whole number on one of its sides.
func (l *limits) compare(op string, left, right *sqlexpr.Expr, column string) bool {
	number, ok := wholeNumber(right)
	if !ok {
		if number, ok = wholeNumber(left); !ok {
			return false
		}
		left, op = right, strings.NewReplacer("<", ">", ">", "<").Replace(op) // 32 >= length(x) is length(x) <= 32
	}
	lo, hi := interval(op, number)
	switch {
	case isColumn(left, column):
		l.lo, l.hi, l.numbers = max(l.lo, lo), min(l.hi, hi), true
		return true
	case left.IsCall("char_length", "character_length", "length", "octet_length") && len(left.Args) == 1 && isColumn(left.Args[0], column):
		return l.limitLength(strings.EqualFold(left.Name, "octet_length"), lo, hi)
	}
	return false
}

// isColumn reports whether an expression is the column, also as another type. A CHECK of a domain says VALUE.
func isColumn(x *sqlexpr.Expr, column string) bool {
	for x.Kind == sqlexpr.Cast && len(x.Args) == 1 {
		x = x.Args[0]
	}
	return x.Kind == sqlexpr.Column && (x.Name == column || x.Name == "value")
}

// wholeNumber returns the value of a literal, also as another type.
func wholeNumber(x *sqlexpr.Expr) (int64, bool) {
	for x.Kind == sqlexpr.Cast && len(x.Args) == 1 {
		x = x.Args[0]
	}
	n, err := strconv.ParseInt(x.Text, 10, 64)
	return n, x.Kind == sqlexpr.Literal && err == nil && n > -1<<62 && n < 1<<62
}

// interval returns the lowest and the highest whole number that a comparison allows.
func interval(op string, n int64) (lo, hi int64) {
	lo, hi = math.MinInt64, math.MaxInt64
	switch op {
	case "<=":
		hi = n
	case "<":
		hi = n - 1
	case ">=":
		lo = n
	case ">":
		lo = n + 1
	case "=":
		lo, hi = n, n
	}
	return lo, hi
}

func (l *limits) limitLength(bytes bool, lo, hi int64) bool {
	if hi < 1 {
		return false // only the empty text fits, and no treatment makes one
	}
	if hi < math.MaxInt32 {
		l.maxLen = narrower(l.maxLen, int(hi))
		if bytes {
			l.maxBytes = narrower(l.maxBytes, int(hi))
		}
	}
	l.minLen = max(l.minLen, int(min(max(lo, 0), math.MaxInt32))) // a text of n characters has at least n bytes
	return true
}

// narrower returns the smaller of two lengths, of which 0 means no limit.
func narrower(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// narrow gives each column of texts the length that its CHECK constraints and the generated columns that copy it allow, so that
// results are fitted to it.
func (b *builder) narrow() {
	for _, t := range b.tables {
		checks := b.checksAmong(t, b.presentChecks)
		for _, c := range t.columns {
			l := b.limitsOf(checks, c)
			l.limitOfCopies(t, c.cat.Name)
			typ := &c.cat.Type
			if typ.Family != catalog.Text || l.maxLen == 0 && l.minLen == 0 {
				continue
			}
			column := *c.cat
			column.Type.MaxLen, column.Type.MinLen = narrower(typ.MaxLen, l.maxLen), l.minLen
			if !typ.Padded { // the blanks of a padded type count as bytes, and no treatment decides them
				column.Type.MaxBytes = l.maxBytes
			}
			c.cat = &column
		}
	}
}

// limitsOf returns what the CHECK constraints of a table allow of a column.
func (b *builder) limitsOf(checks []catalog.Check, c *columnState) limits {
	l := unlimited()
	for _, check := range checks {
		if slices.Equal(check.Columns, []string{c.cat.Name}) {
			l.readCheck(check, c.cat.Name)
		}
	}
	return l
}

// obeyed reports whether a column's treatment obeys a CHECK, whatever the value is.
func (b *builder) obeyed(check catalog.Check, c *columnState) bool {
	l := unlimited()
	if !slices.Equal(check.Columns, []string{c.cat.Name}) || !l.readCheck(check, c.cat.Name) {
		return false
	}
	if !l.numbers {
		return c.cat.Type.Family == catalog.Text
	}
	lo, hi, ok := rangeOf(c.use.Params)
	return ok && c.use.When == "" && lo >= l.lo && hi <= l.hi && slices.Contains([]string{"token", "permute", "fake.integer"}, c.use.Treatment)
}
