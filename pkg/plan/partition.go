package plan

import (
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/library"
)

// If a treatment has manyResults different results or more, its results are probably not only values that partitions
// list.
const manyResults = 1000

// partitionKey checks a treated column of a partition key. Rows are routed by the results, so every result needs a partition. The
// source's server is asked about results that are known: constants, and the ends of a range of numbers.
func (b *builder) partitionKey(t *tableState, c *columnState) {
	if c.use.Is("null") {
		b.nullKey(t, c)
		return
	}
	q := Question{Condition: b.bounds(t), All: true}
	q.Own = q.Condition != "" && !harmless(q.Condition)
	if q.Condition == "" && t.cat.PartExprs != "" && !harmless(rowOf(t.cat.PartExprs)) {
		q.Own, q.Fits = true, t.cat.Name // the source's server computes no condition that may call functions of its own
	}
	q.Problem = b.set.Problem(c.pos, "%s becomes %s, and no partition of %s takes every result; use keep with a reason, or other values", c.at, describe(c.use), t.cat.Name)
	var all bool // the question has every result
	if (q.Own || q.Condition != "") && b.keyedBy(t, c) {
		q.Rows, all = b.knownResults(c)
		b.addQuestion(q)
	}
	switch {
	case all && !q.Own:
	case b.listed(t, c) && (c.use.Treatment == "token" || c.use.Treatment == "reversible" || c.traits.Space >= manyResults):
		b.fail(c.pos, "%s becomes %s, and the partitions of %s take listed values alone; use keep with a reason", c.at, describe(c.use), t.cat.Name)
	default:
		b.addFinding("partition-key-treated", t, c.cat.Name, c.pos,
			"%s is in the partition key: rows are routed again, and a result that fits no partition stops the refresh", c.at)
	}
}

// nullKey refuses a partition key that becomes NULL if no partition takes NULL.
func (b *builder) nullKey(t *tableState, c *columnState) {
	takes := func(p *catalog.Table) bool {
		return p.Default || strings.Contains(p.Bound, "("+catalog.Quote(c.cat.Name)+" IS NULL)")
	}
	if t.cat.Strategy != "hash" && !slices.ContainsFunc(b.partitions(t), takes) {
		b.fail(c.pos, "%s becomes null, and no partition of %s takes NULL; use keep with a reason", c.at, t.cat.Name)
	}
}

// knownResults returns a row for each result of a column's treatment that masker knows. The result complete is true if the
// treatment has no other results.
func (b *builder) knownResults(c *columnState) (known [][]Constant, complete bool) {
	lo, hi, ok := rangeOf(c.use.Params)
	if ok && c.use.When == "" && c.cat.Type.Family == catalog.Integer && slices.Contains([]string{"token", "permute"}, c.use.Treatment) {
		for _, n := range []int64{lo, hi} {
			known = append(known, []Constant{{c.cat.Name, c.cat.Type.Name, strconv.FormatInt(n, 10)}})
		}
		return known, false
	}
	_, complete = library.Fixed(c.spec(), c.use)
	return resultRows(c), complete
}

// bounds returns a condition that is true for rows that fit a partition. It is "" for tables without partitions, and for
// partitions by hash, which take every row.
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

// listed reports whether each partition of a table takes listed values of the column. A default partition takes others too.
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
