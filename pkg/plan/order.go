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

// keepsKey reports whether a key of kept columns identifies every row of a table. The order of the rows then tells
// nothing more than the rows tell. A key of one partition does not count. A key with a predicate or with a column that
// can be NULL does not count either, because such a key does not identify all rows.
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
