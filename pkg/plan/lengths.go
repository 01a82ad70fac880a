package plan

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// fitTexts makes results shorter if a generated column joins them into a text with a limited length, such as
// given || ' ' || family. Each of the texts may fit its own column although the joined text does not fit.
//
// If all other parts of the joined text have limits, the treated columns share the characters that are left. If a part
// has no limit, or if few characters are left, no result may be longer than its value. The joined text fits in the
// source, so it then fits in the target too.
func (b *builder) fitTexts() {
	for _, t := range b.tables {
		for _, g := range t.columns {
			if t.skip != "" || !g.cat.Generated || g.cat.Type.Family != catalog.Text || g.cat.Type.MaxLen == 0 {
				continue
			}
			x, err := sqlexpr.Parse(g.cat.Default)
			if err != nil || x.Kind == sqlexpr.Cast { // an explicit cast cuts the text
				continue
			}
			if n, ok := (lengths{t: t}).of(x); !ok || n > g.cat.Type.MaxLen {
				b.fitText(t, g, x)
			}
		}
	}
}

func (b *builder) fitText(t *tableState, g *columnState, x *sqlexpr.Expr) {
	const enough = 8 // characters, so that most names and words stay whole
	var parts []*columnState
	for _, name := range b.readBy(t, g) {
		if c := t.column(name); c != nil && c.treated() && c.cat.Type.Family == catalog.Text && !b.joined(c) && onlyOf(&c.use, cuttable) {
			parts = append(parts, c)
		}
	}
	most := g.cat.Type.MaxLen
	room := sort.Search(most, func(i int) bool {
		n, ok := lengths{t: t, parts: parts, most: i + 1}.of(x)
		return !ok || n > most
	})
	if room < enough && b.growsWith(t, x) {
		b.moveInward(t, g)
		if b.noLonger(t, g, parts) {
			b.cutToLength(t, g, parts)
			return
		}
	}
	for _, c := range parts {
		if room > 0 && room >= c.cat.Type.MinLen {
			column := *c.cat
			column.Type.MaxLen = narrower(c.cat.Type.MaxLen, room)
			c.cat, c.partOf = &column, g.at.String()
		}
	}
}

// cutToLength cuts the results of the parts of a joined text to the lengths of their values.
func (b *builder) cutToLength(t *tableState, g *columnState, parts []*columnState) {
	for _, c := range parts {
		if !c.cat.Type.Inward {
			column := *c.cat
			column.Type.Inward = true
			c.cat, c.partOf = &column, g.at.String()
			b.addFinding("cut-to-length", t, c.cat.Name, c.pos, "a result of %s is cut to the length of its value, because %s is computed from it and holds %s",
				c.at, g.at, spell.Count(g.cat.Type.MaxLen, "character"))
		}
	}
}

// noLonger reports whether every treated column that a generated column reads has results that are not longer than
// their values. The columns in except are not tested.
func (b *builder) noLonger(t *tableState, g *columnState, except []*columnState) bool {
	return !slices.ContainsFunc(b.readBy(t, g), func(name string) bool {
		c := t.column(name)
		if c == nil || !c.treated() || slices.Contains(except, c) || c.cat.Type.Family == catalog.Text && onlyOf(&c.use, sameLength) {
			return false
		}
		typ := c.cat.Type
		// Without a precision, a result may have more decimals than its value, and so more characters.
		return !typ.Inward || typ.Family != catalog.Text && typ.Family != catalog.Integer && typ.Precision == 0
	})
}

// onlyOf reports whether each branch of a use has a treatment for which kind returns true, or a treatment whose results
// are never longer than their values.
func onlyOf(u *transform.Use, kind func(treatment string) bool) bool {
	for ; u != nil; u = u.Else {
		if !kind(u.Treatment) && !sameLength(u.Treatment) {
			return false
		}
	}
	return true
}

// cuttable reports whether the results of a treatment may be cut.
func cuttable(treatment string) bool {
	return strings.HasPrefix(treatment, "fake.") || treatment == "redact" || treatment == "scrub"
}

// sameLength reports whether a result of a treatment is never longer than its value.
func sameLength(treatment string) bool {
	return slices.Contains([]string{"keep", "null", "mask", "truncate", "permute"}, treatment)
}

// growsWith reports whether the result of an expression is longer than in the source only if one of its texts is
// longer. This is true if the expression joins, casts, cuts or reverses texts, changes their case, or replaces NULL. It
// is also true if the expression reads no treated column.
func (b *builder) growsWith(t *tableState, x *sqlexpr.Expr) bool {
	all := func(args []*sqlexpr.Expr) bool {
		return !slices.ContainsFunc(args, func(a *sqlexpr.Expr) bool { return !b.growsWith(t, a) })
	}
	n, cuts := limit(x)
	switch {
	case x.Kind == sqlexpr.Literal, x.Kind == sqlexpr.Column:
		return true
	case x.Kind == sqlexpr.Cast, cuts && n > 0:
		return b.growsWith(t, x.Args[0])
	case x.IsOperator("||"), x.IsCall("concat", "concat_ws", "lower", "upper", "initcap", "reverse"):
		return all(x.Args)
	case x.IsCall("coalesce"):
		first := evaluator{b: b, t: t}.of(x.Args[0])
		return (first.treated == nil || first.sameNull) && all(x.Args)
	}
	return (evaluator{b: b, t: t}).of(x).treated == nil
}

// lengths computes the largest number of characters of a text that an expression over the columns of a table gives.
type lengths struct {
	t     *tableState
	parts []*columnState // the results of these columns have no more characters than the field most says
	most  int
}

// of returns the largest number of characters of a text that an expression gives. It reports false if the number is not
// known.
func (l lengths) of(x *sqlexpr.Expr) (int, bool) {
	n, cuts := limit(x)
	switch {
	case cuts:
		if inner, ok := l.of(x.Args[0]); ok {
			n = min(n, inner)
		}
		return n, true
	case x.Kind == sqlexpr.Literal:
		return utf8.RuneCountInString(x.Text), true
	case x.Kind == sqlexpr.Column:
		return l.column(x.Name)
	case x.IsCall("md5"):
		return 32, true
	case x.IsCall("lpad", "rpad") && len(x.Args) > 1:
		n, err := strconv.Atoi(withoutCasts(x.Args[1]).Text)
		return n, err == nil && n >= 0
	case isCopy(x), x.IsCall("nullif", "split_part"), x.Kind == sqlexpr.Cast && slices.Contains(textTypes, x.Name) && x.Text == "":
		return l.of(x.Args[0])
	case x.IsOperator("||"), x.IsCall("concat"):
		return l.sum(x.Args)
	case x.IsCall("concat_ws") && len(x.Args) > 1:
		between, ok := l.of(x.Args[0])
		all, known := l.sum(x.Args[1:])
		return all + between*(len(x.Args)-2), ok && known
	case x.IsCall("coalesce"), x.Kind == sqlexpr.Other && x.Name == "case":
		return l.longest(branches(x))
	}
	return 0, false
}

// branches returns the possible results of coalesce or CASE. It returns nil if it cannot tell the results of a CASE
// from its conditions.
func branches(x *sqlexpr.Expr) (list []*sqlexpr.Expr) {
	if x.Kind != sqlexpr.Other {
		return x.Args
	}
	if len(x.Args) == 0 || x.Args[0].Kind != sqlexpr.Operator {
		return nil // the form CASE x WHEN 1 THEN 'a' END
	}
	for i, a := range x.Args {
		if i%2 == 1 || i == len(x.Args)-1 {
			list = append(list, a)
		}
	}
	return list
}

func (l lengths) sum(args []*sqlexpr.Expr) (all int, ok bool) {
	for _, a := range args {
		n, ok := l.of(a)
		if !ok {
			return 0, false
		}
		all += n
	}
	return all, true
}

func (l lengths) longest(args []*sqlexpr.Expr) (most int, ok bool) {
	for _, a := range args {
		n, ok := l.of(a)
		if !ok {
			return 0, false
		}
		most = max(most, n)
	}
	return most, len(args) > 0
}

// column returns the largest number of characters of a column's results. A result of a part of a joined text is no
// longer than l.most.
func (l lengths) column(name string) (int, bool) {
	c := l.t.column(name)
	if c == nil {
		return 0, false
	}
	n := c.cat.Type.MaxLen
	switch typ := c.cat.Type; {
	case typ.Family == catalog.Integer && typ.Bits > 0:
		return map[int]int{16: 6, 32: 11, 64: 20}[typ.Bits], true
	case typ.Family == catalog.Numeric && typ.Precision > 0 && typ.Scale >= 0:
		return max(typ.Precision, typ.Scale) + 3, true // a sign, a zero and a point
	case typ.Family == catalog.UUID:
		return 36, true
	case typ.Family != catalog.Text:
		return 0, false
	}
	if c.treated() {
		if c.use.Is("null") {
			return 0, true
		}
		if text, ok := library.Fixed(c.spec(), c.use); ok {
			n = narrower(n, max(utf8.RuneCountInString(text), 1))
		} else if c.use.Treatment == "token" {
			for _, text := range library.Samples(c.spec(), c.use, 1) {
				n = narrower(n, utf8.RuneCountInString(text)) // all tokens of a column have one length
			}
		}
		if given, ok := c.use.Params["max_length"].(int64); ok && c.use.Else == nil {
			n = narrower(n, int(given))
		}
		if slices.Contains(l.parts, c) {
			n = narrower(n, l.most)
		}
	}
	return n, n > 0
}

// joins reports whether an expression only joins, casts and trims texts, changes their case and replaces NULL, so that
// masker can say which texts are too long.
func joins(x *sqlexpr.Expr) bool {
	all := true
	x.Walk(func(n *sqlexpr.Expr) {
		all = all && (n.Kind == sqlexpr.Column || n.Kind == sqlexpr.Literal || n.Kind == sqlexpr.Cast || n.IsOperator("||") ||
			n.IsCall("concat", "concat_ws", "coalesce", "lower", "upper", "initcap", "btrim", "ltrim", "rtrim", "trim"))
	})
	return all
}
