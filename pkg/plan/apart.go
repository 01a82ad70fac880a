package plan

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// remedy says what to write if the two ends of a key get different results for equal values. If the referencing column
// has no rule of its own, or if the collation of one of the two columns prevents equal results, then removing the rule
// does not help. The argument otherwise is one more way, and ends the text.
func remedy(c, p *columnState, otherwise string) string {
	if c.parent == nil && !c.cat.Type.LooseCollation && !p.cat.Type.LooseCollation {
		return "remove the rule to follow, or decide alike"
	}
	text := fmt.Sprintf("write {keep: \"the reason\"} for both columns, or {treat: 'null'} for %s", c.at)
	if c.cat.NotNull {
		text = "write {keep: \"the reason\"} for both columns"
	}
	return text + otherwise
}

const removeVirtual = ", or remove the virtual key"

// withoutReference returns the end of an error: how to change the rules so that the two columns need no equal results.
func (b *builder) withoutReference(fk catalog.ForeignKey) string {
	if _, virtual := b.virtual[fk.Name]; virtual {
		return removeVirtual
	}
	return ", or leave out the foreign key, and then rows do not match: " + catalog.Object{Name: ownName{fk.Child, fk.Name}.String()}.Line()
}
