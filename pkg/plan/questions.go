package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Question is a condition over constants that the plan cannot compute, but a server can.
type Question struct {
	Condition string          // SQL
	Row       []Constant      // the columns that the condition reads
	Problem   ruleset.Problem // what is wrong if the condition is false, or cannot be computed
}

// Constant is the value that a rule gives to a column in every row.
type Constant struct {
	Column string
	Type   string // catalog.Type.Name
	Text   string
}

// askAboutConstants collects the questions about constants: whether a text is a value of a type that masker does not know or of
// a domain, and whether CHECK constraints hold.
//
// A server computes the conditions with the rights of masker's role in the source. A function in a condition could do anything
// with these rights. So a question holds only functions that masker knows, and no function of the source's own.
func (b *builder) askAboutConstants() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, c := range t.columns {
			if c.usable && b.inputKnown(t, c) {
				b.askForm(t, c)
			}
		}
		for _, check := range b.checksAmong(t, b.presentChecks) {
			b.askCheck(t, check)
		}
	}
}

// inputKnown reports whether a text can be cast to the column's type without running a function of the source's own, and
// whether the cast tells something that the plan does not know.
func (b *builder) inputKnown(t *tableState, c *columnState) bool {
	typ := c.cat.Type
	if slices.Contains([]catalog.Family{catalog.Array, catalog.Composite, catalog.Range, catalog.Multirange}, typ.Family) {
		return false
	}
	if typ.Domain == "" {
		return typ.Family == catalog.Other
	}
	return !slices.ContainsFunc(b.checksOf(t), func(k catalog.Check) bool {
		return slices.Equal(k.Columns, []string{c.cat.Name}) && (!harmless(k.Expr) || b.isAbsent(t.cat.Name, k.Name))
	})
}

func (b *builder) askForm(t *tableState, c *columnState) {
	for use := &c.use; use != nil; use = use.Else {
		text, ok := library.Fixed(c.spec(), transform.Use{Treatment: use.Treatment, Params: use.Params})
		if ok {
			b.ask(c.pos, catalog.Quote(c.cat.Name)+" IS NOT NULL", []Constant{{c.cat.Name, c.cat.Type.Name, text}},
				"%s becomes %s, and the source's server cannot read that value as %s", c.at, use.Treatment, c.cat.Type.Name)
		}
	}
}

// askCheck asks about a CHECK constraint if every column that it reads has one constant.
func (b *builder) askCheck(t *tableState, check catalog.Check) {
	if check.NotValid || !harmless(check.Expr) {
		return
	}
	var row []Constant
	var last *columnState
	for _, name := range check.Columns {
		c := t.column(name)
		if c == nil || !c.usable || c.cat.Generated || c.cat.Type.Domain != "" {
			return
		}
		text, ok := library.Fixed(c.spec(), c.use)
		if !ok {
			return
		}
		row, last = append(row, Constant{name, c.cat.Type.Name, text}), c
	}
	if last != nil {
		b.ask(last.pos, check.Expr, row, "%s becomes %s, and CHECK constraint %s refuses that; use another value%s",
			last.at, describe(last.use), catalog.Quote(check.Name), leaveOut(ownName{t.cat.Name, check.Name}.String()))
	}
}

func (b *builder) ask(at ruleset.Pos, condition string, row []Constant, format string, args ...any) {
	q := Question{condition, row, b.set.Problem(at, format, args...)}
	if !slices.ContainsFunc(b.questions, func(o Question) bool { return o.Condition == q.Condition && slices.Equal(o.Row, q.Row) }) {
		b.questions = append(b.questions, q)
	}
}

// harmless reports whether an SQL condition calls only functions that masker knows, and casts to types of PostgreSQL only.
func harmless(sql string) bool {
	x, err := sqlexpr.Parse(sql)
	if err != nil {
		return false
	}
	own := false
	x.Walk(func(n *sqlexpr.Expr) {
		own = own || (n.Kind == sqlexpr.Cast || n.Kind == sqlexpr.Operator) && strings.Contains(strings.TrimPrefix(n.Name, "pg_catalog."), ".") ||
			n.Kind == sqlexpr.Call && (strings.Contains(n.Name, ".") || !knownFunction(n))
	})
	return !own
}
