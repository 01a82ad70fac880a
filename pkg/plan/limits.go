package plan

import (
	"math"
	"math/big"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// limits holds what simple CHECK constraints, the partitions and generated columns allow of one column.
type limits struct {
	minLen, maxLen int   // characters; 0 means no limit
	maxBytes       int   // 0 means no limit
	lo, hi         int64 // whole numbers
	numbers        bool  // lo and hi are set

	least, most  *big.Rat // of numbers that need not be whole; nil means no limit
	above, below bool     // least and most are not allowed themselves

	dates dateLimits
}

func unlimited() limits { return limits{lo: math.MinInt64, hi: math.MaxInt64} }

// readCheck adds what a CHECK says of a column to its limits. The result all is true if the CHECK says nothing else.
// A CHECK that is NOT VALID says nothing, because rows of the source may break it.
func (l *limits) readCheck(check catalog.Check, column string) (all bool) {
	x, err := sqlexpr.Parse(check.Expr)
	return err == nil && !check.NotValid && l.read(x, column)
}

// read reads conditions that are joined by AND. It also reads a condition that OR joins to a test for NULL. Such a test
// changes no limit, because the limits are about values and not about NULL.
func (l *limits) read(x *sqlexpr.Expr, column string) (all bool) {
	switch {
	case x.IsOperator("and"):
		all = true
		for _, part := range x.Args {
			all = l.read(part, column) && all
		}
		return all
	case x.IsOperator("or"):
		return l.readEither(x, column)
	case x.IsOperator("is true", "is not false"):
		return l.read(x.Args[0], column)
	case x.IsOperator("not") && x.Args[0].IsOperator("<=", "<", ">=", ">") && len(x.Args[0].Args) == 2:
		opposite := map[string]string{"<=": ">", "<": ">=", ">=": "<", ">": "<="}
		return l.compare(opposite[x.Args[0].Name], x.Args[0].Args[0], x.Args[0].Args[1], column)
	case x.Kind == sqlexpr.Other && x.Name == "case" && len(x.Args) == 3 && testsNull(x.Args[0], column) && x.Args[1].Name == "TRUE":
		return l.read(x.Args[2], column)
	case x.IsOperator("<=", "<", ">=", ">", "=") && len(x.Args) == 2:
		return l.compare(x.Name, x.Args[0], x.Args[1], column)
	}
	return false
}

// readEither reads alternatives. It ignores a test for NULL. If two other alternatives are left, one of them must be
// impossible, as with BETWEEN SYMMETRIC.
func (l *limits) readEither(x *sqlexpr.Expr, column string) bool {
	var rest []*sqlexpr.Expr
	for _, part := range x.Args {
		alone := unlimited()
		if all := alone.read(part, column); !testsNull(part, column) && !(all && alone.impossible()) {
			rest = append(rest, part)
		}
	}
	return len(rest) == 1 && l.read(rest[0], column)
}

// impossible reports whether no value satisfies the limits.
func (l *limits) impossible() bool { return l.maxLen > 0 && l.minLen > l.maxLen || l.lo > l.hi }

func testsNull(x *sqlexpr.Expr, column string) bool {
	return x.IsOperator("is null") && isColumn(x.Args[0], column)
}

// compare reads a comparison of the column, or of its length, with a number or a date. It also reads left(x, 20) = x.
// It returns false if it cannot read the comparison.
func (l *limits) compare(op string, left, right *sqlexpr.Expr, column string) bool {
	if op == "=" && (l.readCut(left, right, column) || l.readCut(right, left, column)) {
		return true
	}
	if l.dates.compare(op, left, right, column) {
		return true
	}
	number, ok := literalNumber(right)
	if !ok {
		if number, ok = literalNumber(left); !ok {
			return false
		}
		left, op = right, strings.NewReplacer("<", ">", ">", "<").Replace(op) // 32 >= length(x) is length(x) <= 32
	}
	lo, hi := interval(op, number)
	left = withoutCasts(left)
	if left.IsCall("coalesce") && len(left.Args) == 2 {
		left = withoutCasts(left.Args[0]) // the limits are about values, and the second argument is only for NULL
	}
	switch {
	case isColumn(left, column):
		l.lo, l.hi, l.numbers = max(l.lo, lo), min(l.hi, hi), true
		l.bound(op, number)
		return true
	case left.IsCall("char_length", "character_length", "length", "octet_length") && len(left.Args) == 1 && isColumn(left.Args[0], column):
		return l.limitLength(strings.EqualFold(left.Name, "octet_length"), lo, hi)
	case left.IsCall("char_length", "character_length", "length") && len(left.Args) == 1 && isTrimmed(left.Args[0], column):
		return l.limitLength(false, math.MinInt64, hi) && lo == math.MinInt64 // a trimmed text is not longer
	case left.IsCall("bit_length") && len(left.Args) == 1 && isColumn(left.Args[0], column) && hi < math.MaxInt32:
		return l.limitLength(true, math.MinInt64, hi/8) && lo == math.MinInt64
	}
	return false
}

// readCut reads left(x, 20) = x, which says that x has at most 20 characters.
func (l *limits) readCut(cut, whole *sqlexpr.Expr, column string) bool {
	cut = withoutCasts(cut)
	n, cuts := limit(cut)
	return cuts && isColumn(cut.Args[0], column) && isColumn(whole, column) && l.limitLength(false, math.MinInt64, int64(n))
}

// bound narrows the limits to the numbers that a comparison allows.
func (l *limits) bound(op string, n *big.Rat) {
	if op == ">=" || op == ">" || op == "=" {
		if l.least == nil || n.Cmp(l.least) > 0 {
			l.least, l.above = n, op == ">"
		}
	}
	if op == "<=" || op == "<" || op == "=" {
		if l.most == nil || n.Cmp(l.most) < 0 {
			l.most, l.below = n, op == "<"
		}
	}
}

func withoutCasts(x *sqlexpr.Expr) *sqlexpr.Expr {
	for x.Kind == sqlexpr.Cast && len(x.Args) == 1 {
		x = x.Args[0]
	}
	return x
}

// isColumn reports whether an expression is the column, or a cast of the column. In a CHECK of a domain, VALUE stands
// for the column.
func isColumn(x *sqlexpr.Expr, column string) bool {
	x = withoutCasts(x)
	return x.Kind == sqlexpr.Column && (x.Name == column || x.Name == "value")
}

// isTrimmed reports whether an expression is the column without some of the characters at its ends.
func isTrimmed(x *sqlexpr.Expr, column string) bool {
	x = withoutCasts(x)
	return x.IsCall("btrim", "ltrim", "rtrim", "trim") && len(x.Args) > 0 && isColumn(x.Args[0], column)
}

// literalNumber returns the value of a number, of a cast of a number, or of a sum, difference or product of numbers.
func literalNumber(x *sqlexpr.Expr) (*big.Rat, bool) {
	x = withoutCasts(x)
	switch {
	case x.Kind == sqlexpr.Literal && len(x.Text) < 40 && strings.Trim(x.Text, "-.0123456789") == "":
		return new(big.Rat).SetString(x.Text)
	case x.IsOperator("+", "-", "*") && len(x.Args) == 2:
		a, ok := literalNumber(x.Args[0])
		b, fine := literalNumber(x.Args[1])
		if !ok || !fine {
			return nil, false
		}
		switch x.Name {
		case "+":
			return new(big.Rat).Add(a, b), true
		case "-":
			return new(big.Rat).Sub(a, b), true
		}
		return new(big.Rat).Mul(a, b), true
	}
	return nil, false
}

// interval returns the lowest and the highest whole number that a comparison allows.
func interval(op string, r *big.Rat) (lo, hi int64) {
	lo, hi = math.MinInt64, math.MaxInt64
	floor := new(big.Int).Div(r.Num(), r.Denom()) // Euclidean division, and the divisor is positive
	if floor.BitLen() > 62 {
		return lo, hi
	}
	n := floor.Int64()
	ceiling := n
	if !r.IsInt() {
		ceiling++
	}
	switch op {
	case "<=":
		hi = n
	case "<":
		hi = ceiling - 1
	case ">=":
		lo = ceiling
	case ">":
		lo = n + 1
	case "=":
		lo, hi = ceiling, n
	}
	return lo, hi
}

func (l *limits) limitLength(bytes bool, lo, hi int64) bool {
	if hi < 1 {
		return false // at most the empty text fits, and treatments do not fit their results to that
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

// narrower returns the smaller of two lengths. The length 0 means no limit.
func narrower(a, b int) int {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
