package ruleset

import (
	"maps"
	"slices"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
)

// classes reads `classes`. A class has one rule, or a rule for each kind of target environment:
//
//	email: {treat: fake.email}
//	pan:   {staging: {treat: token}, local: {treat: redact}, default: {treat: mask, keep_last: 4}}
func (r *reader) classes(p pair) []*Class {
	var out []*Class
	if m, ok := p.value.(*ast.MappingNode); ok && len(m.Values) == 0 {
		return nil
	}
	for _, e := range r.pairs(p.value, "classes") {
		out = append(out, r.class(e))
	}
	return out
}

func (r *reader) class(p pair) *Class {
	c := &Class{Name: p.key, Pos: p.pos, Pack: r.pack, ByKind: map[string]*Treatment{}}
	entries := r.pairs(p.value, "class "+p.key)
	var direct []pair
	for _, e := range entries {
		switch {
		case e.key == "description":
			c.Description, _ = r.text(e.value, "description")
		case e.key == "default" || slices.Contains(TargetKinds(), e.key):
			r.classKind(c, e)
		default:
			direct = append(direct, e)
		}
	}
	perKind := c.Default != nil || len(c.ByKind) > 0
	switch {
	case perKind && len(direct) > 0:
		e := direct[0]
		near := spell.Mean(e.key, append(TargetKinds(), "default", "description"))
		r.fail(e.pos, "unknown kind of environment %q in class %s%s", e.key, c.Name, near)
	case !perKind && len(direct) > 0:
		c.Default = r.classRule(c, pair{key: p.key, pos: p.pos}, direct)
	case !perKind:
		r.fail(p.pos, "class %s has no treatment", c.Name)
	}
	return c
}

func (r *reader) classKind(c *Class, e pair) {
	t := r.classRule(c, e, r.pairs(e.value, e.key))
	if e.key == "default" {
		c.Default = t
		return
	}
	c.ByKind[e.key] = t
}

// classRule reads a class's treatment: treat with parameters and a domain, or keep with a reason.
func (r *reader) classRule(c *Class, p pair, entries []pair) *Treatment {
	rule := Rule{Pos: p.pos, Params: map[string]any{}, ParamPos: map[string]Pos{}}
	for _, e := range entries {
		switch formOf(e.key) {
		case Keep, Treat:
			if rule.Kind != 0 {
				r.fail(e.pos, "class %s has both keep and treat", c.Name)
				return nil
			}
			rule.Kind = formOf(e.key)
		case ByClass, JSON:
			r.fail(e.pos, "a class says {treat: …} or {keep: reason}, not %s", e.key)
			return nil
		}
	}
	if rule.Kind == 0 {
		r.fail(p.pos, "class %s has no treatment%s", c.Name, r.formHint(entries))
		return nil
	}
	for _, e := range entries {
		if e.key == "as" {
			r.fail(e.pos, "as belongs to a column: it needs the row's subject")
			continue
		}
		r.ruleEntry(&rule, e)
	}
	r.dictionary(&rule)
	r.checkConditional(&rule)
	for other := rule.Else; other != nil; other = other.Else {
		if other.Kind != Keep && other.Kind != Treat || other.As != "" {
			r.fail(other.Pos, "a class says {treat: …} or {keep: reason} here, without as")
			return nil
		}
	}
	return &Treatment{Rule: rule, Pack: r.pack}
}

// resolve merges the classes of the rule files with those of the packs. It checks that every class that a rule names
// exists, and that one of the files has a revision.
func (m *merger) resolve() {
	used := map[string]bool{}
	known := map[string]bool{}
	for name := range m.set.Classes {
		known[name] = true
	}
	for _, c := range m.fileClasses {
		known[c.Name] = true
	}
	m.eachRule(func(rule *Rule) {
		if rule.Kind != ByClass {
			return
		}
		used[rule.Class] = true
		if !known[rule.Class] {
			m.fail(rule.Pos, "unknown class %q%s", rule.Class, spell.Mean(rule.Class, slices.Sorted(maps.Keys(known))))
		}
	})
	m.override(used)
	if m.revision.IsZero() && len(m.readers) > 0 {
		r := m.readers[0]
		r.fail(Pos{File: r.src.name}, "no `revision`; add `revision: 1` and raise it with every change")
	}
}

func (m *merger) override(used map[string]bool) {
	first := map[string]Pos{}
	packClasses := slices.Sorted(maps.Keys(m.set.Classes))
	for _, c := range m.fileClasses {
		if at, dup := first[c.Name]; dup {
			m.fail(c.Pos, "class %s is already at %s", c.Name, at)
			continue
		}
		first[c.Name] = c.Pos
		base := m.set.Classes[c.Name]
		if base == nil {
			if !used[c.Name] {
				m.fail(c.Pos, "class %s overrides nothing and no column uses it%s", c.Name, spell.Mean(c.Name, packClasses))
			}
			m.set.Classes[c.Name] = c
			continue
		}
		m.set.Classes[c.Name] = mergeClass(base, c)
	}
}

// mergeClass merges a rule file's class with the pack's class. The rule file's treatments override the pack's
// treatments. If the rule file has a default, the pack's treatments are not used at all.
func mergeClass(base, over *Class) *Class {
	c := *over
	c.Pack = base.Pack
	if c.Description == "" {
		c.Description = base.Description
	}
	if c.Default == nil {
		c.Default = base.Default
		for kind, t := range base.ByKind {
			if c.ByKind[kind] == nil {
				c.ByKind[kind] = t
			}
		}
	}
	return &c
}

// each calls fn for the rule and for the rules inside it.
func (rule *Rule) each(fn func(*Rule)) {
	fn(rule)
	for i := range rule.Paths {
		rule.Paths[i].Rule.each(fn)
	}
	if rule.Else != nil {
		rule.Else.each(fn)
	}
}

// eachRule calls fn for every rule of a column, a path or a virtual key in the rule files.
func (m *merger) eachRule(fn func(*Rule)) {
	for _, k := range m.set.Virtual {
		if k.Else != nil {
			k.Else.each(fn)
		}
	}
	for _, t := range m.set.Tables {
		for _, c := range t.Columns {
			c.Rule.each(fn)
		}
	}
}
