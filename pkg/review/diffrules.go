package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// diffRules compares two rule sets for each kind of target environment. If a difference does not exist for all
// kinds, its text names the kinds.
func diffRules(old, now *ruleset.Set) []Difference {
	kinds := ruleset.TargetKinds()
	in := map[Difference][]string{}
	var order []Difference
	for _, kind := range kinds {
		for _, c := range diffRulesFor(old, now, kind) {
			if in[c] == nil {
				order = append(order, c)
			}
			in[c] = append(in[c], kind)
		}
	}
	out := []Difference{}
	for _, c := range order {
		if some := in[c]; len(some) < len(kinds) {
			c.Text = "in " + strings.Join(some, ", ") + ": " + c.Text
		}
		out = append(out, c)
	}
	return out
}

// diffRulesFor compares two rule sets for one kind of target environment.
func diffRulesFor(old, now *ruleset.Set, kind string) []Difference {
	before, after := decisionsOf(old, kind), decisionsOf(now, kind)
	adopt := func(t *ruleset.Table, c *ruleset.Column) {
		was := ruleOf(old, t.Name, c.Name)
		if was == nil || !same(ruleWithoutPositions(was), ruleWithoutPositions(&c.Rule)) {
			return
		}
		if a, b := decidedColumn(&before, t.Name, c.Name), decidedColumn(&after, t.Name, c.Name); a != nil && b != nil {
			*b = *a // the rule is the same. If its class has changed, that is a difference of the class
		}
	}
	for _, t := range now.Tables {
		for _, c := range t.Columns {
			adopt(t, c)
		}
	}
	d := &differ{found: []Difference{}, rules: true}
	d.decisions(before, after)
	d.classes(old, now, kind)
	d.listed("packs", old.Packs, now.Packs)
	d.listed("virtual_keys", virtualTexts(old), virtualTexts(now))
	return d.found
}

func ruleOf(s *ruleset.Set, table catalog.Name, column string) *ruleset.Rule {
	if t := s.Table(table); t != nil {
		for _, c := range t.Columns {
			if c.Name == column {
				return &c.Rule
			}
		}
	}
	return nil
}

func decidedColumn(d *plan.Decisions, table catalog.Name, column string) *plan.DecidedColumn {
	for i := range d.Tables {
		for j := range d.Tables[i].Columns {
			if c := &d.Tables[i].Columns[j]; d.Tables[i].Name == table && c.Name == column {
				return c
			}
		}
	}
	return nil
}

// decisionsOf returns a rule set in the form of decisions, as far as that is possible without a schema.
func decisionsOf(s *ruleset.Set, kind string) plan.Decisions {
	d := plan.Decisions{Revision: s.Revision}
	for _, t := range s.Tables {
		dt := plan.DecidedTable{Name: t.Name, Skip: t.Skip != nil, KeepOrder: t.Order != nil}
		if t.Subject != nil {
			dt.Subject = t.Subject.Name
		}
		for _, c := range t.Columns {
			u := useOf(s, &c.Rule, kind)
			dt.Columns = append(dt.Columns, plan.DecidedColumn{Name: c.Name, Class: c.Rule.Class, Use: u})
		}
		if t.Keep != nil {
			for _, id := range t.Keep.Only {
				dt.Columns = append(dt.Columns, plan.DecidedColumn{Name: id.Name, Use: transform.Use{Treatment: "keep"}})
			}
		}
		slices.SortFunc(dt.Columns, func(a, b plan.DecidedColumn) int { return strings.Compare(a.Name, b.Name) })
		d.Tables = append(d.Tables, dt)
	}
	slices.SortFunc(d.Tables, func(a, b plan.DecidedTable) int { return a.Name.Compare(b.Name) })
	for _, k := range ruleset.ObjectKinds() {
		if o := s.Object(k); o != nil && (k != ruleset.Comments || o.Decision == "keep") {
			d.Objects = append(d.Objects, plan.DecidedObject{Kind: k, Decision: o.Decision, Reason: o.Reason})
		}
	}
	for _, o := range s.LeaveOut {
		d.LeaveOut = append(d.LeaveOut, plan.DecidedLeftOut{Name: o.Name})
	}
	d.Hooks = plan.HooksOf(s)
	d.Waivers = plan.DecidedWaivers(s.Waivers)
	return d
}

// useOf returns a rule as a use, with the treatment of its class. The use is empty if the class has no treatment
// for the kind.
func useOf(s *ruleset.Set, r *ruleset.Rule, kind string) transform.Use {
	u := transform.Use{Treatment: r.Treatment, Params: r.Params, Domain: r.Domain, As: r.As}
	switch r.Kind {
	case ruleset.Keep:
		u = transform.Use{Treatment: "keep"}
	case ruleset.ByClass:
		class := s.Classes[r.Class]
		if class == nil || class.For(kind) == nil {
			return transform.Use{}
		}
		u = useOf(s, &class.For(kind).Rule, kind)
		if r.Domain != "" {
			u.Domain = r.Domain
		}
		u.As = r.As
	case ruleset.JSON:
		for i := range r.Paths {
			u.Paths = append(u.Paths, transform.Path{Path: r.Paths[i].Path, Use: useOf(s, &r.Paths[i].Rule, kind)})
		}
	}
	if r.When == "" {
		return u
	}
	return plan.Conditional(u, r.When, useOf(s, r.Else, kind))
}

// ruleWithoutPositions returns a rule without positions and reasons, in a form that can be compared.
func ruleWithoutPositions(r *ruleset.Rule) any {
	if r == nil {
		return nil
	}
	var paths []any
	for i := range r.Paths {
		paths = append(paths, []any{r.Paths[i].Path, ruleWithoutPositions(&r.Paths[i].Rule)})
	}
	return []any{r.Kind, r.Class, r.Treatment, r.Params, r.Domain, r.As, r.When, ruleWithoutPositions(r.Else), paths}
}

func (d *differ) classes(old, now *ruleset.Set, kind string) {
	names := map[string]*ruleset.Class{}
	maps.Copy(names, old.Classes)
	maps.Copy(names, now.Classes)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		of := &ruleset.Rule{Kind: ruleset.ByClass, Class: name}
		was, is, where := useOf(old, of, kind), useOf(now, of, kind), "classes."+name
		switch {
		case same(was, is):
		case was.Treatment == "":
			d.add(where, New, "new class, %s", useWords(is, atMost(is)))
		case is.Treatment == "":
			d.add(where, Gone, "the class has no treatment any more; it was %s", useWords(was, atMost(was)))
		default:
			d.use(where, was, is, atMost(was), atMost(is))
		}
	}
}

// listed compares lists of names.
func (d *differ) listed(where string, old, now []string) {
	before := len(d.found)
	for _, s := range now {
		if !slices.Contains(old, s) {
			d.add(where, New, "%s", s)
		}
	}
	for _, s := range old {
		if !slices.Contains(now, s) {
			d.add(where, Gone, "%s", s)
		}
	}
	if len(d.found) == before && !slices.Equal(old, now) {
		d.add(where, Neutral, "they stand in another order")
	}
}

// virtualTexts describes virtual keys for a reviewer, one text for each.
func virtualTexts(s *ruleset.Set) []string {
	var out []string
	for _, k := range s.Virtual {
		text := refText(k.From)
		if k.Path != "" {
			text += " " + k.Path
		}
		if k.By != nil {
			text += " by " + catalog.Quote(k.By.Name)
		}
		for i, t := range k.To {
			sep := " references "
			if i > 0 {
				sep = ", "
			}
			text += sep + refText(t.Ref)
			if t.Value != "" {
				text += fmt.Sprintf(" for %q", t.Value)
			}
		}
		if k.Else != nil {
			text += fmt.Sprintf(", else %s", phrase(useOf(s, k.Else, ruleset.TargetKinds()[0])))
		}
		out = append(out, text)
	}
	return out
}

func refText(r ruleset.Ref) string {
	var names []string
	for _, c := range r.Columns {
		names = append(names, r.Table.Column(c.Name))
	}
	return strings.Join(names, ", ")
}
