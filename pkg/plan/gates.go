package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// gates adds a finding for each column that breaks a gate of a profile. Such a finding refuses the plan. A gate can
// name a finding instead of columns. Then every finding with this code refuses the plan.
func (b *builder) gates() {
	for i := range b.set.Profiles {
		p := &b.set.Profiles[i]
		for j := range p.Gates {
			g := &p.Gates[j]
			if g.Finding != "" {
				b.refuseFindings(p, g)
				continue
			}
			for _, t := range b.tables {
				for _, c := range t.columns {
					if t.skip == "" && c.usable && !c.cat.Generated && c.parent == nil {
						b.gate(p, g, t, c)
						b.gateParts(p, g, t, c)
					}
				}
			}
		}
	}
}

// refuseFindings lets all findings with the code that a gate names refuse the plan.
func (b *builder) refuseFindings(p *ruleset.Profile, g *ruleset.Gate) {
	for i := range b.findings {
		if f := &b.findings[i]; f.Code == g.Finding {
			f.Refuses, f.Text = true, fmt.Sprintf("profile %s, %s: %s", p.Name, g.Article, f.Text)
		}
	}
}

func (b *builder) gate(p *ruleset.Profile, g *ruleset.Gate, t *tableState, c *columnState) {
	holds, guessed := b.holds(g, t, c)
	if !holds {
		return
	}
	how, breaks := breaksGate(p, g, &c.use, c.traits.Discloses)
	if !breaks {
		return
	}
	why := ""
	if guessed {
		why = " by its name, type or comment"
	}
	b.addFinding(g.Code, t, c.cat.Name, c.pos, "profile %s, %s: %s holds %s%s, and is %s; %s", p.Name, g.Article, c.at, g.Holds, why, how, g.Next)
	last := &b.findings[len(b.findings)-1]
	last.Refuses, last.Guessed = true, guessed
}

// breaksGate reports whether a use with a disclosure breaks a gate. The result how says what becomes of the values.
func breaksGate(p *ruleset.Profile, g *ruleset.Gate, u *transform.Use, discloses transform.Disclosure) (how string, breaks bool) {
	if slices.Contains(g.Allow, discloses) || meets(g.Unless, u, p.Sparse) {
		return "", false
	}
	if u.Is("keep") {
		return "kept", true
	}
	return string(discloses), true
}

// gateParts adds a finding if parts of a column, such as the paths of a document, break a gate.
// Only the keys of the parts say what the parts hold, so the finding can be waived.
func (b *builder) gateParts(p *ruleset.Profile, g *ruleset.Gate, t *tableState, c *columnState) {
	var found []string
	for _, part := range c.parts {
		if len(g.Words) > 0 && !named(part.key, g.Words) || !guessedKind(g, part.guess) {
			continue
		}
		discloses, _ := library.AtMost(*part.use)
		if how, breaks := breaksGate(p, g, part.use, discloses); breaks {
			found = append(found, fmt.Sprintf("%s is %s", part.path, how))
		}
	}
	if len(found) == 0 {
		return
	}
	b.addFinding(g.Code, t, c.cat.Name, c.pos, "profile %s, %s: %s holds %s by the keys of its parts, and %s; %s", p.Name, g.Article, c.at, g.Holds, strings.Join(found, ", "), g.Next)
	last := &b.findings[len(b.findings)-1]
	last.Refuses, last.Guessed = true, true
}

// holds reports whether a column holds the kind of data that a gate is about. The result guessed is true if only a
// guess says this.
func (b *builder) holds(g *ruleset.Gate, t *tableState, c *columnState) (holds, guessed bool) {
	if len(g.Words) > 0 && !named(c.cat.Name, g.Words) {
		return false, false
	}
	if slices.Contains(g.Kinds, c.class) {
		return true, false
	}
	return guessedKind(g, b.guessed().Of(t.cat.Name, c.cat.Name)), true
}

// guessedKind reports whether a guess says that something holds the kind of data that a gate is about.
func guessedKind(g *ruleset.Gate, found *guess.Guess) bool {
	if found == nil || !found.Sure && !found.Special {
		return false
	}
	return g.Special && found.Special || slices.Contains(g.Kinds, found.Kind)
}

// named reports whether a name has one of the words.
func named(name string, words []string) bool {
	parts := guess.Words(name)
	return slices.ContainsFunc(words, func(w string) bool { return slices.Contains(parts, w) })
}

// profileNotes returns a note for each profile: what it is about, and what it leaves open.
func (b *builder) profileNotes() (notes []string) {
	for _, p := range b.set.Profiles {
		secret := 0
		for _, t := range b.tables {
			for _, c := range t.columns {
				if t.skip == "" && c.usable && !c.cat.Generated && c.traits.Discloses == transform.Pseudonymised {
					secret++
				}
			}
		}
		notes = append(notes, fmt.Sprintf("profile %s compares the rules with %s, and promises nothing else. It does not cover: %s. %s pseudonymised, and still about persons",
			p.Name, spell.Count(len(p.Gates), "gate"), strings.Join(p.NotCovered, "; "), columnsAre(secret)))
	}
	return notes
}

func columnsAre(n int) string {
	if n == 1 {
		return "1 column is"
	}
	return fmt.Sprintf("%d columns are", n)
}
