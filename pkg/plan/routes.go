package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sqlexpr"
)

// routes says which results of one column the partitions of a table take, if the other columns of the row do not
// change.
type routes struct {
	known bool          // masker understands the conditions of all partitions
	all   bool          // the partitions take every result
	one   bool          // the partitions take every result of one range: from is included, to is excluded
	from  *sqlexpr.Expr // the comparison with the lower end of the range, or nil
	to    *sqlexpr.Expr // the comparison with the upper end of the range, or nil
	alike []group
}

// routesOf reads the conditions of a table's partitions for one column. In the source, a row satisfies the condition of
// one partition. After a treatment of the column, the row still satisfies the part of this condition that reads other
// columns.
func (b *builder) routesOf(t *tableState, column string) routes {
	var bounds [][]*sqlexpr.Expr
	var keys []string // the columns of all partition keys
	for _, p := range append(b.partitions(t), t.cat) {
		if p.Partitioned {
			keys = append(keys, p.PartKey...)
			continue
		}
		x, err := sqlexpr.Parse(p.Bound)
		if err != nil {
			return routes{}
		}
		bounds = append(bounds, conditions(x))
	}
	if len(bounds) == 0 {
		return routes{}
	}
	complete := wholeHashes(bounds)
	for _, key := range slices.Compact(slices.Sorted(slices.Values(keys))) {
		if key != column {
			bounds = without(bounds, key, complete)
		}
	}
	r := routes{known: true, all: true, one: true, alike: groupsOf(leavesOf(bounds, column, complete))}
	for i, g := range r.alike {
		all, from, to, one := g.covers()
		r.all, r.one = r.all && all, r.one && one
		if i == 0 {
			r.from, r.to = from, to
		}
		r.one = r.one && endOf(from) == endOf(r.from) && endOf(to) == endOf(r.to)
	}
	return r
}

// without looks for partitions that together take every value of a column, and NULL. It removes the conditions on the
// column from their bounds.
func without(bounds [][]*sqlexpr.Expr, column string, complete map[string]bool) (out [][]*sqlexpr.Expr) {
	leaves := leavesOf(bounds, column, complete)
	free := map[string]bool{}
	for _, g := range groupsOf(leaves) {
		all, _, _, _ := g.covers()
		free[g[0].needs()] = all && g.takesNull()
	}
	for i, list := range bounds {
		if free[leaves[i].needs()] {
			list = slices.DeleteFunc(slices.Clone(list), func(x *sqlexpr.Expr) bool { return readsColumn(x, column) })
		}
		out = append(out, list)
	}
	return out
}

func leavesOf(bounds [][]*sqlexpr.Expr, column string, complete map[string]bool) (leaves []leaf) {
	for _, list := range bounds {
		leaves = append(leaves, leafOf(list, column, complete))
	}
	return leaves
}

// groupsOf returns a group for each different condition on the other columns. The first leaf of a group has this
// condition. The other leaves of the group have this condition or a weaker condition.
func groupsOf(leaves []leaf) (groups []group) {
	seen := map[string]bool{}
	for _, l := range leaves {
		if seen[l.needs()] {
			continue
		}
		seen[l.needs()] = true
		g := group{l}
		for _, o := range leaves {
			if !slices.ContainsFunc(o.rest, func(need string) bool { return !slices.Contains(l.rest, need) }) {
				g = append(g, o)
			}
		}
		groups = append(groups, g)
	}
	return groups
}

// needs returns the conditions on the other columns as one text.
func (l leaf) needs() string { return strings.Join(l.rest, "\n") }

// takes reports whether every group takes a value.
func (r routes) takes(text string, t catalog.Type, column string) bool {
	value := textOf(&sqlexpr.Expr{Kind: sqlexpr.Literal, Text: text})
	return r.all || r.isWithin(text, t, column) || !slices.ContainsFunc(r.alike, func(g group) bool {
		return !slices.ContainsFunc(g, func(l leaf) bool { return slices.Contains(l.values, value) })
	})
}

// isWithin reports whether a number or a date lies in the one range that the partitions take.
func (r routes) isWithin(text string, t catalog.Type, column string) bool {
	if !r.one {
		return false
	}
	value := &sqlexpr.Expr{Kind: sqlexpr.Literal, Text: text}
	l := unlimited()
	l.limitOfPartitions(r, column)
	if n, ok := literalNumber(value); ok && isOfNumbers(t) {
		return l.numbers && (l.least == nil || n.Cmp(l.least) >= 0) && (l.most == nil || n.Cmp(l.most) < 0)
	}
	at, ok := literalDate(value)
	return ok && isDate(t.Family) && l.dates.any() && !at.Before(l.dates.first) && (l.dates.last.IsZero() || at.Before(l.dates.last))
}

// takesNull reports whether every group takes NULL.
func (r routes) takesNull() bool {
	return !slices.ContainsFunc(r.alike, func(g group) bool { return !g.takesNull() })
}

// limitOfPartitions adds the range of the partitions to the limits of the column.
func (l *limits) limitOfPartitions(r routes, column string) {
	if !r.known || !r.one || r.all {
		return
	}
	for _, end := range []*sqlexpr.Expr{r.from, r.to} {
		if end != nil {
			l.read(end, column)
		}
	}
}

// limitOfKey limits a column of a partition key to the range that the partitions take.
func (b *builder) limitOfKey(l limits, t *tableState, c *columnState) {
	number, date := isOfNumbers(c.cat.Type), isDate(c.cat.Type.Family)
	if !t.cat.Partitioned || !b.inPartitionKey(c) || !number && !date || b.joined(c) {
		return
	}
	r := b.routesOf(t, c.cat.Name)
	if !r.known || !r.one || r.all {
		return
	}
	l.limitOfPartitions(r, c.cat.Name)
	column := *c.cat
	if number && l.numbers {
		column.Type.First, column.Type.Last = l.bounds(column.Type)
	} else if date && l.dates.any() {
		column.Type.First, column.Type.Last = l.dates.bounds(column.Type)
	}
	c.cat = &column
}
