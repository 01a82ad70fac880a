package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// keptPersonal is the code of the finding about a kept column that looks like personal data.
const keptPersonal = "kept-looks-personal"

// keptHolds is the beginning of every code that KeptHolds returns.
const keptHolds = "kept-holds-"

// KeptHolds returns the code of the finding about a kept column whose values have a class: kept-holds-email. The caller
// of Build adds these findings if it has looked at values.
func KeptHolds(class string) string { return keptHolds + strings.ReplaceAll(class, "_", "-") }

// PathUnlisted is the code of the finding about documents with paths that the rules do not list. The caller of Build
// adds it if it has looked at values.
const PathUnlisted = "path-not-listed"

// NeedsValues reports whether only somebody who has looked at values can have a finding with this code.
func NeedsValues(code string) bool { return code == PathUnlisted || strings.HasPrefix(code, keptHolds) }

// keptColumns adds a finding for each kept column that looks like personal data, or whose class says so. A column
// counts as kept even if it is kept only in some rows, or only at some paths of a document. A column that follows
// another column has no rule of its own, so only the other column gets the finding. A guess that is not sure counts
// only for special categories.
func (b *builder) keptColumns() {
	for _, t := range b.tables {
		for _, c := range t.columns {
			if t.skip != "" || !c.usable || c.cat.Generated || c.parent != nil {
				continue
			}
			c.parts = b.partsOf(t, c)
			b.keptPaths(t, c)
			how := keeps(&c.use)
			if how == "" {
				continue
			}
			if c.rule != nil && c.rule.Kind == ruleset.ByClass && !slices.Contains(Unspecific(), c.rule.Class) {
				b.addFinding(keptPersonal, t, c.cat.Name, c.pos, "%s %s, and its class is %s; treat it, or waive the finding", c.at, how, c.rule.Class)
				continue
			}
			if g := b.guessed().Of(t.cat.Name, c.cat.Name); suspicious(g) {
				b.addFinding(keptPersonal, t, c.cat.Name, c.pos, "%s %s and looks like %s%s: %s; treat it, or waive the finding", c.at, how, g.Kind, special(g), g.Why)
			}
		}
	}
}

// keeps says how a use keeps values: always, or under a condition. It returns "" if the use keeps no value.
func keeps(u *transform.Use) string {
	switch {
	case u.Is("keep"):
		return "is kept"
	case u.Treatment == "keep", u.Else != nil && keeps(u.Else) != "":
		return "is kept under a condition"
	}
	return ""
}

// keptPaths adds a finding for a document with kept paths whose keys look like personal data.
func (b *builder) keptPaths(t *tableState, c *columnState) {
	var found []string
	seen := map[string]bool{}
	for _, p := range c.parts {
		if keeps(p.use) != "" && suspicious(p.guess) && !seen[p.key] {
			seen[p.key] = true
			found = append(found, fmt.Sprintf("%s looks like %s%s", p.path, p.guess.Kind, special(p.guess)))
		}
	}
	if len(found) > 0 {
		b.addFinding(keptPersonal, t, c.cat.Name, c.pos, "%s has kept paths that look personal: %s; treat them, or waive the finding", c.at, strings.Join(found, "; "))
	}
}

func suspicious(g *guess.Guess) bool {
	return g != nil && (g.Sure || g.Special) && !slices.Contains(Unspecific(), g.Kind)
}

func special(g *guess.Guess) string {
	if g.Special {
		return ", a special category of personal data"
	}
	return ""
}
