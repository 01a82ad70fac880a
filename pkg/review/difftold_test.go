package review

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
)

// labelled is a rule file with rules whose labels depend on the type, on the parameters, on the subject and on
// conditions.
const labelled = `revision: 1
packs: [baseline]
tables:
  public.people:
    subject: id
    columns:
      id: {treat: token, range: [1, 2000000000]}
      kind: {keep: x}
      given: {class: given_name, as: person}
      family: {class: family_name, as: person, when: 'kind == "person"', else: {treat: redact}}
      email: {treat: fake.email}
      vip: {treat: redact}
      band: {treat: constant, value: low, when: 'salary < 50000', else: {treat: constant, value: high}}
      flag: {treat: constant, value: "yes", when: 'vip', else: {treat: constant, value: "no"}}
      salary: {treat: generalize.number, width: 1}
      bonus: {treat: generalize.number, width: 1000}
      code: {treat: regex, pattern: '(\d)(.*)', replace: '${2}${1}'}
      part: {treat: regex, pattern: '([A-Z]{2})-\d+', replace: '${1}-0'}
      born: {class: birth_date}
      phone: {treat: mask, keep_last: 4}
      note: {treat: scrub}
      own: {treat: command, run: [./treat]}
      doc: {json: {"$..*": {treat: redact}}}
      open: {json: {"$..*": {treat: redact}, "$.theme": {keep: x}}}
      nick: {treat: expr, value: 'lower(new.given)'}
      copy: {treat: expr, value: 'old.kind'}
`

// C9: a comparison of rule sets never names a lower label than the plan. If the label does not depend on the schema,
// both name the same label. The comparison of plans and the inventory name the label of the plan.
func TestC9OneLabelPerColumn(t *testing.T) {
	db := sketch.Schema(t, "public.people: id int! pk, kind text!, given text, family text, email text, vip bool!, band text, flag text, salary int!, bonus int, "+
		"code text, part text, born date, phone text, note text, own text, doc jsonb, open jsonb, nick text, copy text")
	p := planOf(t, db, sketch.Rules(t, labelled))
	want := map[string]transform.Disclosure{
		"id": "pseudonymised", "kind": "unchanged", "given": "synthetic", "family": "generalised", "email": "pseudonymised", "vip": "suppressed",
		"band": "generalised", "flag": "unchanged", "salary": "unchanged", "bonus": "generalised", "code": "unchanged", "part": "generalised",
		"born": "pseudonymised", "phone": "generalised", "note": "unchanged", "own": "unchanged", "doc": "generalised", "open": "unchanged", "nick": "synthetic", "copy": "unchanged",
	}
	rules, plans, order := texts(DiffRules(sketch.Rules(t, sketch.Head), sketch.Rules(t, labelled))), texts(Diff(Nothing(p.Decisions()), p.Decisions())), transform.Disclosures()
	for _, c := range p.Tables[0].Columns {
		if c.Discloses != want[c.Name] {
			t.Errorf("%s discloses %s in the plan, want %s", c.Name, c.Discloses, want[c.Name])
		}
		where := "public.people." + c.Name
		if text := plans[where]; !strings.HasSuffix(text, "("+string(c.Discloses)+")") {
			t.Errorf("%s discloses %s, but the difference of plans says: %s", c.Name, c.Discloses, text)
		}
		label := rules[where][strings.LastIndexByte(rules[where], '(')+1:]
		limit, isLimit := strings.CutPrefix(strings.TrimSuffix(label, ")"), "at most ")
		is, most := slices.Index(order, c.Discloses), slices.Index(order, transform.Disclosure(limit))
		if most < is || !isLimit && most != is {
			t.Errorf("%s discloses %s, but the difference of rules says: %s", c.Name, c.Discloses, rules[where])
		}
	}
	for _, c := range InventoryOf(p, time.Time{}).Tables[0].Columns {
		if c.Discloses != want[c.Name] {
			t.Errorf("%s discloses %s in the inventory, want %s", c.Name, c.Discloses, want[c.Name])
		}
		if c.Name == "own" && !strings.Contains(c.Becomes, "a program decides") {
			t.Errorf("the inventory says of a program: %s", c.Becomes)
		}
	}
	if text := rules["public.people.given"]; !strings.HasSuffix(text, "(synthetic)") {
		t.Errorf("the difference of rules says of an invented name: %s", text)
	}
}

// texts returns the text of each difference by its Where.
func texts(ds []Difference) map[string]string {
	by := map[string]string{}
	for _, d := range ds {
		by[d.Where] = d.Text
	}
	return by
}

// C9: if the comparison of two plans calls a change weaker, the comparison of their rule sets does not call it
// stronger.
func TestC9RulesDoNotContradictPlans(t *testing.T) {
	db := sketch.Schema(t, "public.t: id int! pk, a int")
	rules := []string{
		"{keep: x}", "{treat: redact}", "{treat: token, range: [1, 1000]}", "{treat: generalize.number, width: 1}", "{treat: generalize.number, width: 100}",
		"{treat: noise, ratio: 0.000001}", "{treat: noise, ratio: 0.1}", "{treat: generalize.age}", "{treat: fake.integer, range: [1, 9]}", "{treat: fake.integer, range: [1, 9], as: p}",
		"{treat: map, values: {1: 2}, default: 3}", "{treat: constant, value: 1, when: 'id > 5', else: {treat: constant, value: 2}}",
		"{treat: constant, value: 1, when: 'id == 5', else: {treat: constant, value: 2}}", "{treat: expr, value: 'old.id'}",
	}
	text := func(rule string) string {
		return sketch.Head + "tables: {public.t: {subject: id, columns: {id: {treat: token, range: [1, 2000000000]}, a: " + rule + "}}}\n"
	}
	var all []*ruleset.Set
	var decided []plan.Decisions
	for i, rule := range rules {
		all = append(all, sketch.Rules(t, text(rule)))
		decided = append(decided, planOf(t, db, all[i]).Decisions())
	}
	for i, old := range rules {
		for j, now := range rules {
			was, is := decided[i], decided[j]
			plans, sets := Diff(was, is), DiffRules(all[i], all[j])
			if effects(plans)[Weaker] && !effects(sets)[Weaker] {
				t.Errorf("from %s to %s: the plans are %v, the rules are %v", old, now, plans, sets)
			}
			if d := rank(is.Tables[0].Columns[1].Discloses) - rank(was.Tables[0].Columns[1].Discloses); d > 0 && !effects(plans)[Weaker] {
				t.Errorf("from %s to %s discloses more: %v", old, now, plans)
			}
		}
	}
}

func effects(ds []Difference) map[Effect]bool {
	found := map[Effect]bool{}
	for _, d := range ds {
		found[d.Effect] = true
	}
	return found
}
