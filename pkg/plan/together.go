package plan

import (
	"math/big"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
)

// towardZero makes noise move numbers only toward zero if a generated column computes a number from several columns,
// such as price * pieces. Each number may fit its own type, and the product may still be too large. A number that moves
// toward zero cannot make the product larger than in the source. In the source, the product fits.
func (b *builder) towardZero() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, g := range t.columns {
			if !g.cat.Generated {
				continue
			}
			x, err := sqlexpr.Parse(g.cat.Default)
			holds, ok := heldBy(g.cat.Type)
			if err == nil && ok && !(spans{t: t}).fit(g, x) && shrinks(t, x, holds) {
				b.moveInward(t, g)
			}
		}
	}
}

// moveInward makes noise move only toward zero in the columns that a generated column reads. It does nothing if one of
// these columns has a treatment that may give a number farther from zero.
func (b *builder) moveInward(t *tableState, g *columnState) {
	var moved []*columnState
	for _, name := range b.readBy(t, g) {
		switch c := t.column(name); {
		case c == nil || !c.treated() || c.use.Is("null"), g.cat.Type.Family == catalog.Text && c.cat.Type.Family == catalog.Text:
		case !isOfNumbers(c.cat.Type) || !onlyNoise(&c.use) || b.joined(c):
			return
		case !c.cat.Type.Inward:
			moved = append(moved, c)
		}
	}
	for _, c := range moved {
		column := *c.cat
		column.Type.Inward = true
		c.cat = &column
		b.addFinding("noise-toward-zero", t, c.cat.Name, c.pos, "%s moves toward zero only, and 0 stays 0, because %s is computed from it, and its type may not hold a larger result",
			c.at, g.at)
	}
}

// onlyNoise reports whether a use and its uses for other rows are noise, null or keep.
func onlyNoise(u *transform.Use) bool {
	for ; u != nil; u = u.Else {
		if !slices.Contains([]string{"noise", "null", "keep"}, u.Treatment) {
			return false
		}
	}
	return true
}

// shrinks reports whether an expression that fits in the source still fits if some of its numbers move toward zero.
// This is true for a product, and for a sum of numbers that each fit alone.
func shrinks(t *tableState, x *sqlexpr.Expr, holds span) bool {
	x = withoutRounding(x)
	if isProduct(x) {
		return true
	}
	if !x.IsOperator("+", "-") || len(x.Args) != 2 {
		return false
	}
	if bits := bitsOf(t, x); bits > 0 {
		holds = holds.and(ofBits(bits))
	}
	for _, a := range x.Args {
		if got, ok := (spans{t: t}).of(a); !ok || !holds.has(got) {
			return false
		}
	}
	return true
}

// isProduct reports whether an expression is a column, a number, or a product of them, perhaps divided by a number.
func isProduct(x *sqlexpr.Expr) bool {
	x = withoutRounding(x)
	if _, number := literalNumber(x); number || x.Kind == sqlexpr.Column {
		return true
	}
	if x.IsOperator("/") && len(x.Args) == 2 {
		n, number := literalNumber(x.Args[1])
		return number && n.Sign() != 0 && isProduct(x.Args[0])
	}
	return x.IsOperator("*") && len(x.Args) == 2 && isProduct(x.Args[0]) && isProduct(x.Args[1])
}

// withoutRounding returns an expression without the casts and functions that round it, and without
// a coalesce with a constant.
func withoutRounding(x *sqlexpr.Expr) *sqlexpr.Expr {
	for {
		switch {
		case x.Kind == sqlexpr.Cast && slices.Contains(numberTypes, x.Name),
			x.IsCall("round", "trunc", "floor", "ceil", "ceiling") && len(x.Args) > 0,
			x.IsCall("coalesce") && len(x.Args) == 2 && withoutCasts(x.Args[1]).Kind == sqlexpr.Literal:
			x = x.Args[0]
		default:
			return x
		}
	}
}

// spans computes between which numbers the results of an expression lie.
type spans struct {
	t        *tableState
	declared *bool // if set, it becomes false if a column has no range of its own in the rules
}

// fit reports whether a generated column can hold every result of its expression, as far as masker can tell.
func (s spans) fit(g *columnState, x *sqlexpr.Expr) bool {
	holds, ok := heldBy(g.cat.Type)
	got, known := s.of(x)
	return ok && known && holds.has(got)
}

// heldBy is like numbersOf, but also knows the numbers that a float holds.
func heldBy(t catalog.Type) (span, bool) {
	if t.Family != catalog.Float {
		return numbersOf(t)
	}
	exponent := int64(308)
	if t.Base == "float4" {
		exponent = 38
	}
	end := new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(exponent), nil))
	return span{new(big.Rat).Neg(end), end}, true
}

func (s span) has(o span) bool { return s.lo.Cmp(o.lo) <= 0 && s.hi.Cmp(o.hi) >= 0 }

// of returns the span of an expression. The result ok is false if masker does not know the span, or if the result of
// a step can exceed the type of its operands.
func (s spans) of(x *sqlexpr.Expr) (got span, ok bool) {
	if n, literal := literalNumber(x); literal {
		return span{n, n}, true
	}
	switch {
	case x.Kind == sqlexpr.Column:
		return s.column(x.Name)
	case x.Kind == sqlexpr.Cast && slices.Contains(numberTypes, x.Name) && x.Name != "money" && x.Name != "oid":
		got, ok = s.of(x.Args[0])
		return got, ok && castHolds(x).has(got)
	case x.IsCall("round", "floor", "ceil", "ceiling", "trunc") && len(x.Args) > 0:
		if got, ok = s.of(x.Args[0]); ok {
			got = span{new(big.Rat).Sub(got.lo, big.NewRat(1, 1)), new(big.Rat).Add(got.hi, big.NewRat(1, 1))}
		}
		return got, ok
	case x.IsCall("coalesce", "greatest", "least"):
		return s.anyOf(x.Args)
	case x.IsCall("abs") && len(x.Args) == 1, x.IsOperator("-") && len(x.Args) == 1:
		if got, ok = s.of(x.Args[0]); ok {
			got = hull(got, span{new(big.Rat).Neg(got.hi), new(big.Rat).Neg(got.lo)})
		}
	case x.IsOperator("+", "-", "*", "/") && len(x.Args) == 2:
		got, ok = s.step(x)
	}
	if bits := bitsOf(s.t, x); ok && bits > 0 {
		ok = ofBits(bits).has(got)
	}
	return got, ok
}

// step returns the span of an operator with two operands.
func (s spans) step(x *sqlexpr.Expr) (span, bool) {
	a, ok := s.of(x.Args[0])
	b, fine := s.of(x.Args[1])
	if !ok || !fine {
		return span{}, false
	}
	r := func(f func(z *big.Rat, x, y *big.Rat) *big.Rat, x, y *big.Rat) span {
		z := f(new(big.Rat), x, y)
		return span{z, z}
	}
	switch x.Name {
	case "+":
		return span{new(big.Rat).Add(a.lo, b.lo), new(big.Rat).Add(a.hi, b.hi)}, true
	case "-":
		return span{new(big.Rat).Sub(a.lo, b.hi), new(big.Rat).Sub(a.hi, b.lo)}, true
	}
	of := (*big.Rat).Mul
	if x.Name == "/" {
		if b.lo.Sign() <= 0 && b.hi.Sign() >= 0 {
			return span{}, false // a division by zero
		}
		of = (*big.Rat).Quo
	}
	return hull(hull(r(of, a.lo, b.lo), r(of, a.lo, b.hi)), hull(r(of, a.hi, b.lo), r(of, a.hi, b.hi))), true
}

// anyOf returns a span that has the results of all expressions.
func (s spans) anyOf(list []*sqlexpr.Expr) (all span, ok bool) {
	for i, x := range list {
		got, fine := s.of(x)
		if !fine {
			return span{}, false
		}
		if i == 0 {
			all = got
		}
		all = hull(all, got)
	}
	return all, len(list) > 0
}

func hull(a, b span) span {
	if b.lo.Cmp(a.lo) < 0 {
		a.lo = b.lo
	}
	if b.hi.Cmp(a.hi) > 0 {
		a.hi = b.hi
	}
	return a
}

// castHolds returns the numbers that the type of a cast holds.
func castHolds(x *sqlexpr.Expr) span {
	t := catalog.Type{Family: catalog.Numeric}
	switch x.Name {
	case "smallint", "integer", "bigint":
		return ofBits(map[string]int{"smallint": 16, "integer": 32, "bigint": 64}[x.Name])
	case "real", "double precision":
		t = catalog.Type{Family: catalog.Float, Base: map[string]string{"real": "float4"}[x.Name]}
	case "numeric":
		precision, scale, _ := strings.Cut(x.Text, ",")
		t.Precision, _ = strconv.Atoi(strings.TrimSpace(precision))
		t.Scale, _ = strconv.Atoi(strings.TrimSpace(scale))
	}
	if holds, ok := heldBy(t); ok {
		return holds
	}
	holds, _ := heldBy(catalog.Type{Family: catalog.Float}) // a numeric without precision holds more than any float
	return holds
}

// column returns the span of a column's results, or of its values if it is not treated.
func (s spans) column(name string) (span, bool) {
	c := s.t.column(name)
	if c == nil || !isOfNumbers(c.cat.Type) {
		return span{}, false
	}
	if c.treated() && c.use.When == "" && slices.Contains([]string{"token", "permute", "fake.integer", "fake.number"}, c.use.Treatment) {
		return declaredRange(c)
	}
	if s.declared != nil {
		*s.declared = false
	}
	if c.treated() && !fitted(c.use) {
		return heldBy(c.cat.Type)
	}
	got, ok := heldBy(c.cat.Type)
	if c.cat.Type.Family == catalog.Numeric && c.cat.Type.Precision == 0 {
		// Without a precision, the span is known only if the type has bounds.
		got, ok = castHolds(&sqlexpr.Expr{Name: "numeric"}), false
	}
	least, most := c.cat.Type.Bounds()
	lo, below := new(big.Rat).SetString(least)
	hi, above := new(big.Rat).SetString(most)
	if below && lo.Cmp(got.lo) > 0 {
		got.lo = lo
	}
	if above && hi.Cmp(got.hi) < 0 {
		got.hi = hi
	}
	return got, ok || below && above
}

// declaredRange returns the range that the rules give to a treatment.
func declaredRange(c *columnState) (span, bool) {
	list, _ := c.use.Params["range"].([]any)
	if len(list) != 2 {
		return span{}, false
	}
	var ends [2]*big.Rat
	for i, end := range list {
		switch v := end.(type) {
		case int64:
			ends[i] = big.NewRat(v, 1)
		case float64:
			ends[i] = new(big.Rat).SetFloat64(v)
		}
		if ends[i] == nil {
			return span{}, false
		}
	}
	return span{ends[0], ends[1]}, true
}
