package plan

import (
	"slices"

	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/ruleset"
)

// keptPersonal is the code of the finding about a kept column that looks like personal data.
const keptPersonal = "kept-looks-personal"

// keptColumns adds a finding for each kept column that looks like personal data, or whose class says so. A column that
// follows another one has no rule of its own, so only the other one has the finding. A guess that is not sure counts only
// for special categories.
func (b *builder) keptColumns() {
	for _, t := range b.tables {
		for _, c := range t.columns {
			if t.skip != "" || !c.usable || !c.use.Is("keep") || c.cat.Generated || c.parent != nil {
				continue
			}
			if c.rule != nil && c.rule.Kind == ruleset.ByClass && !slices.Contains(unspecific(), c.rule.Class) {
				b.addFinding(keptPersonal, t, c.cat.Name, c.pos, "%s is kept, and its class is %s; treat it, or waive the finding", c.at, c.rule.Class)
				continue
			}
			if g := b.guessed().Of(t.cat.Name, c.cat.Name); g != nil && (g.Sure || g.Special) && !slices.Contains(unspecific(), g.Kind) {
				b.addFinding(keptPersonal, t, c.cat.Name, c.pos, "%s is kept and looks like %s%s: %s; treat it, or waive the finding", c.at, g.Kind, special(g), g.Why)
			}
		}
	}
}

func special(g *guess.Guess) string {
	if g.Special {
		return ", a special category of personal data"
	}
	return ""
}
