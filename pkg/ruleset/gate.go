package ruleset

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/transform"
)

// Profile is a pack with gates. A gate refuses plans that break a rule of a law or a standard.
type Profile struct {
	Name       string
	Pos        Pos // where the rules name the profile
	Gates      []Gate
	Sparse     []string // prefixes of postcodes of areas with few people
	NotCovered []string // what the gates do not look at
}

// Gate refuses some results for some columns.
type Gate struct {
	Code    string // code of the finding
	Article string // the rule that the gate checks, as people cite it
	Holds   string // what the columns hold, in words
	Kinds   []string
	Special bool     // the gate is for all special categories of personal data
	Words   []string // if there are any, the name of the column must have one of them
	Allow   []transform.Disclosure
	Unless  []string // conditions on the treatment under which another disclosure is allowed. Package plan knows them
	Next    string   // what to do, in words

	Finding string // the gate is for all findings with this code. It then needs no other field than Code and Article
}

// Conditions lists the conditions that a gate can have under unless.
func Conditions() []string {
	return []string{"scrubbed", "first-six-last-four", "year", "year-from", "age-ninety", "zip-three"}
}

func gateKeys() []string {
	return []string{"article", "holds", "kinds", "special", "words", "allow", "unless", "next", "finding"}
}

// profile reads the keys of a pack that belong to a profile.
func (m *merger) profile(r *reader, name string, p pair) {
	i := slices.IndexFunc(m.set.Profiles, func(q Profile) bool { return q.Name == name })
	if i < 0 {
		at := slices.IndexFunc(m.packNames, func(q pair) bool { return q.key == name })
		m.set.Profiles = append(m.set.Profiles, Profile{Name: name, Pos: m.packNames[at].pos})
		i = len(m.set.Profiles) - 1
	}
	profile := &m.set.Profiles[i]
	switch p.key {
	case "gates":
		for _, g := range r.pairs(p.value, "gates") {
			profile.Gates = append(profile.Gates, r.gate(g))
		}
	case "sparse":
		profile.Sparse = r.texts(p)
	case "not_covered":
		profile.NotCovered = r.texts(p)
	}
}

func (r *reader) gate(p pair) Gate {
	g := Gate{Code: p.key}
	for _, e := range r.pairs(p.value, "gate "+p.key) {
		switch e.key {
		case "article":
			g.Article = r.nonEmpty(e)
		case "holds":
			g.Holds = r.nonEmpty(e)
		case "kinds":
			g.Kinds = r.texts(e)
		case "special":
			b, ok := e.value.(*ast.BoolNode)
			g.Special = ok && b.Value
		case "words":
			g.Words = r.texts(e)
		case "allow":
			for _, d := range r.oneOf(e, disclosures()) {
				g.Allow = append(g.Allow, transform.Disclosure(d))
			}
		case "unless":
			g.Unless = r.oneOf(e, Conditions())
		case "next":
			g.Next = r.nonEmpty(e)
		case "finding":
			g.Finding = r.nonEmpty(e)
		default:
			r.fail(e.pos, "unknown key %q of a gate%s", e.key, spell.Mean(e.key, gateKeys()))
		}
	}
	if g.Article == "" || g.Finding == "" && (g.Holds == "" || g.Next == "" || len(g.Allow) == 0 || len(g.Kinds) == 0 && !g.Special) {
		r.fail(p.pos, "gate %s needs article, and either finding or kinds, holds, allow and next", g.Code)
	}
	return g
}

func disclosures() (names []string) {
	for _, d := range transform.Disclosures() {
		names = append(names, string(d))
	}
	return names
}

func (r *reader) texts(p pair) (out []string) {
	for _, n := range r.list(p.value, p.key) {
		if text, ok := r.text(n, p.key); ok && strings.TrimSpace(text) != "" {
			out = append(out, text)
		}
	}
	return out
}

// oneOf reads a list of words that must be in known.
func (r *reader) oneOf(p pair, known []string) []string {
	list := r.texts(p)
	for _, w := range list {
		if !slices.Contains(known, w) {
			r.fail(p.pos, "unknown word %q%s", w, spell.Mean(w, known))
		}
	}
	return list
}
