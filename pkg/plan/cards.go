package plan

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// cards adds a finding if one column of the target holds truncated card numbers (PANs) and another one holds
// pseudonyms of card numbers. Somebody who compares the two columns can guess card numbers more easily (PCI DSS
// 3.5.1).
func (b *builder) cards() {
	var cut, replaced []*columnState
	for _, t := range b.tables {
		for _, c := range t.columns {
			if t.skip != "" || !c.treated() || !isCard(c) {
				continue
			}
			switch {
			case slices.Contains([]string{"truncate", "mask"}, c.use.Treatment):
				cut = append(cut, c)
			case c.traits.Discloses == transform.Pseudonymised:
				replaced = append(replaced, c)
			}
		}
	}
	if len(replaced) == 0 {
		return
	}
	for _, c := range cut {
		t := b.byName[c.at.table]
		b.addFinding("pan-truncated-and-tokenised", t, c.cat.Name, c.pos,
			"%s keeps parts of a card's number and %s holds its pseudonym, in one target; redact one of the two", c.at, replaced[0].at)
	}
}

// isCard reports whether a column holds card numbers, judged by its class, its treatment and the words of its name.
func isCard(c *columnState) bool {
	if c.class == "pan" || c.use.Treatment == "pan" {
		return true
	}
	if f := c.cat.Type.Family; f != catalog.Text && f != catalog.Integer && f != catalog.Numeric {
		return false
	}
	words := strings.FieldsFunc(strings.ToLower(c.cat.Name), func(r rune) bool { return r < 'a' || r > 'z' })
	has := func(list ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(list, w) })
	}
	return has("pan", "creditcard", "cardnumber") || has("card", "cc") && has("number", "no", "num", "nr", "last", "masked", "truncated", "credit", "debit", "payment")
}
