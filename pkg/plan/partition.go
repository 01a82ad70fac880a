package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// A treatment with manyResults or more different results probably has results that no partition lists.
const manyResults = 1000

// partitionKey checks a treated column of a partition key. Rows are routed by the results, so every result needs a
// partition. masker refuses a treatment that may have a result without a partition. If the key reads only this column,
// and masker knows all results, a server tries them. If the partitions take every value of the key, a server tries some
// results, because an expression of the key may fail.
func (b *builder) partitionKey(t *tableState, c *columnState) {
	r := b.routesOf(t, c.cat.Name)
	for u := &c.use; u != nil; u = u.Else {
		one := *c
		one.use = transform.Use{Treatment: u.Treatment, Params: u.Params, Subject: u.Subject, As: u.As}
		if !u.Is("keep") && !b.routed(t, &one, r) {
			return
		}
	}
	b.addFinding("partition-key-treated", t, c.cat.Name, c.pos,
		"%s is in the partition key: rows are routed again, and a result that fits no partition stops the refresh", c.at)
}

// routed checks one treatment of a column in a partition key: the treatment of the rule, or one of the treatments that
// the rule has for other rows (Else). It returns false if it has added a problem.
func (b *builder) routed(t *tableState, c *columnState, r routes) bool {
	switch {
	case c.use.Is("null"):
		return b.nullKey(t, c, r)
	case r.known && r.fit(c, b.joined(c)):
		return true
	case b.listed(t, c) && (c.use.Treatment == "token" || c.use.Treatment == "reversible" || c.traits.Space >= manyResults):
		b.fail(c.pos, "%s becomes %s, and the partitions of %s take listed values alone; use keep with a reason", c.at, describe(c.use), t.cat.Name)
		return false
	}
	q := Question{Condition: b.bounds(t), All: true}
	q.Own = q.Condition != "" && !harmless(q.Condition)
	if q.Condition == "" && t.cat.PartExprs != "" && !harmless(rowOf(t.cat.PartExprs)) {
		// The source's server must not run functions that the source defines, so the shadow tries the rows.
		q.Own, q.Fits = true, t.cat.Name
	}
	q.Problem = b.set.Problem(c.pos, "%s becomes %s, and no partition of %s takes every result; use keep with a reason, or other values", c.at, describe(c.use), t.cat.Name)
	if (q.Own || q.Condition != "") && b.keyedBy(t, c) && !(r.one && ranged(c.use)) {
		if q.Rows = b.allResults(c); len(q.Rows) == 0 && b.takesEveryKey(t) {
			q.Rows = resultRows(c)
		}
		if len(q.Rows) > 0 {
			b.addQuestion(q)
			return true
		}
	}
	if r.known || q.Own || !b.takesEveryKey(t) {
		b.fail(c.pos, "%s becomes %s, and not every result fits a partition of %s%s", c.at, describe(c.use), t.cat.Name, r.instead(c))
		return false
	}
	return true
}

// ranged reports whether a treatment has a range of numbers or dates as its parameter.
func ranged(u transform.Use) bool {
	return slices.Contains([]string{"token", "permute", "fake.integer", "fake.date"}, u.Treatment)
}

// fit reports whether the partitions take every result of a column's treatment. The argument joined is true for a
// joined column. The results of such a column do not stay in the range of the partitions.
func (r routes) fit(c *columnState, joined bool) bool {
	u, takes := c.use, func(text string) bool { return r.takes(text, c.cat.Type, c.cat.Name) }
	if r.all {
		return true
	}
	if text, ok := library.Fixed(c.spec(), u); ok {
		return takes(text)
	}
	switch u.Treatment {
	case "map", "fake.choice":
		words := library.Dictionary(c.spec(), u)
		return len(words) > 0 && u.Params["otherwise"] != "redact" && !slices.ContainsFunc(words, func(w string) bool { return !takes(w) })
	case "token", "permute", "fake.integer":
		lo, hi, ok := rangeOf(u.Params)
		return ok && takes(strconv.FormatInt(lo, 10)) && takes(strconv.FormatInt(hi, 10)) && r.one
	case "fake.date":
		days, _ := u.Params["range"].([]any)
		return r.one && len(days) == 2 && takes(fmt.Sprint(days[0])) && takes(fmt.Sprint(days[1])+" 23:59:59")
	case "generalize.date":
		return r.one && u.Params["earliest"] == nil && (r.from == nil || begins(r.from, u.Params["to"]))
	}
	return r.one && !joined && (isDate(c.cat.Type.Family) && fittedDate(u) || isOfNumbers(c.cat.Type) && fitted(u))
}

// begins reports whether the lower end of a range is the first day of a period, such as a month.
func begins(from *sqlexpr.Expr, period any) bool {
	at, ok := literalDate(from.Args[1])
	if !ok || !at.Equal(at.Truncate(24*time.Hour)) || at.Day() != 1 {
		return false
	}
	switch period {
	case "month":
		return true
	case "quarter":
		return (at.Month()-1)%3 == 0
	case "year":
		return at.Month() == time.January
	case "decade":
		return at.Month() == time.January && at.Year()%10 == 0
	}
	return false
}

// instead returns the end of the message: why a result may fit no partition, and what to write instead.
func (r routes) instead(c *columnState) string {
	l := unlimited()
	l.limitOfPartitions(r, c.cat.Name)
	const one = ": the partitions take the values of one range; use keep with a reason"
	switch f := c.cat.Type.Family; {
	case !r.known:
		return ": masker cannot list all results, and there is no default partition; use keep with a reason, a default partition, or constant, map or fake.choice with values that the partitions take"
	case !r.one:
		return ": the partitions leave gaps, or need other values of other columns; use keep with a reason, or constant or map with values that the partitions take"
	case f == catalog.Integer && l.numbers && ranged(c.use):
		return fmt.Sprintf("%s, or range: [%d, %d] at most", one, l.lo, l.hi)
	case isOfNumbers(c.cat.Type) && l.numbers && !fitted(c.use):
		return one + ", or noise, whose results stay in this range"
	case isDate(f) && l.dates.any() && !ranged(c.use) && !fittedDate(c.use):
		return one + ", or shift or noise, whose results stay in this range"
	}
	return one + ", or constant or map with values in this range"
}

// nullKey checks the treatment null of a column in a partition key. It refuses the rule unless the partitions take rows
// in which the column is NULL.
func (b *builder) nullKey(t *tableState, c *columnState, r routes) bool {
	takes := func(p *catalog.Table) bool {
		return p.Default || strings.Contains(p.Bound, "("+catalog.Quote(c.cat.Name)+" IS NULL)")
	}
	none := t.cat.Strategy != "hash" && !slices.ContainsFunc(b.partitions(t), takes)
	if none || r.known && !r.takesNull() {
		b.fail(c.pos, "%s becomes null, and no partition of %s takes NULL%s; use keep with a reason", c.at, t.cat.Name, map[bool]string{false: " in every row"}[none])
		return false
	}
	return true
}

// listedTreatments are the treatments whose results are words of a dictionary.
var listedTreatments = []string{
	"map", "fake.choice", "fake.given_name", "fake.middle_name", "fake.family_name", "fake.city", "fake.title", "fake.region", "fake.country",
	"fake.country_code", "fake.job_title", "fake.department", "fake.color", "fake.word", "fake.gender",
}

// mostListed is the largest number of results that a server tries for one column.
const mostListed = 2000

// allResults returns a row for each result of a column's treatment. It returns nil if masker does not know all results,
// or if they are too many.
func (b *builder) allResults(c *columnState) (all [][]Constant) {
	var texts []string
	use := transform.Use{Treatment: c.use.Treatment, Params: c.use.Params} // a subject chooses among the same results
	lo, hi, ok := resultRange(c.use)
	switch {
	case ok && c.cat.Type.Family == catalog.Integer && hi-lo < mostListed:
		for n := lo; n <= hi; n++ {
			texts = append(texts, strconv.FormatInt(n, 10))
		}
	case slices.Contains(listedTreatments, c.use.Treatment) && c.use.Params["otherwise"] != "redact":
		if texts = library.Dictionary(c.spec(), use); len(texts) > mostListed {
			return nil
		}
	case c.use.Treatment == "fake.boolean":
		texts = []string{"true", "false"}
	}
	if text, ok := library.Fixed(c.spec(), c.use); ok {
		texts = []string{text}
	}
	for _, text := range texts {
		all = append(all, []Constant{{Column: c.cat.Name, Type: c.cat.Type.Name, Text: text}})
	}
	return all
}

// takesEveryKey reports whether the partitions of a table take every value of the partition key, at all depths. They do
// if each partitioned table has a default partition, or partitions by hash that are complete. If masker cannot read the
// condition of a partition by hash, it assumes that the partitions are complete.
func (b *builder) takesEveryKey(t *tableState) bool {
	parts := b.partitions(t)
	var bounds [][]*sqlexpr.Expr
	for _, p := range parts {
		if x, err := sqlexpr.Parse(p.Bound); err == nil {
			bounds = append(bounds, conditions(x))
		}
	}
	for _, complete := range wholeHashes(bounds) {
		if !complete {
			return false
		}
	}
	return !slices.ContainsFunc(append(parts, t.cat), func(p *catalog.Table) bool {
		return p.Partitioned && p.Strategy != "hash" && !slices.ContainsFunc(parts, func(child *catalog.Table) bool {
			return child.Default && *child.PartitionOf == p.Name
		})
	})
}

// bounds returns a condition that is true for rows that fit a partition. It is "" for tables without partitions, and
// also if a partition has no condition or a condition by hash.
func (b *builder) bounds(t *tableState) string {
	var all []string
	for _, p := range b.partitions(t) {
		if p.Partitioned {
			continue
		}
		if p.Bound == "" || strings.Contains(p.Bound, "satisfies_hash_partition") {
			return ""
		}
		all = append(all, "("+p.Bound+")")
	}
	return strings.Join(all, " OR ")
}

// keyedBy reports whether the partition keys of a table and of its partitions read one column and nothing else.
func (b *builder) keyedBy(t *tableState, c *columnState) bool {
	return !slices.ContainsFunc(append(b.partitions(t), t.cat), func(p *catalog.Table) bool {
		return p.Partitioned && !slices.Equal(p.PartKey, []string{c.cat.Name})
	})
}

// listed reports whether each partition of a table takes listed values of the column. It returns false if there is a
// default partition, because this partition also takes other values.
func (b *builder) listed(t *tableState, c *columnState) bool {
	if t.cat.Strategy != "list" || t.cat.PartExprs != "" || !slices.Equal(t.cat.PartKey, []string{c.cat.Name}) {
		return false
	}
	return !slices.ContainsFunc(b.partitions(t), func(p *catalog.Table) bool {
		return *p.PartitionOf == t.cat.Name && p.Default
	})
}

// partitionExpressions checks the expressions in the partition keys of a table and of its partitions.
func (b *builder) partitionExpressions(t *tableState) {
	for _, p := range append(b.partitions(t), t.cat) {
		if o := (evaluator{b: b, t: t}).text(rowOf(p.PartExprs)); o.fails != "" {
			b.computes(t, "the partition key of "+p.Name.String(), "", o)
		}
	}
}

// rowOf makes a row expression of several expressions with commas between them.
func rowOf(expressions string) string {
	if expressions == "" {
		return ""
	}
	return "(" + expressions + ")"
}
