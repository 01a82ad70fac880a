package plan

import (
	"github.com/masker-project/masker/pkg/catalog"
)

// padJoined makes treatments ignore trailing blanks in texts that reference a padded column, directly or through other
// columns. PostgreSQL also ignores these blanks: the texts 'ab' and 'ab ' both reference the char(4) 'ab '. All three
// values get the same result.
//
// In the other direction, nothing is necessary. A padded column that references a text loses its blanks before it is
// compared.
func (b *builder) padJoined() {
	for changed := true; changed; {
		changed = false
		for _, fk := range b.fks {
			for i, name := range fk.ChildColumns {
				c, p := b.at(cell{fk.Child, name}), b.at(cell{fk.Parent, fk.ParentColumns[i]})
				if c == nil || p == nil || !p.cat.Type.Padded || c.cat.Type.Padded || c.cat.Type.Family != catalog.Text {
					continue
				}
				column := *c.cat
				column.Type.Padded = true
				c.cat, changed = &column, true
			}
		}
	}
}
