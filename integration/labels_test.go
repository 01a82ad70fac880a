package integration

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// disclosed is a rule file. The labels of its columns depend on types, parameters, the subject and conditions.
const disclosed = `revision: 1
packs: [baseline]
tables:
  public.people:
    subject: id
    columns:
      id: {treat: token, range: [1, 2000000000]}
      given: {class: given_name, as: person}
      salary: {treat: redact}
      band: {treat: constant, value: low, when: 'salary < 50000', else: {treat: constant, value: high}}
      bonus: {treat: generalize.number, width: "0.01"}
      code: {treat: regex, pattern: '(\d)(.*)', replace: '${2}${1}'}
      nick: {treat: mask, keep_first: 2}
      doc: {json: {"$..*": {treat: redact}}}
`

// C9: a column has the same label in the plan, in the differences of plans and of rules, in the ledger and in the
// summary of a run.
func TestC9OneLabelEverywhere(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "labels", `CREATE TABLE people (id int PRIMARY KEY, given text, salary int NOT NULL, band text, bonus numeric(8,2), code text, nick text, doc jsonb);
		INSERT INTO people SELECT i, 'Given' || i, 1000 * i, 'x', i * 1.01, i || 'abc', 'Bo', jsonb_build_object('k', i) FROM generate_series(10, 99) i;
		ALTER TABLE people SET (autovacuum_enabled = false)`) // statistics that come between two plans would be a difference of the plans
	s := newSite(t, src, newDatabaseURL(t, srv, "labels_staging")).rules(t, disclosed)
	want := map[string]string{
		"id": "pseudonymised", "given": "synthetic", "salary": "suppressed", "band": "generalised", "bonus": "unchanged", "code": "unchanged",
		"nick": "generalised", "doc": "generalised",
	}
	for _, c := range s.planned(t).Tables[0].Columns {
		if string(c.Discloses) != want[c.Name] {
			t.Errorf("the plan says that %s is %s, want %s", c.Name, c.Discloses, want[c.Name])
		}
	}
	planned := s.masker(t, "plan", "--flow", "nightly", "--format", "json")
	s.write(t, "plan.json", planned.stdout, 0o600)
	plans, rules := s.masker(t, "diff", os.DevNull, "plan.json"), s.masker(t, "diff", os.DevNull, "rules.yaml")
	for column, label := range want {
		if line := lineOf(plans.stdout, "public.people."+column+":"); !strings.HasSuffix(line, "("+label+")") {
			t.Errorf("the difference of plans says: %s; want %s", line, label)
		}
		if line := lineOf(rules.stdout, "public.people."+column+":"); !strings.HasSuffix(line, "("+label+")") && !strings.HasSuffix(line, "(at most unchanged)") {
			t.Errorf("the difference of rules says: %s; want %s", line, label)
		}
	}

	o := s.mustRefresh(t)
	counts := map[string]int{}
	for _, c := range s.lastMovement(t).Treatments {
		counts[c.Discloses]++
		if c.Discloses != want[c.Column] {
			t.Errorf("the ledger says that %s is %s, want %s", c.Column, c.Discloses, want[c.Column])
		}
	}
	for label, n := range counts {
		if !strings.Contains(o.stdout, fmt.Sprintf("%d %s", n, label)) {
			t.Errorf("the summary does not say that %d columns are %s: %s", n, label, o)
		}
	}
	if got := ask(t, s.target, `SELECT DISTINCT nick FROM people`); got != "**" {
		t.Errorf("P8: Bo became %s", got)
	}
}

// lineOf returns the first line of a text that contains another text.
func lineOf(text, with string) string {
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, with) {
			return strings.TrimSpace(line)
		}
	}
	return ""
}
