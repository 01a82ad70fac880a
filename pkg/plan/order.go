package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// treats reports whether any column has a treatment other than keep. If none has, the target is a copy with the
// source's order of rows.
func (b *builder) treats() bool {
	return slices.ContainsFunc(b.tables, func(t *tableState) bool {
		return t.skip == "" && slices.ContainsFunc(t.columns, (*columnState).treated)
	})
}

// moved returns the subjects whose dates move.
func (b *builder) moved() map[cell]bool {
	subjects := map[cell]bool{}
	for _, t := range b.tables {
		for _, c := range t.columns {
			if t.skip != "" || !c.treated() {
				continue
			}
			if u := shifted(&c.use); u != nil && u.Subject != "" {
				subjects[b.root(t.column(u.Subject).at)] = true
			}
		}
	}
	return subjects
}

// datedByOrder reports whether the source's order of rows would show treated dates. Rows are often in the order in
// which they were written. The mean of the neighbours' treated dates then shows the date of a row. The dates can be in
// this table or in another table of the same subjects. A kept key makes no difference, because a key such as a random
// UUID does not show the order of the rows. But if a kept column grows with the order, the order shows nothing more
// than this column. The finding shift-recoverable then names the column.
func (b *builder) datedByOrder(t *tableState, moved map[cell]bool) bool {
	if slices.ContainsFunc(t.columns, func(c *columnState) bool { return c.use.Is("keep") && order(c) > correlated }) {
		return false
	}
	return slices.ContainsFunc(t.columns, func(c *columnState) bool {
		return isDate(c.cat.Type.Family) && c.treated() || moved[b.root(c.at)]
	})
}

// keepsKey reports whether a key of kept columns identifies every row of a table. The order of the rows then shows
// nothing more than the rows themselves. A key of one partition does not count. A key with a predicate or with a column
// that can be NULL does not count either, because such a key does not identify all rows.
func (b *builder) keepsKey(t *tableState) bool {
	return slices.ContainsFunc(b.presentKeys(t.cat), func(k catalog.Key) bool {
		if k.Predicate != "" || len(k.Members) > 0 || len(k.Columns) == 0 {
			return false
		}
		return !slices.ContainsFunc(k.Columns, func(name string) bool {
			c := t.column(name)
			return c == nil || !c.cat.NotNull || c.cat.Generated || !c.usable || !c.use.Is("keep")
		})
	})
}
