package ruleset

import (
	"io/fs"
	"regexp"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/rules"
)

// Detectors guess a column's data class from the column's name, the table's name and the column's type. A guess is a
// suggestion for masker init and for undecided columns. It never decides on a column.
type Detectors struct {
	List     []Detector
	Harmless []Detector // names that are usually not sensitive. Class is empty, Reason says why
}

// Detector is one pattern. The first detector that matches a column is used.
type Detector struct {
	Class    string
	Reason   string // why a harmless name is not sensitive
	As       string // the `as` to suggest if the table has a subject
	Sure     bool   // masker init drafts a rule with the class. Otherwise it writes a suggestion in a comment
	families []catalog.Family
	names    *regexp.Regexp
	tables   *regexp.Regexp // nil matches every table
}

// Guess returns the first detector that matches the column of that table, or nil.
func (ds Detectors) Guess(table, column string, t catalog.Type) *Detector {
	return guess(ds.List, table, column, t)
}

// GuessHarmless returns the first pattern of harmless names that matches the column, or nil. Call Guess first.
func (ds Detectors) GuessHarmless(table, column string, t catalog.Type) *Detector {
	return guess(ds.Harmless, table, column, t)
}

func guess(ds []Detector, table, column string, t catalog.Type) *Detector {
	family := t.Family
	if t.Elem != nil {
		family = t.Elem.Family
	}
	column, table = Snake(column), Snake(table)
	for i := range ds {
		if ds[i].match(table, column, family) {
			return &ds[i]
		}
	}
	return nil
}

func (d *Detector) match(table, column string, family catalog.Family) bool {
	for _, f := range d.families {
		if f == family {
			return d.names.MatchString(column) && (d.tables == nil || d.tables.MatchString(table))
		}
	}
	return false
}

// Snake returns a name in snake_case. FirstName, firstName, "First Name" and FIRST_NAME all become first_name.
func Snake(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, c := range rs {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			b.WriteByte('_')
			continue
		}
		humps := i > 0 && unicode.IsUpper(c) &&
			(unicode.IsLower(rs[i-1]) || unicode.IsUpper(rs[i-1]) && i+1 < len(rs) && unicode.IsLower(rs[i+1]))
		if humps {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return strings.Trim(b.String(), "_")
}

// ReadDetectors reads the detectors that ship with masker.
func ReadDetectors() (Detectors, error) {
	s := &Set{Classes: map[string]*Class{}, sources: map[string]*source{}}
	var problems Problems
	m := &merger{set: s, problems: &problems}
	m.readDetectors()
	if len(problems) > 0 {
		return Detectors{}, problems
	}
	return s.Detectors, nil
}

func (m *merger) readDetectors() {
	const name = "detectors.yaml"
	data, err := fs.ReadFile(rules.Files, name)
	if err != nil {
		*m.problems = append(*m.problems, Problem{Text: "the embedded detectors cannot be read"})
		return
	}
	r := &reader{set: m.set, src: newSource(name, data), pack: "detectors", problems: m.problems}
	body := r.document(data)
	if body == nil {
		return
	}
	for _, p := range r.pairs(body, name) {
		switch p.key {
		case "detectors":
			m.set.Detectors.List = r.detectors(p)
		case "harmless":
			m.set.Detectors.Harmless = r.detectors(p)
		default:
			r.fail(p.pos, "unknown key %q", p.key)
		}
	}
}

func (r *reader) detectors(p pair) []Detector {
	var out []Detector
	for _, n := range r.list(p.value, p.key) {
		out = append(out, r.detector(n))
	}
	return out
}

func (r *reader) detector(n ast.Node) Detector {
	d := Detector{Sure: true}
	for _, p := range r.pairs(n, "a detector") {
		switch p.key {
		case "class":
			d.Class, _ = r.text(p.value, "class")
		case "reason":
			d.Reason, _ = r.text(p.value, "reason")
		case "as":
			d.As, _ = r.text(p.value, "as")
		case "names":
			d.names = r.words(p)
		case "tables":
			d.tables = r.words(p)
		case "families":
			for _, f := range r.list(p.value, "families") {
				name, _ := r.text(f, "a family")
				d.families = append(d.families, catalog.Family(name))
			}
		case "sure":
			b, ok := p.value.(*ast.BoolNode)
			d.Sure = ok && b.Value
		default:
			r.fail(p.pos, "unknown key %q of a detector", p.key)
		}
	}
	if (d.Class == "") == (d.Reason == "") || d.names == nil || len(d.families) == 0 {
		r.fail(r.pos(n), "a detector needs families, names, and either class or reason")
	}
	return d
}

// words compiles a pattern that matches whole words of a name in snake_case.
func (r *reader) words(p pair) *regexp.Regexp {
	pattern, ok := r.text(p.value, p.key)
	if !ok {
		return nil
	}
	re, err := regexp.Compile(`(?:^|_)(?:` + pattern + `)(?:_|$)`)
	if err != nil {
		r.fail(p.pos, "%s is not a regular expression", p.key)
		return nil
	}
	return re
}
