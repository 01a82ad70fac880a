package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// treats reports whether any column has a treatment other than keep. Otherwise the target is a copy, and keeps the
// order of rows.
func (b *builder) treats() bool {
	return slices.ContainsFunc(b.tables, func(t *tableState) bool {
		return t.skip == "" && slices.ContainsFunc(t.columns, (*columnState).treated)
	})
}

// keepsKey reports whether kept columns identify every row of a table. The order of its rows then says nothing that
// the rows do not say. A key of a partition alone does not count, and neither does a key that leaves out rows: those
// without the predicate, and those with NULL.
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
