package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// movedColumns returns the tables whose columns have another order in the target. pg_dump writes only the columns that
// a table does not inherit, and PostgreSQL then puts the inherited columns first. In the source, an inherited column can
// stand after others, if the parent got it later.
func (b *builder) movedColumns() (moved []string) {
	for _, t := range b.db.Tables {
		if len(t.Inherits) > 0 && !slices.Equal(b.columnsInTarget(t), columnNames(t)) {
			moved = append(moved, t.Name.String())
		}
	}
	return moved
}

// columnsInTarget returns the names of a table's columns in the order that they have in the target.
func (b *builder) columnsInTarget(t *catalog.Table) (names []string) {
	add := func(list []string) {
		for _, name := range list {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	for _, parent := range t.Inherits {
		if p := b.db.Table(parent); p != nil {
			add(b.columnsInTarget(p))
		}
	}
	add(columnNames(t))
	return names
}

func columnNames(t *catalog.Table) (names []string) {
	for _, c := range t.Columns {
		names = append(names, c.Name)
	}
	return names
}
