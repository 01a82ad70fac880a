package plan

import (
	"math"
	"math/big"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// span is a range of numbers. Both ends belong to it.
type span struct{ lo, hi *big.Rat }

// storable adds the limits of a generated column to the limits of a column that it reads. It returns false if the
// generated column does not compute a number from this column alone, by steps that masker can reverse.
func (l *limits) storable(t *tableState, g, c *columnState) bool {
	holds, ok := numbersOf(g.cat.Type)
	if !g.cat.Generated || !ok {
		return false
	}
	x, err := sqlexpr.Parse(g.cat.Default)
	return err == nil && l.reverse(t, x, c, holds)
}

// numbersOf returns the smallest and the largest whole number that a type holds.
func numbersOf(t catalog.Type) (s span, ok bool) {
	bits := 0
	switch {
	case t.Family == catalog.Integer && t.Bits > 0:
		bits = t.Bits
	case t.Family == catalog.Numeric && t.Precision > 0:
		most := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(t.Precision-t.Scale, 0))), nil))
		most.Sub(most, big.NewRat(1, 1))
		return span{new(big.Rat).Neg(most), most}, true
	default:
		return s, false
	}
	return ofBits(bits), true
}

// ofBits returns the span of the integers that have this number of bits.
func ofBits(bits int) span {
	end := new(big.Int).Lsh(big.NewInt(1), uint(bits-1))
	return span{new(big.Rat).SetInt(new(big.Int).Neg(end)), new(big.Rat).SetInt(new(big.Int).Sub(end, big.NewInt(1)))}
}

// reverse limits the column so that the result of an expression lies in a span. The result of an integer operator has
// the type of the larger operand, so the result of each step has to fit too.
func (l *limits) reverse(t *tableState, x *sqlexpr.Expr, c *columnState, s span) bool {
	if bits := bitsOf(t, x); bits > 0 && x.Kind != sqlexpr.Column {
		s = s.and(ofBits(bits))
	}
	switch {
	case x.Kind == sqlexpr.Column && x.Name == c.cat.Name && isOfNumbers(c.cat.Type):
		lo, _ := interval(">=", s.lo)
		_, hi := interval("<=", s.hi)
		l.numbers, l.lo, l.hi = true, max(l.lo, lo), min(l.hi, hi)
		if c.cat.Type.Family == catalog.Integer && lo > math.MinInt64 && hi < math.MaxInt64 {
			s = span{big.NewRat(lo, 1), big.NewRat(hi, 1)}
		}
		l.bound(">=", s.lo)
		l.bound("<=", s.hi)
		return true
	case x.Kind == sqlexpr.Cast && slices.Contains(numberTypes, x.Name) && x.Text == "" && x.Name != "money" && x.Name != "oid":
		return l.reverse(t, x.Args[0], c, s)
	case x.IsCall("round", "floor", "ceil", "ceiling", "trunc") && len(x.Args) == 1:
		return l.reverse(t, x.Args[0], c, s)
	case x.IsCall("coalesce") && len(x.Args) == 2 && withoutCasts(x.Args[1]).Kind == sqlexpr.Literal:
		return l.reverse(t, x.Args[0], c, s)
	case x.IsOperator("+", "-", "*") && len(x.Args) == 2:
		return l.reverseStep(t, x, c, s)
	}
	return false
}

// reverseStep is reverse for a sum, a difference or a product of an expression and a constant.
func (l *limits) reverseStep(t *tableState, x *sqlexpr.Expr, c *columnState, s span) bool {
	inner, by := x.Args[0], x.Args[1]
	if at, ok := literalDate(by); ok && x.Name == "-" && isColumn(inner, c.cat.Name) && c.cat.Type.Family == catalog.Date {
		lo, _ := interval(">=", s.lo)
		_, hi := interval("<=", s.hi)
		const most = 100_000_000 // days, more than there are from the year 1 to the year 9999
		first, last := at.AddDate(0, 0, int(max(lo, -most))), at.AddDate(0, 0, int(min(hi, most)))
		if first.Year() > 0 && (l.dates.first.IsZero() || first.After(l.dates.first)) {
			l.dates.first, l.dates.after = first, false
		}
		if last.Year() < 9999 && (l.dates.last.IsZero() || last.Before(l.dates.last)) {
			l.dates.last, l.dates.before = last, false
		}
		return true
	}
	n, ok := literalNumber(by)
	swapped := !ok
	if swapped {
		inner = by
		n, ok = literalNumber(x.Args[0])
	}
	if !ok || x.Name == "*" && n.Sign() == 0 {
		return false
	}
	lo, hi := new(big.Rat).Set(s.lo), new(big.Rat).Set(s.hi)
	switch {
	case x.Name == "-" && swapped:
		lo.Sub(n, s.hi)
		hi.Sub(n, s.lo)
	case x.Name == "+":
		lo.Sub(lo, n)
		hi.Sub(hi, n)
	case x.Name == "-":
		lo.Add(lo, n)
		hi.Add(hi, n)
	default:
		lo.Quo(lo, n)
		hi.Quo(hi, n)
		if n.Sign() < 0 {
			lo, hi = hi, lo
		}
	}
	return l.reverse(t, inner, c, span{lo, hi})
}

// and returns the numbers that are in both spans.
func (s span) and(o span) span {
	if o.lo.Cmp(s.lo) > 0 {
		s.lo = o.lo
	}
	if o.hi.Cmp(s.hi) < 0 {
		s.hi = o.hi
	}
	return s
}

// bitsOf returns the size of an integer expression in bits, or 0 for another type.
func bitsOf(t *tableState, x *sqlexpr.Expr) int {
	switch {
	case x.Kind == sqlexpr.Column:
		if c := t.column(x.Name); c != nil && c.cat.Type.Family == catalog.Integer {
			return c.cat.Type.Bits
		}
	case x.Kind == sqlexpr.Literal:
		if n, ok := literalNumber(x); ok && n.IsInt() && n.Num().IsInt64() {
			return 32
		}
	case x.Kind == sqlexpr.Cast:
		return map[string]int{"smallint": 16, "integer": 32, "bigint": 64}[x.Name]
	case x.IsOperator("+", "-", "*") && len(x.Args) == 2:
		a, b := bitsOf(t, x.Args[0]), bitsOf(t, x.Args[1])
		if a > 0 && b > 0 {
			return max(a, b)
		}
	}
	return 0
}

// limitOfGenerated adds the limits of a table's generated columns to the limits of a column.
func (l *limits) limitOfGenerated(t *tableState, c *columnState) {
	for _, g := range t.columns {
		with := *l
		if with.storable(t, g, c) {
			*l = with
		}
	}
}

// fits reports whether every result of a column's treatment is within the limits.
func (l *limits) fits(c *columnState) bool {
	if fitted(c.use) || isDate(c.cat.Type.Family) && fittedDate(c.use) {
		return true
	}
	lo, hi, ok := resultRange(c.use)
	return ok && c.use.When == "" && lo >= l.lo && hi <= l.hi
}
