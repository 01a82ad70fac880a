package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/discover/guess"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// keptPersonal is the code of the finding about a kept column that looks like personal data.
const keptPersonal = "kept-looks-personal"

// keptHolds is the beginning of KeptHolds.
const keptHolds = "kept-holds-"

// KeptHolds returns the code of the finding about a kept column whose values have a class: kept-holds-email. The caller of
// Build adds these findings if it has looked at values.
func KeptHolds(class string) string { return keptHolds + strings.ReplaceAll(class, "_", "-") }

// PathUnlisted is the code of the finding about documents with paths that the rules do not list. The caller of Build adds
// it if it has looked at values.
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
	document := &catalog.Table{Name: catalog.Name{Schema: t.cat.Name.Schema, Name: c.cat.Name}}
	paths := map[string]string{}
	for u := &c.use; u != nil; u = u.Else {
		for _, p := range u.Paths {
			key := lastKey(p.Path)
			if keeps(&p.Use) == "" || key == "" || paths[key] != "" {
				continue
			}
			paths[key] = p.Path
			document.Columns = append(document.Columns, catalog.Column{Name: key, Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text}})
		}
	}
	if len(document.Columns) == 0 {
		return
	}
	if b.guessed(); b.detectors == nil {
		return
	}
	guesses := b.detectors.Database(&catalog.Database{Tables: []*catalog.Table{document}})
	var found []string
	for _, key := range document.Columns {
		if g := guesses.Of(document.Name, key.Name); suspicious(g) {
			found = append(found, fmt.Sprintf("%s looks like %s%s", paths[key.Name], g.Kind, special(g)))
		}
	}
	if len(found) > 0 {
		b.addFinding(keptPersonal, t, c.cat.Name, c.pos, "%s has kept paths that look personal: %s; treat them, or waive the finding", c.at, strings.Join(found, "; "))
	}
}

// lastKey returns the key in which a path ends, or "" if the path ends in something else.
func lastKey(path string) string {
	path = strings.TrimSuffix(path, "[*]")
	key := path[strings.LastIndexByte(path, '.')+1:]
	if !plainKey.MatchString(key) {
		return ""
	}
	return key
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
