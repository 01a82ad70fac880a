package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// generatedIn is a generated column of a table or of one of its partitions.
type generatedIn struct {
	t *tableState
	c *columnState
}

// generatedOf returns the generated columns of a table, each definition once. A partition may compute a column with an
// expression of its own, or may not accept NULL. The result then has a copy of the table with the column of the partition.
func (b *builder) generatedOf(t *tableState) (list []generatedIn) {
	for i, c := range t.columns {
		if !c.cat.Generated {
			continue
		}
		own := []generatedIn{{t, c}}
		for _, part := range b.partitions(t) {
			for j := range part.Columns {
				in := &part.Columns[j]
				known := func(g generatedIn) bool { return g.c.cat.Default == in.Default && g.c.cat.NotNull == in.NotNull }
				if in.Name != c.cat.Name || slices.ContainsFunc(own, known) {
					continue
				}
				table, column := *t, *c
				column.cat, column.at.table = in, part.Name
				table.columns = slices.Clone(t.columns)
				table.columns[i] = &column
				own = append(own, generatedIn{&table, &column})
			}
		}
		list = append(list, own...)
	}
	return list
}

// generated checks a generated column that reads treated columns. Its computation may fail. Its result may be NULL in a
// NOT NULL column, or may not fit the type.
func (b *builder) generated(t *tableState, c *columnState) {
	o := evaluator{b: b, t: t}.column(c.cat.Name)
	what := c.at.String() + " is generated and"
	if q, _ := b.tried(t, c); q.Own {
		o.then = "which stops the refresh; before a run reads rows, the new database computes it from some results"
	}
	if o.unsure == division {
		if x, err := sqlexpr.Parse(c.cat.Default); err == nil && b.dividesByZero(t, x) {
			b.fail(o.treated.pos, "%s divides by %s, which becomes %s; a result may be 0; keep %s with a reason, or let a CHECK constraint of it exclude 0", what, o.treated.at, describe(o.treated.use), o.treated.at)
			return
		}
		o.unsure = ""
	}
	b.computes(t, what, "", o)
	if o.treated == nil || o.fails != "" || o.unsure != "" {
		return
	}
	if x, err := sqlexpr.Parse(c.cat.Default); err == nil && c.cat.NotNull && t.boundOfEmpty(x) {
		b.fail(o.treated.pos, "%s NOT NULL, and reads a bound of %s, which becomes %s; both bounds may get the same value, and an empty range has no bounds; keep %s with a reason, or for dates use shift",
			what, o.treated.at, describe(o.treated.use), o.treated.at)
		return
	}
	if o.null {
		if c.cat.NotNull {
			b.fail(o.treated.pos, "%s NOT NULL, and reads %s, which becomes %s; use another treatment, or keep %s with a reason",
				what, o.treated.at, describe(o.treated.use), o.treated.at)
		}
		return
	}
	too, certain := b.tooLarge(t, c, o)
	if typ := c.cat.Type; certain || too != "" && (fitted(o.treated.use) || fittedDate(o.treated.use)) && (typ.Bits == 16 || typ.Precision > 0 && typ.Precision-typ.Scale <= 4) {
		b.fail(o.treated.pos, "%s reads %s, which becomes %s; a result may be %s; keep %s with a reason, or use %s", what, o.treated.at, describe(o.treated.use), too, o.treated.at, fittingInstead(o.treated))
		return
	}
	if too != "" {
		o.unsure = too
		b.computes(t, what, "", o)
	}
}

// boundOfEmpty reports whether an expression is NULL if a range is empty, and a treatment may make this range empty. The
// treatments of bands give equal results for bounds that are close together.
func (t *tableState) boundOfEmpty(x *sqlexpr.Expr) bool {
	if x.IsCall("lower", "upper") && len(x.Args) == 1 && x.Args[0].Kind == sqlexpr.Column {
		c := t.column(x.Args[0].Name)
		return c != nil && c.treated() && (c.cat.Type.Family == catalog.Range || c.cat.Type.Family == catalog.Multirange) &&
			(strings.HasPrefix(c.use.Treatment, "generalize.") || c.use.Treatment == "truncate")
	}
	return (strict(x) || x.Kind == sqlexpr.Cast) && slices.ContainsFunc(x.Args, t.boundOfEmpty)
}

// askGenerated asks whether a generated column can be computed from results of treatments.
func (b *builder) askGenerated(t *tableState, c *columnState) {
	q, last := b.tried(t, c)
	if last == nil {
		return
	}
	q.Problem = b.set.Problem(last.pos, "%s becomes %s, and %s, which is generated from it, is then NULL or cannot be computed; use another treatment, or keep it with a reason", last.at, describe(last.use), c.at)
	b.addQuestion(q)
}

// tried returns a question about a generated column, without its problem: can the column be computed from some results?
// If the column is NOT NULL, the question also asks whether the result has a value. The result last is a column that
// the generated column reads. It is nil if masker does not know results.
func (b *builder) tried(t *tableState, c *columnState) (q Question, last *columnState) {
	q.Own = !harmless(c.cat.Default) || c.cat.Type.Domain != "" && b.checked(t, c)
	q.Rows, last = b.resultsOf(t, b.readBy(t, c), likelyTogether)
	if o := (evaluator{b: b, t: t}).column(c.cat.Name); last == nil && o.treated != nil && (q.Own || o.unsure != "" || isDate(c.cat.Type.Family) || c.cat.Type.MaxLen > 0) {
		q.Own = true // only a shadow computes tries
		q.Tries, last = b.triesOf(t, b.readBy(t, c))
	}
	if last == nil {
		return Question{}, nil
	}
	value := "(" + c.cat.Default + ")"
	switch {
	case c.cat.Type.Family == catalog.Text && c.cat.Type.MaxLen > 0:
		// A cast would cut a text that is too long. json_to_record reads the text with the type's
		// input function, which fails instead.
		value = "(SELECT v FROM pg_catalog.json_to_record(pg_catalog.json_build_object('v', " + value + "::text)) AS x(v " + c.cat.Type.Name + "))"
	case c.cat.Type.Domain != "" || isNumberFamily(c.cat.Type.Family):
		value += "::" + c.cat.Type.Name // fails if the type cannot hold the number
	}
	q.Condition = value + " IS NOT NULL"
	if !c.cat.NotNull {
		q.Condition += " OR " + value + " IS NULL"
	}
	return q, last
}

// checked reports whether a CHECK constraint of a column or of its domain is not harmless: it may call functions that
// masker does not know.
func (b *builder) checked(t *tableState, c *columnState) bool {
	return slices.ContainsFunc(b.checksOf(t), func(k catalog.Check) bool { return slices.Equal(k.Columns, []string{c.cat.Name}) && !harmless(k.Expr) })
}

// readBy returns the columns that a generated column reads. If sqlexpr cannot read the expression, readBy returns every
// column that the expression names.
func (b *builder) readBy(t *tableState, c *columnState) (reads []string) {
	x, err := sqlexpr.Parse(c.cat.Default)
	if err != nil {
		for _, name := range sqlexpr.Names(c.cat.Default) {
			if t.column(name) != nil {
				reads = append(reads, name)
			}
		}
		return reads
	}
	x.Walk(func(n *sqlexpr.Expr) {
		if n.Kind == sqlexpr.Column && t.column(n.Name) != nil && !slices.Contains(reads, n.Name) { // not the name of an argument
			reads = append(reads, n.Name)
		}
	})
	return reads
}

// tooLarge says which results are perhaps too large for the type of a generated column. It returns "" if the type holds
// every result, or if masker cannot tell. The result certain says that masker knows the limits of the results. For a
// number, the rules then give a range to every column that the expression reads, and the expression only adds, subtracts,
// multiplies and casts numbers. For a text, the expression then only joins texts, trims them, changes their case and
// replaces NULL.
func (b *builder) tooLarge(t *tableState, c *columnState, o outcome) (what string, certain bool) {
	x, err := sqlexpr.Parse(c.cat.Default)
	if err != nil {
		return "", false
	}
	typ := c.cat.Type
	switch {
	case typ.Family == catalog.Text && typ.MaxLen > 0 && x.Kind != sqlexpr.Cast: // an explicit cast cuts the text
		n, known := lengths{t: t}.of(x)
		if known && n <= typ.MaxLen || b.growsWith(t, x) && b.noLonger(t, c, nil) {
			return "", false
		}
		return fmt.Sprintf("a text of more than %d characters", typ.MaxLen), joins(x)
	case typ.Family == catalog.Integer, typ.Family == catalog.Numeric && typ.Precision > 0, typ.Family == catalog.Float:
		from := o.treated.cat.Type
		if l := unlimited(); !b.joined(o.treated) && l.storable(t, c, o.treated) && l.fits(o.treated) {
			return "", false
		}
		certain = true
		got, known := spans{t: t, declared: &certain}.of(x)
		if holds, ok := heldBy(typ); ok && known && holds.has(got) || typ.Family == catalog.Float && !multiplies(x) || b.inward(t, c) {
			return "", false
		}
		if isOfNumbers(from) && !o.constant && !(x.Kind == sqlexpr.Column && from.Family == catalog.Integer && from.Bits <= typ.Bits) {
			return "a number that " + typ.Name + " cannot hold", certain && numericSteps(x)
		}
		if from.Family == catalog.Date && typ.Bits == 16 && x.IsOperator("-") && !movesTogether(b.outcomes(t, x)) {
			return "a number of days that " + typ.Name + " cannot hold", false
		}
	}
	return "", false
}

// dividesByZero reports whether an expression divides by a treated number that may be 0. A division by nullif(…) does
// not count.
func (b *builder) dividesByZero(t *tableState, x *sqlexpr.Expr) (found bool) {
	x.Walk(func(n *sqlexpr.Expr) {
		if !n.IsOperator("/", "%") || len(n.Args) != 2 || withoutCasts(n.Args[1]).IsCall("nullif") {
			return
		}
		if (evaluator{b: b, t: t}).of(n.Args[1]).treated != nil {
			got, ok := spans{t: t}.of(n.Args[1])
			found = found || !ok || got.lo.Sign() <= 0 && got.hi.Sign() >= 0
		}
	})
	return found
}

// inward reports whether a generated column can hold every result because all treated columns that it reads only move
// toward zero.
func (b *builder) inward(t *tableState, g *columnState) bool {
	x, err := sqlexpr.Parse(g.cat.Default)
	holds, ok := heldBy(g.cat.Type)
	return err == nil && ok && shrinks(t, x, holds) && !slices.ContainsFunc(b.readBy(t, g), func(name string) bool {
		c := t.column(name)
		return c != nil && c.treated() && !c.cat.Type.Inward && !c.use.Is("null")
	})
}

// outcomes returns the outcome of each operand of an expression.
func (b *builder) outcomes(t *tableState, x *sqlexpr.Expr) (list []outcome) {
	for _, a := range x.Args {
		list = append(list, evaluator{b: b, t: t}.of(a))
	}
	return list
}

// multiplies reports whether an expression multiplies or divides.
func multiplies(x *sqlexpr.Expr) (found bool) {
	x.Walk(func(n *sqlexpr.Expr) { found = found || n.IsOperator("*", "/") })
	return found
}

// numericSteps reports whether an expression has only steps whose span masker knows: columns, numbers, sums,
// differences, products and casts to numbers.
func numericSteps(x *sqlexpr.Expr) bool {
	all := true
	x.Walk(func(n *sqlexpr.Expr) {
		all = all && (n.Kind == sqlexpr.Column || n.Kind == sqlexpr.Literal || n.IsOperator("+", "-", "*") ||
			n.Kind == sqlexpr.Cast && slices.Contains(numberTypes, n.Name))
	})
	return all
}

// isCopy reports whether an expression gives a text of the same length as its argument, or a shorter one.
func isCopy(x *sqlexpr.Expr) bool {
	return x.Kind == sqlexpr.Cast && x.Name == "text" || x.IsCall("lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "trim", "reverse") && len(x.Args) > 0
}

// limitOfCopies adds the lengths of generated columns that copy the column. A text must also fit into such a generated
// column, so the shortest length limits the column too.
func (l *limits) limitOfCopies(t *tableState, c *columnState) {
	for _, g := range t.columns {
		if !g.cat.Generated || g.cat.Type.Family != catalog.Text || g.cat.Type.MaxLen == 0 {
			continue
		}
		x, err := sqlexpr.Parse(g.cat.Default)
		for err == nil && isCopy(x) {
			x = x.Args[0]
		}
		if err != nil || x.Kind != sqlexpr.Column || x.Name != c.cat.Name {
			continue
		}
		if n := narrower(l.maxLen, g.cat.Type.MaxLen); n != narrower(l.maxLen, c.cat.Type.MaxLen) {
			l.maxLen, c.copiedTo = n, g.at.String()
		}
	}
}

// fittingInstead names treatments for a column from which a generated column computes something too large.
func fittingInstead(c *columnState) string {
	if c.cat.Type.Family == catalog.Text {
		return "mask, permute or null, whose results are not longer than the value"
	}
	return "null"
}
