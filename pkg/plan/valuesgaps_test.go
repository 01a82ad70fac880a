package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
)

// visits is a table of 10,000 rows with columns of other forms than single texts.
func visits(t *testing.T) *catalog.Database {
	db := schema(t, "public.visits: id int! pk, person int, code text, children int, day date, seen date, flags text, codes text, habits text, mood enum, until date, counter int")
	db.Tables[0].Size.Rows = 10_000
	db.Tables[0].Column("habits").Type = catalog.Type{Name: "public.habits", Base: "habits", Family: catalog.Composite, Fields: []catalog.Field{{Name: "smoker", Type: sketch.Type(t, "bool")}}}
	for column, elem := range map[string]string{"flags": "bool", "codes": "text"} {
		of := sketch.Type(t, elem)
		db.Tables[0].Column(column).Type = catalog.Type{Name: of.Name + "[]", Base: "_" + of.Base, Family: catalog.Array, Elem: &of}
	}
	for i := range db.Tables[0].Columns {
		db.Tables[0].Columns[i].Stats = catalog.Statistics{Known: true, Distinct: -1}
	}
	return db
}

const visitRules = `tables:
  public.visits:
    subject: person
    columns:
      id: {treat: permute, range: [1, 99999]}
      person: {treat: permute, range: [1, 99999]}
      code: {treat: "null"}
      children: {treat: "null"}
      day: {treat: "null"}
      seen: {treat: "null"}
      flags: {treat: "null"}
      codes: {treat: "null"}
      habits: {treat: "null"}
      mood: {treat: "null"}
      until: {treat: "null"}
      counter: {treat: "null"}
`

// with returns the rules with another rule for a column.
func with(rules, column, rule string) string {
	return strings.Replace(rules, column+`: {treat: "null"}`, column+": "+rule, 1)
}

// Each of these treatments gives equal results for equal values. Somebody could tell the few values of a column by
// their frequency. So the plan has a finding.
func TestP3FewValuesOfEveryTreatmentByValue(t *testing.T) {
	few := catalog.Statistics{Distinct: 6}
	for name, c := range map[string]struct{ column, rule string }{
		"reversible":                   {"code", "{treat: reversible}"},
		"bic":                          {"code", "{treat: bic}"},
		"mask":                         {"code", "{treat: mask}"},
		"noise":                        {"children", "{treat: noise, amount: 3}"},
		"shift by value":               {"day", "{treat: shift}"},
		"array":                        {"codes", "{treat: token}"},
		"enum that was never analysed": {"mood", "{treat: fake.choice}"},
		"subject is missing":           {"code", "{treat: fake.job_title, as: person}"},
	} {
		t.Run(name, func(t *testing.T) {
			db, rules := visits(t), with(visitRules, c.column, c.rule)
			analysed(t, db, c.column, few)
			switch name {
			case "enum that was never analysed":
				db.Tables[0].Column("mood").Stats = catalog.Statistics{}
			case "subject is missing":
				analysed(t, db, "person", catalog.Statistics{Distinct: -0.5, Nulls: 0.5})
			case "shift by value":
				rules = strings.Replace(rules, "    subject: person\n", "", 1)
			}
			p, err := build(t, db, rules)
			if err != nil {
				t.Fatal(texts(err))
			}
			got := ""
			for _, f := range p.Findings {
				got += f.Code + " " + f.Text + "\n"
			}
			if !strings.Contains(got, "few-values public.visits."+c.column) {
				t.Errorf("no finding on %s: %s", c.column, got)
			}
		})
	}
}

// A boolean has only two results, also inside an array or a composite.
func TestP3BooleansInsideWantAWaiver(t *testing.T) {
	for name, c := range map[string]struct{ column, rule string }{
		"array":     {"flags", "{treat: fake.boolean}"},
		"composite": {"habits", `{fields: {smoker: {treat: fake.boolean}}}`},
	} {
		_, err := build(t, visits(t), with(visitRules, c.column, c.rule))
		if text := texts(err); !strings.Contains(text, "by its value") || !strings.Contains(text, "waive boolean-by-value") {
			t.Errorf("%s: %v", name, text)
		}
	}
}

// A date that many subjects share, such as the day of a migration, tells the shift of each of them.
func TestP5ADateThatManyShareTellsTheShift(t *testing.T) {
	for common, want := range map[float64]bool{0.4: true, 0.001: false} {
		db := visits(t)
		analysed(t, db, "day", catalog.Statistics{Distinct: -0.5, Common: common})
		p := mustBuild(t, db, with(visitRules, "day", "{class: date_of_event}"))
		got := ""
		for _, f := range p.Findings {
			got += f.Code + " "
		}
		if strings.Contains(got, "common-date") != want {
			t.Errorf("%v: %s", common, got)
		}
	}
}

// A kept date shows a shifted date. So do a truncated date, a kept counter and a formula.
func TestP5ShiftBesideWhatIsNearlyKept(t *testing.T) {
	for name, c := range map[string]struct{ column, rule string }{
		"cut":       {"seen", "{treat: truncate, to: month}"},
		"month":     {"seen", "{treat: generalize.date, to: month}"},
		"noise":     {"seen", "{treat: noise, amount: 3d}"},
		"condition": {"seen", `{treat: "null", when: "id == 1", else: {keep: x}}`},
		"formula":   {"until", `{treat: expr, value: "old.until"}`},
		"counter":   {"counter", "{keep: x}"},
	} {
		db := visits(t)
		for _, column := range []string{c.column, "day"} {
			analysed(t, db, column, catalog.Statistics{Distinct: -0.5, Correlation: 0.97})
		}
		p, err := build(t, db, with(with(visitRules, "day", "{class: date_of_event}"), c.column, c.rule))
		if err != nil {
			t.Fatal(name, texts(err))
		}
		got := ""
		for _, f := range p.Findings {
			got += f.Code + " "
		}
		if !strings.Contains(got, "shift-recoverable") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// If a rule keeps the order of rows, this order shows a shifted date, like a kept key.
func TestP5ShiftBesideAKeptOrder(t *testing.T) {
	for rho, want := range map[float64]bool{0.97: true, 0.5: false} {
		db := visits(t)
		analysed(t, db, "day", catalog.Statistics{Distinct: -0.5, Correlation: rho})
		p := mustBuild(t, db, strings.Replace(with(visitRules, "day", "{class: date_of_event}"), "subject: person", "subject: person\n    order: {keep: clustered}", 1))
		got := ""
		for _, f := range p.Findings {
			got += f.Code + " "
		}
		if strings.Contains(got, "shift-recoverable") != want {
			t.Errorf("%v: %s", rho, got)
		}
	}
}
