package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// analysed sets the statistics of a column.
func analysed(t *testing.T, db *catalog.Database, column string, s catalog.Statistics) {
	t.Helper()
	s.Known = true
	db.Tables[0].Column(column).Stats = s
}

// patients returns a database with one table of 10,000 rows. Its columns have statistics that cause no finding.
func patients(t *testing.T) *catalog.Database {
	db := schema(t, "public.patients: id int! pk, mail text, diagnosis text, smoker bool, born date, admitted date, seen date")
	db.Tables[0].Size.Rows = 10_000
	for i := range db.Tables[0].Columns {
		db.Tables[0].Columns[i].Stats = catalog.Statistics{Known: true, Distinct: -1}
	}
	return db
}

const patientRules = `tables:
  public.patients:
    subject: id
    columns:
      id: {keep: "surrogate key"}
      mail: {treat: token}
      diagnosis: {treat: token}
      smoker: {treat: "null"}
      born: {class: birth_date}
      admitted: {class: date_of_event}
      seen: {treat: "null"}
`

func TestP3FewValues(t *testing.T) {
	for name, c := range map[string]struct {
		column, rule string
		stats        catalog.Statistics
		want         string
	}{
		"few":            {"diagnosis", "{treat: token}", catalog.Statistics{Distinct: 12}, "few-values: public.patients.diagnosis becomes token by its value and has about 12 different values in 10,000 rows: equal values get equal results, so how often a result occurs tells which value it was; give the table a subject and use `as`, or use generalize or null"},
		"few of a share": {"diagnosis", "{treat: fake.job_title}", catalog.Statistics{Distinct: -0.01}, "few-values: public.patients.diagnosis becomes fake.job_title by its value and has about 100 different values"},
		"one":            {"diagnosis", "{treat: token}", catalog.Statistics{Distinct: 1}, "few-values: public.patients.diagnosis becomes token by its value and has about 1 value in 10,000 rows"},
		"among NULLs":    {"diagnosis", "{treat: token}", catalog.Statistics{Distinct: 300, Nulls: 0.9}, ""},
		"by condition":   {"diagnosis", "{treat: redact, when: \"id > 5\", else: {treat: token}}", catalog.Statistics{Distinct: 12}, "few-values: public.patients.diagnosis becomes token"},
		"by subject":     {"diagnosis", "{treat: fake.job_title, as: person}", catalog.Statistics{Distinct: 12}, ""},
		"suppressed":     {"diagnosis", "{treat: redact}", catalog.Statistics{Distinct: 12}, ""},
		"many":           {"mail", "{treat: token}", catalog.Statistics{Distinct: -0.9}, ""},
		"dominant":       {"mail", "{treat: fake.email}", catalog.Statistics{Distinct: -0.7, Common: 0.2, Nulls: 0.2}, "dominant-value: public.patients.mail becomes fake.email by its value, and one value fills about 25 % of its rows: the most frequent result is that value; give"},
		"map":            {"diagnosis", "{treat: map, values: {a: b}, default: c}", catalog.Statistics{Distinct: 3}, "few-values: public.patients.diagnosis becomes map"},
	} {
		t.Run(name, func(t *testing.T) {
			db := patients(t)
			analysed(t, db, c.column, c.stats)
			p := mustBuild(t, db, strings.Replace(patientRules, c.column+": {treat: token}", c.column+": "+c.rule, 1))
			got := ""
			for _, f := range p.Findings {
				if f.Code == "few-values" || f.Code == "dominant-value" {
					got += f.Code + ": " + f.Text
				}
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A unique index of some rows leaves room for equal values. So does an expression that may give NULL. For an index of an
// expression, the statistics of the column decide.
func TestUniqueIndexesThatAllowEqualValues(t *testing.T) {
	for name, c := range map[string]struct {
		key  catalog.Key
		want bool
	}{
		"whole":      {catalog.Key{Columns: []string{"diagnosis"}}, false},
		"partial":    {catalog.Key{Columns: []string{"diagnosis"}, Predicate: "(id > 5)"}, true},
		"expression": {catalog.Key{Columns: []string{"diagnosis"}, Members: []string{"lower(diagnosis)"}}, true},
	} {
		db := patients(t)
		analysed(t, db, "diagnosis", catalog.Statistics{Distinct: 12})
		c.key.Name = "k"
		db.Tables[0].Keys = append(db.Tables[0].Keys, c.key)
		if got := strings.Contains(told(t, db, patientRules), "few-values: public.patients.diagnosis"); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Without a subject, fake.boolean gives all rows with true one result and all rows with false one result, so it needs a
// waiver.
func TestP3BooleanWantsAWaiver(t *testing.T) {
	rules := strings.Replace(patientRules, `smoker: {treat: "null"}`, "smoker: {treat: fake.boolean}", 1)
	_, err := build(t, patients(t), rules)
	if text := texts(err); !strings.Contains(text, "public.patients.smoker becomes fake.boolean by its value") || !strings.Contains(text, "or waive boolean-by-value") {
		t.Error(text)
	}
	p := mustBuild(t, patients(t), rules+"waivers:\n  - {finding: boolean-by-value, on: public.patients.smoker, owner: o@example.com, reason: r, until: 2099-01-01}\n")
	if len(p.Findings) != 1 || p.Findings[0].Code != "boolean-by-value" {
		t.Errorf("%+v", p.Findings)
	}
	mustBuild(t, patients(t), strings.Replace(rules, "{treat: fake.boolean}", "{treat: fake.boolean, as: person}", 1))
}

func TestP3MissingStatisticsAreSaidOnce(t *testing.T) {
	never := patients(t)
	never.Tables[0].Size.Rows = -1
	hidden := patients(t)
	for _, db := range []*catalog.Database{never, hidden} {
		for i := range db.Tables[0].Columns {
			db.Tables[0].Columns[i].Stats = catalog.Statistics{}
		}
	}
	for want, db := range map[string]*catalog.Database{"run ANALYZE on the source, then masker plan": never, "GRANT SELECT on the columns": hidden} {
		p := mustBuild(t, db, patientRules)
		if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "public.patients;") || !strings.Contains(p.Notes[0], want) || p.figures() != nil {
			t.Errorf("%q, want %q", p.Notes, want)
		}
	}
	if p := mustBuild(t, patients(t), patientRules); p.Notes != nil {
		t.Errorf("notes without a reason: %q", p.Notes)
	}
}

// P5: a kept key or date that grows with a shifted date tells the date before the shift.
func TestP5ShiftBesideAKeptOne(t *testing.T) {
	for name, c := range map[string]struct {
		id, admitted, seen float64
		rules              string
		want               string
	}{
		"a key":            {0.99, -0.95, 0.1, patientRules, "public.patients.admitted moves by shift, and public.patients.id stays and grows with it (the correlations with the order of the rows are 0.95 and 0.99): it tells the date before the shift nearly to the day; treat public.patients.id as well, or use null"},
		"a date":           {0.2, 0.95, 0.97, strings.Replace(patientRules, `seen: {treat: "null"}`, "seen: {keep: x}", 1), "public.patients.admitted moves by shift, and public.patients.seen stays"},
		"another order":    {0.99, 0.6, 0.99, patientRules, ""},
		"treated the same": {0.2, 0.95, 0.97, strings.Replace(patientRules, `seen: {treat: "null"}`, "seen: {class: date_of_event}", 1), ""},
	} {
		t.Run(name, func(t *testing.T) {
			db := patients(t)
			analysed(t, db, "id", catalog.Statistics{Distinct: -1, Correlation: c.id})
			analysed(t, db, "admitted", catalog.Statistics{Distinct: -1, Correlation: c.admitted})
			analysed(t, db, "seen", catalog.Statistics{Distinct: -1, Correlation: c.seen})
			got := ""
			for _, f := range mustBuild(t, db, c.rules).Findings {
				if f.Code == "shift-recoverable" {
					got += f.Text
				}
			}
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

// A date of birth has a shift of its own, which differs from the shift of events that others know. It has the same
// shift only if a CHECK constraint compares the two dates.
func TestP5BirthHasAShiftOfItsOwn(t *testing.T) {
	uses := func(p *Plan) (birth, event string) {
		for _, c := range p.Tables[0].Columns {
			switch c.Name {
			case "born":
				birth = c.Use.As
			case "admitted":
				event = c.Use.As
			}
		}
		return birth, event
	}
	p := mustBuild(t, patients(t), patientRules)
	if birth, event := uses(p); birth == event || !strings.HasSuffix(event, "/dates") || len(p.Findings) > 0 {
		t.Errorf("%s, %s, %+v", birth, event, p.Findings)
	}
	db := patients(t)
	db.Tables[0].Checks = append(db.Tables[0].Checks, catalog.Check{Name: "born_first", Columns: []string{"born", "admitted"}, Expr: "(born <= admitted)"})
	p = mustBuild(t, db, patientRules)
	found := ""
	for _, f := range p.Findings {
		found += f.Code + " " + f.Text + "\n"
	}
	if birth, event := uses(p); birth != event || !strings.Contains(found, "birth-shares-shift public.patients.born moves by the same time as the other dates of its subject, because CHECK constraint public.patients.born_first compares the two") {
		t.Errorf("%s, %s, %s", birth, event, found)
	}
	// All results are within this bound, so there is no finding.
	db.Tables[0].Checks = []catalog.Check{{Name: "early", Columns: []string{"admitted"}, Expr: "(admitted >= '2000-01-01'::date)"}}
	for _, f := range mustBuild(t, db, patientRules).Findings {
		if f.Code == "check-may-break" {
			t.Errorf("a bound that the results obey: %s", f.Text)
		}
	}
}

func TestC7DatesOfASubjectMoveTogether(t *testing.T) {
	for rule, want := range map[string]bool{"{treat: shift, days: 30}": true, "{treat: shift}": false} {
		p := mustBuild(t, patients(t), strings.Replace(patientRules, `seen: {treat: "null"}`, "seen: "+rule, 1))
		if got := len(p.Findings) == 1 && p.Findings[0].Code == "shifts-differ"; got != want {
			t.Errorf("%s: %+v", rule, p.Findings)
		}
	}
}

// P3: the decisions record the figures of the approval, and later figures do not change the plan. If a figure changes
// by more than a factor of two, there is a note.
func TestP3FiguresStayThoseOfTheApproval(t *testing.T) {
	build := func(distinct float64) *Plan {
		db := patients(t)
		analysed(t, db, "diagnosis", catalog.Statistics{Distinct: distinct})
		return mustBuild(t, db, patientRules)
	}
	data, err := json.MarshalIndent(build(12).Decisions(), "", " ")
	if err != nil {
		t.Fatal(err)
	}
	approved, err := ParseDecisions(data)
	if err != nil || len(approved.Figures) != 1 || approved.Figures[0].Figure != 12 {
		t.Fatalf("%v, %+v", err, approved.Figures)
	}
	fresh := build(2000).Decisions()
	for distinct, noted := range map[float64]int{12: 0, 20: 0, 25: 1, 7: 0, 5: 1, 900: 1, 2000: 1} {
		p := build(distinct)
		s, notes := p.Settle(approved)
		if s.Digest() != approved.Digest() || len(notes) != noted {
			t.Errorf("%v values: %q, and the digest is the approved one: %t", distinct, notes, s.Digest() == approved.Digest())
		}
		s, notes = p.Settle(fresh)
		if s.Digest() != fresh.Digest() || len(s.figures()) != 0 || (len(notes) > 0) != (distinct < 500) {
			t.Errorf("%v values after an approval with many: %q", distinct, notes)
		}
	}
	p := build(12)
	p.Table(catalog.Name{Schema: "public", Name: "patients"}).Columns[2].Use.Treatment = "redact"
	approved.Figures[0].Text = "of another rule"
	if s, _ := p.Settle(approved); strings.Contains(fmt.Sprint(s.Findings), "of another rule") {
		t.Error("a finding about another decision was taken over")
	}
}
