package plan

import (
	"fmt"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// generated checks what a generated column gets from treated columns: it may fail, be NULL in a NOT NULL column, or not fit the
// column's type.
func (b *builder) generated(t *tableState, c *columnState) {
	o := evaluator{b: b, t: t}.column(c.cat.Name)
	what := c.at.String() + " is generated and"
	b.computes(t, what, "", o)
	if o.treated == nil || o.fails != "" || o.unsure != "" {
		return
	}
	if o.null {
		if c.cat.NotNull {
			b.fail(o.treated.pos, "%s NOT NULL, and reads %s, which becomes %s; use another treatment, or keep %s with a reason",
				what, o.treated.at, describe(o.treated.use), o.treated.at)
		}
		return
	}
	if too := b.tooLarge(t, c, o); too != "" {
		o.unsure = too
		b.computes(t, what, "", o)
	}
}

// tooLarge says what the type of a generated column may not hold, or "" if it holds every result.
func (b *builder) tooLarge(t *tableState, c *columnState, o outcome) string {
	x, err := sqlexpr.Parse(c.cat.Default)
	if err != nil {
		return ""
	}
	typ := c.cat.Type
	switch {
	case typ.Family == catalog.Text && typ.MaxLen > 0 && x.Kind != sqlexpr.Cast: // a cast that is printed cuts the text
		if n := b.longest(t, x); n == 0 || n > typ.MaxLen {
			return fmt.Sprintf("a text of more than %d characters", typ.MaxLen)
		}
	case typ.Family == catalog.Integer, typ.Family == catalog.Numeric && typ.Precision > 0:
		from := o.treated.cat.Type
		number := isNumberFamily(from.Family) || from.Family == catalog.Float
		if number && !o.constant && !(x.Kind == sqlexpr.Column && from.Family == catalog.Integer && from.Bits <= typ.Bits) {
			return "a number that " + typ.Name + " cannot hold"
		}
	}
	return ""
}

// longest returns the largest number of characters of a text that an expression gives, or 0 if it is not known.
func (b *builder) longest(t *tableState, x *sqlexpr.Expr) int {
	n, cuts := limit(x)
	switch {
	case cuts:
		return narrower(n, b.longest(t, x.Args[0]))
	case x.Kind == sqlexpr.Literal:
		return utf8.RuneCountInString(x.Text)
	case x.Kind == sqlexpr.Column:
		if c := t.column(x.Name); c != nil {
			return c.cat.Type.MaxLen
		}
	case x.IsCall("md5"):
		return 32
	case isCopy(x):
		return b.longest(t, x.Args[0])
	}
	return 0
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
