package show

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/verify"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || string(want) != got {
		t.Errorf("%s differs (run with -update and read the diff); got\n%s", path, got)
	}
}

func at(table, column, path string) verify.Place {
	return verify.Place{Table: catalog.Name{Schema: "public", Name: table}, Column: column, Path: path}
}

// failed returns a report with every kind of finding.
func failed() *verify.Report {
	email, phone := at("customers", "email", ""), at("customers", "phone", "")
	return &verify.Report{
		Level: verify.Strict, Sampling: 2,
		Hits: []verify.Hit{
			{Finding: verify.Found, Target: at("audit_log", "payload", "$.old.email"), Source: email, Form: verify.Plain, Values: 41, Of: 12004, Rows: 57, Key: "id 8812"},
			{Finding: verify.Found, Target: at("audit_log", "payload", "$.old.email"), Source: at("leads", "email", ""), Form: verify.Plain, Values: 44, Of: 90, Rows: 60, Key: "id 8812"},
			{Finding: verify.Found, Target: at("audit_log", "payload", "$.old.email"), Source: at("orders", "email", ""), Form: verify.Plain, Values: 38, About: true, Of: 500, Rows: 40},
			{Finding: verify.Found, Target: at("profiles", "gravatar", ""), Source: email, Form: verify.MD5, Values: 10000, About: true, Of: 12004, Rows: 10000},
			{Finding: verify.Found, Target: at("staff", "", "definition of index public.staff_phone"), Source: phone, Form: verify.Plain, Values: 1, Of: 300},
			{Finding: verify.Found, Target: at("labels", "", "definition of rule _RETURN on materialized view public.labels"), Source: phone, Form: verify.Plain, Values: 1, Of: 300},
			{Finding: verify.Found, Target: at("staff", "", "comment on table public.staff"), Source: phone, Form: verify.Plain, Values: 2, Of: 300},
			{Finding: verify.Found, Target: at("owner", "", "definition of function public.owner(integer)"), Source: phone, Form: verify.Plain, Values: 3, Of: 300},
			{Finding: verify.Found, Target: verify.Place{Path: "definition of schema anna"}, Source: phone, Form: verify.Plain, Values: 1, Of: 300},
			{Finding: verify.Found, Target: at("notes", "note", verify.Statistics), Source: phone, Form: verify.Plain, Values: 2, Of: 300, Rows: 1},
			{Finding: verify.Found, Target: at("uploads", "document", verify.Unplaced), Source: phone, Form: verify.Plain, Values: 1, Of: 300, Rows: 1},
			{Finding: verify.Found, Target: at("clinics", "id", ""), Source: at("visits", "clinic", ""), Form: verify.Plain, Values: 55, Of: 55, Rows: 55},
			{Finding: verify.Equal, Source: email, Target: email, Values: 120, Of: 12004, Rows: 120, Chance: 0.2},
			{Finding: verify.Shared, Source: phone, Target: phone, Values: 90, Of: 300, Rows: 90, Chance: 11.6},
			{Finding: verify.Recognised, Target: at("orders", "note", ""), Kind: "payment card", Values: 80, Of: 100, Rows: 80, Chance: 10, Key: "id 3"},
			{Finding: verify.Differs, Target: at("orders", "", "")},
			{Finding: verify.Differs, Target: phone, Source: phone, Of: 450, Rows: 449},
			{Finding: verify.Missing, Target: at("orders", "", ""), Of: 100, Rows: 99},
			{Finding: verify.Blind, Target: at("orders", "note", ""), Values: 3, Of: 1000},
		},
		Waived:  []verify.Hit{{Finding: verify.Found, Target: at("orders", "created_by", ""), Source: email, Form: verify.Plain, Values: 38, Of: 12004, Rows: 900, Waived: 40}},
		Noticed: []verify.Hit{{Finding: verify.Recognised, Target: at("orders", "memo", ""), Kind: "mail address", Values: 3, Of: 2048, Rows: 3}},
		Tables:  []verify.TableSum{{Table: catalog.Name{Schema: "public", Name: "orders"}}},
		Columns: []verify.Coverage{
			{Source: at("visits", "clinic", ""), Treatment: "redact", Probed: 55},
			{Source: email, Class: "email", Treatment: "fake.email", Probed: 12004, Not: map[verify.Reason]int64{verify.TooCommon: 312}},
			{Source: phone, Class: "phone", Treatment: "fake.phone", Probed: 300, Not: map[verify.Reason]int64{verify.TooCommon: 100, verify.TooShort: 50}},
			{Source: at("customers", "city", ""), Class: "city", Treatment: "fake.city", Probed: 10, Not: map[verify.Reason]int64{verify.InDictionary: 900}, Unjudged: verify.Generalises},
			{Source: at("customers", "code", ""), Treatment: "token", Probed: 7},
		},
		Targets: []verify.TargetCoverage{
			{Target: at("orders", "note", ""), Cells: 100},
			{Target: at("orders", "at", ""), Not: map[verify.Reason]int64{verify.OfType: 100}},
		},
		Unread: []verify.Unread{{Relation: catalog.Name{Schema: "public", Name: "visits"}, Why: "42501: permission denied"}},
	}
}

// The next step after a finding is a rule that masker accepts: it names no class that does not exist, and no treatment
// that needs parameters.
func TestTheNextStepIsARuleThatMaskerAccepts(t *testing.T) {
	for name, c := range map[string]struct{ class, treatment, want string }{
		"class of the rules":            {"contact", "fake.email", "{class: contact}"},
		"class with a token":            {"email", "token", "{class: email}"},
		"fake":                          {"sentence", "fake.sentence", "{treat: fake.sentence}"},
		"fake with parameters":          {"choice", "fake.choice", "{treat: null}"},
		"treatment":                     {"", "token", "{treat: token}"},
		"treatment with parameters":     {"", "regex", "{treat: null}"},
		"band":                          {"", "generalize.date", "{treat: null}"},
		"class of a treatment with one": {"amount", "noise", "{class: amount}"},
	} {
		t.Run(name, func(t *testing.T) {
			from := at("people", "x", "")
			r := &verify.Report{Columns: []verify.Coverage{{Source: from, Class: c.class, Treatment: c.treatment}}}
			got := Next(r, verify.Hit{Finding: verify.Found, Source: from, Target: at("notes", "note", ""), Form: verify.Plain, Values: 1})
			if want := "write public.notes: {columns: {note: " + c.want + "}}"; !strings.Contains(got, want) {
				t.Errorf("%s\nwant %s", got, want)
			}
		})
	}
}

// A treatment for texts cannot treat a whole document. If the report does not know the path of the values, the next
// step is a rule for the whole column.
func TestTheNextStepForADocumentWithoutAPathIsARuleThatMaskerAccepts(t *testing.T) {
	from := at("people", "email", "")
	r := &verify.Report{Columns: []verify.Coverage{{Source: from, Class: "email", Treatment: "fake.email"}}}
	const want = "write public.docs: {columns: {doc: {treat: redact}}}, or a rule for each path"
	for name, h := range map[string]verify.Hit{
		"XML":             {Finding: verify.Found, Target: at("docs", "doc", ""), XML: true},
		"recognised":      {Finding: verify.Recognised, Target: at("docs", "doc", ""), XML: true},
		"statistics":      {Finding: verify.Found, Target: at("docs", "doc", verify.Statistics), XML: true},
		"a long document": {Finding: verify.Found, Target: at("docs", "doc", verify.Unplaced)},
	} {
		h.Source, h.Form, h.Values = from, verify.Plain, 1
		if got := Next(r, h); !strings.Contains(got, want) {
			t.Errorf("%s: %s\nwant %s", name, got, want)
		}
	}
}

// The statistics of an index or of a statistics object are of no column that rules could name.
func TestTheNextStepForStatisticsOfAnIndexNamesNoColumn(t *testing.T) {
	h := verify.Hit{Finding: verify.Found, Target: at("people", "", "statistics of index people_mail on public.people"), Source: at("people", "email", ""), Form: verify.Plain, Values: 1, Of: 9}
	const want = "treat the columns that it reads, or write its name under objects: {leave_out: …}; if "
	if got := Next(&verify.Report{}, h); !strings.HasPrefix(got, want) || strings.Contains(got, "columns: {") {
		t.Errorf("%s\nwant %s", got, want)
	}
	if got := Hits([]verify.Hit{h})[0]; !strings.HasPrefix(got, "statistics of index people_mail on public.people: ") {
		t.Error(got)
	}
}

// V9, V10: the report says in words what was found, what to do, and what was not looked for.
func TestV9TheReportInWords(t *testing.T) {
	var b strings.Builder
	for _, l := range Lines(failed(), failed().Hits) {
		b.WriteString(l.Text + "\n  next: " + l.Next + "\n")
	}
	if err := Text(&b, failed()); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\n" + strings.Join(Not(failed()), "\n") + "\n")
	golden(t, "failed.txt", b.String())
}

// V9: More than 20 % of the values of a direct identifier, such as a phone number, were not looked for. The report
// has a finding about this.
func TestV9GapsOfDirectIdentifiersAreFindings(t *testing.T) {
	for _, c := range []struct {
		class       string
		probed, not int64
		gap         bool
	}{
		{"email", 80, 20, false},
		{"email", 79, 21, true},
		{"email", 0, 1, true},
		{"email", 0, 0, false},
		{"city", 0, 100, false},
		{"national_id", 1, 1, true},
	} {
		r := &verify.Report{Columns: []verify.Coverage{{Source: at("t", "c", ""), Class: c.class, Probed: c.probed, Not: map[verify.Reason]int64{verify.TooShort: c.not}}}}
		if got := Gaps(r); (len(got) == 1) != c.gap {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

// Names in a report can come from other people, so they cannot control a terminal.
func TestNamesCannotControlATerminal(t *testing.T) {
	const hostile = "\x1b[2Jx\ny"
	p := verify.Place{Table: catalog.Name{Schema: hostile, Name: hostile}, Column: hostile, Path: "$." + hostile}
	for _, f := range []verify.Finding{verify.Found, verify.Equal, verify.Shared, verify.Recognised, verify.Differs, verify.Missing, verify.Blind, hostile} {
		h := verify.Hit{Finding: f, Target: p, Source: p, Form: hostile, Kind: hostile, Key: hostile, Rows: 1}
		r := &verify.Report{Level: verify.Strict, Hits: []verify.Hit{h}, Unread: []verify.Unread{{Relation: p.Table, Why: hostile}}, Columns: []verify.Coverage{{Source: p, Class: hostile, Treatment: hostile, Unjudged: hostile, Not: map[verify.Reason]int64{hostile: 1}}}}
		for _, text := range append([]string{Hit(h), Next(r, h)}, Not(r)...) {
			if strings.ContainsAny(text, "\x1b\n") {
				t.Errorf("%q", text)
			}
		}
	}
}

// A next step names a treatment only if a rule with this treatment needs no parameter.
func TestTreatmentsThatNeedParameters(t *testing.T) {
	for _, spec := range library.All() {
		for _, p := range spec.Params {
			if p.Required && !wantsParameters(spec.Name) {
				t.Errorf("%s needs the parameter %s", spec.Name, p.Name)
			}
		}
	}
}

// Without the source's values, the figures say that only detectors looked.
func TestFiguresWithoutValuesOfTheSource(t *testing.T) {
	r := &verify.Report{
		Level: verify.Strict, Tables: make([]verify.TableSum, 2), Targets: make([]verify.TargetCoverage, 3),
		Waived: []verify.Hit{{Finding: verify.Recognised}},
	}
	if got, want := Figures(r), "2 tables compared; detectors looked at 3 places, and no value of the source was looked for; 1 finding waived"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
