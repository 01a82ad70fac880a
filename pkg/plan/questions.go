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

// Question is a condition on results of treatments. The plan cannot compute the condition, so a server computes it.
type Question struct {
	Condition string          // in SQL
	Own       bool            // the condition may call functions that the source defines, so only the shadow may compute it
	Fits      catalog.Name    // if set, the condition is that a row fits a partition of this table
	All       bool            // the condition must be true for each row, and not only for one
	Rows      [][]Constant    // each row has a constant for every column that the condition reads
	Tries     [][]Try         // in place of Rows, if masker does not know results of all columns
	Problem   ruleset.Problem // what is wrong if the condition is false, or cannot be computed for one of Rows or Tries
}

// Constant is a result that a rule gives to a column.
type Constant struct {
	Column string
	Type   string // catalog.Type.Name
	Text   string
	Null   bool // the result is NULL, and Text is empty
}

// Try is one way to test a condition that reads values that masker does not know. The tries of one list differ in the
// values of untreated columns.
//
// After holds values of the target. If Before is set, it holds the values from which the treatment makes After. If a
// server can compute the condition from Before, it must also be able to compute it from After. If no try of a list has
// Before, the server must be able to compute at least one try of the list.
type Try struct{ Before, After []Constant }

// tried is the largest number of sample results of one treatment in a question.
const tried = 40

// askAboutConstants collects the questions about constants and about some results of treatments. A question asks one of
// these: is a text a value of a domain, or of a type that masker does not know? Does the database's encoding have the
// characters of a text? Does a CHECK constraint hold? Can a generated column be computed?
//
// The source's server computes the conditions with the rights of masker's role there. A function in a condition could
// do anything with these rights. So a question for the source's server calls only functions that masker knows, and no
// function that the source defines. A generated column may call functions that the source defines. The shadow then
// computes the question, before rows are copied. In the shadow, the functions have the same rights as when rows are
// loaded.
func (b *builder) askAboutConstants() {
	for _, t := range b.tables {
		if t.skip != "" {
			continue
		}
		for _, c := range t.columns {
			if c.usable && b.inputKnown(t, c) {
				b.askForm(t, c)
			}
			if c.usable && c.treated() && !slices.Contains([]string{"", "UTF8", "SQL_ASCII"}, b.db.Encoding) {
				b.ask(c.pos, catalog.Quote(c.cat.Name)+" IS NOT NULL", resultRows(c), "%s becomes %s, which can give characters that the database's encoding %s does not have; use another locale or value", c.at, describe(c.use), b.db.Encoding)
			}
		}
		for _, g := range b.generatedOf(t) {
			b.askGenerated(g.t, g.c)
		}
		for _, check := range b.checksAmong(t, b.presentChecks) {
			b.askCheck(t, check)
		}
	}
}

// inputKnown reports whether a text can be cast to the column's type without running a function that the source
// defines, and whether the cast tells something that the plan does not know.
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
			b.ask(c.pos, catalog.Quote(c.cat.Name)+" IS NOT NULL", [][]Constant{{{Column: c.cat.Name, Type: c.cat.Type.Name, Text: text}}},
				"%s becomes %s, and the source's server cannot read that value as %s", c.at, use.Treatment, c.cat.Type.Name)
		}
	}
}

// askCheck asks about a harmless CHECK constraint, if masker knows results of every column that it reads.
func (b *builder) askCheck(t *tableState, check catalog.Check) {
	if check.NotValid || !harmless(check.Expr) {
		return
	}
	rows, last := b.resultsOf(t, check.Columns, surelyTogether)
	b.askOf(rows, last, check.Expr, "CHECK constraint %s refuses that; use another value%s", catalog.Quote(check.Name), leaveOut(ownName{t.cat.Name, check.Name}.String()))
}

// resultsOf returns rows of results for some columns, and the last of the columns. It returns nil if masker does not
// know results of one of the columns, or if the columns may never have values in the same row.
func (b *builder) resultsOf(t *tableState, columns []string, together func([]*columnState) bool) (rows [][]Constant, last *columnState) {
	var many []*columnState // columns with several results
	for _, name := range columns {
		c := t.column(name)
		if c == nil || !c.usable || c.cat.Generated || c.cat.Type.Domain != "" {
			return nil, nil
		}
		more := resultRows(c)
		if more == nil {
			return nil, nil
		}
		if len(more) > 1 {
			many = append(many, c)
		}
		if rows == nil {
			rows, last = more, c
			continue
		}
		joined := make([][]Constant, max(len(rows), len(more)))
		for i := range joined {
			joined[i] = slices.Concat(rows[i%len(rows)], more[i%len(more)])
		}
		rows, last = joined, c
	}
	if len(columns) > 1 && !together(many) {
		return nil, nil
	}
	return rows, last
}

// surelyTogether reports whether columns have values in the same row. Only columns that are NOT NULL are sure to have a
// value: NULL stays NULL, so another column may be NULL in every row.
func surelyTogether(columns []*columnState) bool {
	return !slices.ContainsFunc(columns, func(c *columnState) bool { return !c.cat.NotNull })
}

// likelyTogether reports whether the columns may have values in the same row, as far as masker knows.
func likelyTogether(columns []*columnState) bool {
	nulls := 0.0
	for _, c := range columns {
		if !c.cat.NotNull && c.cat.Stats.Known {
			nulls += c.cat.Stats.Nulls
		}
	}
	return nulls < 1
}

// resultRows returns a row for each result of a column that masker knows. If the treatment gives a constant, the
// constant is the only result.
func resultRows(c *columnState) (rows [][]Constant) {
	texts := library.Samples(c.spec(), c.use, tried)
	if text, ok := library.Fixed(c.spec(), c.use); ok {
		texts = []string{text}
	}
	for _, text := range texts {
		rows = append(rows, []Constant{{Column: c.cat.Name, Type: c.cat.Type.Name, Text: text}})
	}
	return rows
}

func (b *builder) askOf(rows [][]Constant, last *columnState, condition, format string, args ...any) {
	if last != nil {
		b.ask(last.pos, condition, rows, "%s becomes %s, and "+format, append([]any{last.at, describe(last.use)}, args...)...)
	}
}

func (b *builder) ask(at ruleset.Pos, condition string, rows [][]Constant, format string, args ...any) {
	b.addQuestion(Question{Condition: condition, Rows: rows, Problem: b.set.Problem(at, format, args...)})
}

func (b *builder) addQuestion(q Question) {
	same := func(o Question) bool {
		return o.Own == q.Own && o.All == q.All && o.Fits == q.Fits && o.Condition == q.Condition && slices.EqualFunc(o.Rows, q.Rows, slices.Equal)
	}
	if len(q.Tries) > 0 || len(q.Rows) > 0 && !slices.ContainsFunc(b.questions, same) {
		b.questions = append(b.questions, q)
	}
}

// harmless reports whether an SQL condition calls only functions that masker knows, and has only operators and types of
// PostgreSQL.
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
