package ruleset

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

func (m *merger) readTables(r *reader, p pair) {
	if m.set.AddTable == nil {
		at := r.insertion(p.pos, p.value)
		m.set.AddTable = &at
	}
	if blank(p.value) {
		return // in a draft, every table is a comment
	}
	for _, t := range r.pairs(p.value, "tables") {
		name, err := catalog.ParseName(t.key)
		if err != nil {
			r.fail(t.pos, "a table's key is schema.table, quoted as SQL would: %v", err)
			continue
		}
		if first, dup := m.tables[name.String()]; dup {
			r.fail(t.pos, "table %s is already at %s; write all its rules in one entry", name, first)
			continue
		}
		m.tables[name.String()] = t.pos
		m.set.Tables = append(m.set.Tables, r.table(name, t))
	}
}

// blank reports whether a mapping has no entries.
func blank(n ast.Node) bool {
	if m, ok := n.(*ast.MappingNode); ok {
		return len(m.Values) == 0
	}
	_, null := n.(*ast.NullNode)
	return null
}

func tableKeys() []string { return []string{"subject", "columns", "keep", "only", "skip", "order"} }

func (r *reader) table(name catalog.Name, p pair) *Table {
	t := &Table{Name: name, Pos: p.pos, AddKey: r.insertion(p.pos, p.value)}
	var only *pair
	for _, e := range r.pairs(p.value, "table "+name.String()) {
		switch e.key {
		case "subject":
			if id, ok := r.ident(e.value, "subject"); ok {
				t.Subject = &id
			}
		case "keep":
			reason, _ := r.reason(e.value, "keep")
			t.Keep = &TableDecision{Reason: reason, Pos: e.pos}
		case "only":
			only = &e
		case "skip":
			reason, _ := r.reason(e.value, "skip")
			t.Skip = &TableDecision{Reason: reason, Pos: e.pos}
		case "order":
			t.Order = r.order(e)
		case "columns":
			at := r.insertion(e.pos, e.value)
			t.AddColumn = &at
			t.Columns = r.columns(e.value)
		case "virtual_keys":
			r.fail(e.pos, "virtual_keys is a key of the rule file, not of a table")
		case "when":
			r.fail(e.pos, "when is a key of a column, not of a table")
		case "subset":
			r.fail(e.pos, "subset is a setting of a flow in masker.yaml, not a key of a table")
		default:
			r.fail(e.pos, "unknown key %q of a table%s", e.key, spell.Mean(e.key, tableKeys()))
		}
	}
	r.checkTable(t, only)
	return t
}

// checkTable checks that keep, only and skip fit together.
func (r *reader) checkTable(t *Table, only *pair) {
	if only != nil && t.Keep == nil {
		r.fail(only.pos, "only lists the columns that `keep: reason` keeps; there is no keep")
	}
	if t.Keep != nil && only == nil {
		r.fail(t.Keep.Pos, "keep on a whole table needs `only: [columns]`: a column that is added later must be undecided, not kept")
	}
	if t.Keep != nil && only != nil {
		t.Keep.Only = r.only(t, *only)
	}
	if t.Skip != nil && (t.Keep != nil || t.AddColumn != nil || t.Subject != nil || t.Order != nil) {
		r.fail(t.Skip.Pos, "the rows of a skipped table stay behind; skip cannot be combined with other rules of the table")
	}
}

// order reads the value of `order`, which has the form {keep: reason}.
func (r *reader) order(p pair) *TableDecision {
	const form = "order has one form: {keep: reason}"
	d := &TableDecision{Pos: p.pos}
	if _, scalar := p.value.(ast.ScalarNode); scalar {
		r.fail(r.pos(p.value), form)
		return nil
	}
	entries := r.pairs(p.value, "order")
	if len(entries) != 1 || entries[0].key != "keep" {
		r.fail(p.pos, form)
		return nil
	}
	d.Reason, _ = r.reason(entries[0].value, "keep")
	return d
}

func (r *reader) only(t *Table, p pair) []Ident {
	var ids []Ident
	seen := map[string]Pos{}
	for _, c := range t.Columns {
		seen[c.Name] = c.Pos
	}
	for _, n := range r.list(p.value, "only") {
		id, ok := r.ident(n, "a column in only")
		if !ok {
			continue
		}
		if first, dup := seen[id.Name]; dup {
			r.fail(id.Pos, "column %s is already decided at %s", catalog.Quote(id.Name), first)
			continue
		}
		seen[id.Name] = id.Pos
		ids = append(ids, id)
	}
	return ids
}

// ident reads a column's name. The name can be a word that YAML reads as null, a number or a boolean.
func (r *reader) ident(n ast.Node, what string) (Ident, bool) {
	scalar, ok := n.(ast.ScalarNode)
	if !ok || scalar.GetToken() == nil {
		r.fail(r.pos(n), "%s must be a column's name", what)
		return Ident{}, false
	}
	return r.identText(scalar.GetToken().Value, r.pos(n))
}

func (r *reader) identText(text string, at Pos) (Ident, bool) {
	parts, err := catalog.ParseIdents(strings.TrimSpace(text))
	if err != nil {
		r.fail(at, "a column is named as SQL would: %v", err)
		return Ident{}, false
	}
	if len(parts) != 1 {
		r.fail(at, "%q contains a dot; quote the column's name as SQL would: %s", text, YAMLKey(strings.TrimSpace(text)))
		return Ident{}, false
	}
	return Ident{Name: parts[0], Pos: at, Text: text}, true
}

func (r *reader) columns(n ast.Node) []*Column {
	if blank(n) {
		return nil // in a draft, every column is a comment and undecided
	}
	var out []*Column
	seen := map[string]Pos{}
	for _, p := range r.pairs(n, "columns") {
		id, ok := r.identText(p.key, p.pos)
		if !ok {
			continue
		}
		if first, dup := seen[id.Name]; dup {
			r.fail(id.Pos, "column %s is already at %s", catalog.Quote(id.Name), first)
			continue
		}
		seen[id.Name] = id.Pos
		if rule, ok := r.rule(p, false); ok {
			out = append(out, &Column{Ident: id, Rule: rule})
		}
	}
	return out
}

// rule reads one rule. The argument nested is true for the rule of a part of a value, such as a JSON path. Such a rule
// can itself be a json rule, because the string at the path can hold another document.
func (r *reader) rule(p pair, nested bool) (Rule, bool) {
	rule := Rule{Pos: p.pos, Params: transform.Params{}, ParamPos: map[string]Pos{}}
	if _, scalar := p.value.(ast.ScalarNode); scalar {
		r.fail(r.pos(p.value), "a rule is a mapping: {class: …}, {treat: …} or {keep: reason}")
		return rule, false
	}
	entries := r.pairs(p.value, "a rule")
	forms := 0
	for _, e := range entries {
		if kind := formOf(e.key); kind != 0 {
			forms++
			if rule.Kind = kind; kind == JSON {
				rule.Treatment = e.key
			}
		}
	}
	if forms != 1 {
		r.fail(p.pos, "a rule has exactly one of %s and %s%s", strings.Join(Forms()[:len(Forms())-1], ", "), Forms()[len(Forms())-1], r.formHint(entries))
		return rule, false
	}
	before := len(*r.problems)
	for _, e := range entries {
		r.ruleEntry(&rule, e)
	}
	r.dictionary(&rule)
	r.checkConditional(&rule)
	if nested && rule.When != "" {
		r.fail(rule.WhenPos, "when cannot stand inside a document; put it on the column, and write a json rule for each case")
	}
	return rule, len(*r.problems) == before
}

func formOf(key string) Kind {
	switch key {
	case "keep":
		return Keep
	case "class":
		return ByClass
	case "treat":
		return Treat
	}
	if _, ok := withParts(key); ok {
		return JSON
	}
	return 0
}

func (r *reader) formHint(entries []pair) string {
	for _, e := range entries {
		if near := spell.Nearest(e.key, Forms()); near != "" && near != e.key {
			return "; " + e.key + " looks like " + near
		}
	}
	return ""
}

func (r *reader) ruleEntry(rule *Rule, e pair) {
	switch e.key {
	case "keep":
		rule.Reason, _ = r.reason(e.value, "keep")
	case "class":
		rule.Class, _ = r.text(e.value, "class")
	case "treat":
		rule.Treatment = r.treatment(e.value)
	case "when", "else":
		r.conditional(rule, e)
	case "waiver":
		r.fail(e.pos, "a waiver is written under waivers, a key of the rule file, not under a column")
	case "domain", "as":
		r.namespace(rule, e)
	default:
		if spec, ok := withParts(e.key); ok {
			rule.Paths = r.paths(spec, e.value)
			return
		}
		if rule.Kind == Treat || rule.Kind == JSON && besideParts(rule.Treatment, e.key) {
			rule.Params[e.key] = r.value(e.value, e.key)
			if e.key == "special" && isWordNull(e.value) {
				rule.Params[e.key] = "null"
			}
			rule.ParamPos[e.key] = e.pos
			return
		}
		r.fail(e.pos, "unknown key %q beside %s%s", e.key, rule.form(), spell.Mean(e.key, besideForm(rule.Kind)))
	}
}

// form returns the key that names the form of the rule, such as keep or json.
func (r *Rule) form() string {
	if r.Kind == JSON {
		return r.Treatment
	}
	return [...]string{"", "keep", "class", "treat"}[r.Kind]
}

func besideForm(k Kind) []string {
	if k == ByClass {
		return []string{"as", "domain"}
	}
	return nil
}

func (r *reader) namespace(rule *Rule, e pair) {
	if rule.Kind != ByClass && rule.Kind != Treat {
		r.fail(e.pos, "%s has no meaning beside %s", e.key, rule.form())
		return
	}
	s, ok := r.text(e.value, e.key)
	if !ok {
		return
	}
	if s == "" || strings.TrimSpace(s) != s {
		r.fail(r.pos(e.value), "%s must be a name", e.key)
		return
	}
	if e.key == "domain" {
		rule.Domain, rule.DomainPos = s, e.pos
		return
	}
	rule.As, rule.AsPos = s, e.pos
}

// treatment reads the name after treat. YAML reads the name null as an empty value. treatment then returns "null".
func (r *reader) treatment(n ast.Node) string {
	if isWordNull(n) {
		return r.knownTreatment("null", r.pos(n))
	}
	name, ok := r.text(n, "treat")
	if !ok {
		return ""
	}
	return r.knownTreatment(name, r.pos(n))
}

// isWordNull reports whether a value is the word null, which YAML reads as an empty value.
func isWordNull(n ast.Node) bool {
	null, ok := n.(*ast.NullNode)
	return ok && null.GetToken().Value == "null"
}

func (r *reader) knownTreatment(name string, at Pos) string {
	switch name {
	case "keep":
		r.fail(at, "write {keep: reason}: a kept column needs a reason")
		return name
	}
	if spec, ok := withParts(name); ok {
		r.fail(at, "write {%s: {%s: rule}}: %s treats the parts of a value", name, spec.Parts, name)
		return name
	}
	if _, ok := library.Lookup(name); !ok {
		r.fail(at, "unknown treatment %q%s", name, spell.Mean(name, library.Names()))
	}
	return name
}

// withParts finds a treatment that treats the parts of a value, such as json. The name of such a treatment is a form.
func withParts(name string) (*transform.Spec, bool) {
	spec, ok := library.Lookup(name)
	return spec, ok && spec.Parts != ""
}

// besideParts reports whether a treatment of parts has a parameter with that name.
func besideParts(treatment, name string) bool {
	spec, ok := withParts(treatment)
	return ok && slices.ContainsFunc(spec.Params, func(p transform.Param) bool { return p.Name == name })
}

func (r *reader) paths(spec *transform.Spec, n ast.Node) []Path {
	var out []Path
	for _, p := range r.pairs(n, spec.Name) {
		if spec.Name == "json" && !strings.HasPrefix(p.key, "$") {
			r.fail(p.pos, "a JSON path begins with $, as in $.contact.email")
			continue
		}
		if rule, ok := r.rule(p, true); ok {
			out = append(out, Path{Path: p.key, Pos: p.pos, Rule: rule})
		}
	}
	return out
}

// YAMLKey returns an SQL identifier as a YAML key or list entry. The identifier is quoted for SQL if it needs to be.
func YAMLKey(ident string) string { return YAMLText(catalog.Quote(ident)) }

// YAMLText returns a text as YAML, in quotes if it needs them.
func YAMLText(s string) string {
	if plainYAML(s) {
		return s
	}
	if !strings.ContainsAny(s, "\n\r\t\\") && printable(s) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return quoteYAML(s)
}
