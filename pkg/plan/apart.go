package plan

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// remedy says what to write if the two ends of a key get different results for equal values. If the referencing column follows
// already, or if masker cannot follow its collation, then removing its rule does not help.
func (b *builder) remedy(fk catalog.ForeignKey, c, p *columnState) string {
	if c.parent == nil && !c.cat.Type.LooseCollation && !p.cat.Type.LooseCollation {
		return "remove the rule to follow, or decide alike"
	}
	text := fmt.Sprintf("write {keep: \"the reason\"} for both columns, or {treat: 'null'} for %s", c.at)
	if c.cat.NotNull {
		text = "write {keep: \"the reason\"} for both columns"
	}
	if _, virtual := b.virtual[fk.Name]; virtual {
		return text + ", or remove the virtual key"
	}
	return text + ", or leave out the foreign key, and then rows do not match: " + catalog.Object{Name: ownName{fk.Child, fk.Name}.String()}.Line()
}
