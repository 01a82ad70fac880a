package review

import (
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// waivable returns a plan with a finding on a column and the given waivers.
func waivable(t *testing.T, waivers string) *plan.Plan {
	t.Helper()
	return built(t, sketch.Schema(t, "public.t: a text check, b text check"), "tables: {public.t: {columns: {a: {treat: redact}, b: {treat: redact}}}}\n"+waivers)
}

const (
	waiver  = "  - {finding: check-may-break, on: public.t.a, owner: alice@example.com, reason: the constraint goes in May, until: 2027-01-31}\n"
	another = "  - {finding: check-may-brake, on: public.t.b, owner: alice@example.com, reason: misspelt, until: 2027-01-31}\n"
)

func day(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestAWaiverLetsOneFindingPassUntilItsDay(t *testing.T) {
	p := waivable(t, "waivers:\n"+waiver)
	for at, waived := range map[string]bool{
		"2027-01-01T00:00:00Z": true, "2027-01-31T23:59:59Z": true, "2027-02-01T00:00:00Z": false,
		"2027-02-01T00:30:00+01:00": true, "2027-01-31T23:30:00-01:00": false, // the day changes in UTC
	} {
		open, done := Split(Findings(p, day(t, at)))
		want := 1
		if !waived {
			want = 2
		}
		if len(open) != want || len(done) != 2-want || open[0].Level != Warning {
			t.Errorf("%s: %d open, %d waived", at, len(open), len(done))
		}
		if waived && (done[0].Column != "a" || done[0].Level != Note || *done[0].Waiver != Waiver{"alice@example.com", "the constraint goes in May", "2027-01-31", ruleset.Pos{File: "r.yaml", Line: 5, Col: 5}}) {
			t.Errorf("%+v", done[0])
		}
		if text := open[0].Text; !waived && !strings.HasSuffix(text, "; the waiver of alice@example.com ended on 2027-01-31 (r.yaml:5:5)") {
			t.Error(text)
		}
	}
	if strings.Contains(p.Findings[0].Text, "ended") {
		t.Error("the plan itself was changed")
	}
}

// V10: only verification can find leaks, so a plan need not have the finding. But the columns of the waiver have to
// exist.
func TestV10AWaiverOfALeakNamesColumnsThatExist(t *testing.T) {
	for columns, want := range map[string]string{
		"on: public.t.a, from: public.t.b": "",
		"on: public.t, from: public.t.b":   "",
		"on: public.t.a":                   "",
		"on: public.f, from: public.t.b":   "", // may be a function
		"on: public.t.c, from: public.t.b": "there is no public.t.c, which a waiver of leak names",
		"on: public.t.a, from: public.u.b": "there is no public.u.b, which a waiver of leak names",
	} {
		p := waivable(t, "waivers:\n"+waiver+"  - {finding: leak, "+columns+", at_most: 3, owner: o, reason: r, until: 2027-01-31}\n")
		text := ""
		for _, f := range Findings(p, day(t, "2027-01-01T00:00:00Z")) {
			if f.Code == Unmatched {
				text = f.Text
			}
		}
		if want == "" && text != "" || !strings.HasPrefix(text, want) {
			t.Errorf("%s: %q, want %q", columns, text, want)
		}
	}
}

func TestAWaiverWithoutAFindingIsAFinding(t *testing.T) {
	for name, text := range map[string]string{
		"misspelt":            another,
		"another column":      strings.Replace(waiver, "t.a", "t.c", 1),
		"another table":       strings.Replace(waiver, "public.t.a", "public.u.a", 1),
		"the table, not it":   strings.Replace(waiver, "public.t.a", "public.t", 1),
		"its own code's":      strings.Replace(waiver, "check-may-break", Unmatched, 1),
		"a column's own case": strings.Replace(waiver, "public.t.a", `'public.t."A"'`, 1),
	} {
		p := waivable(t, "waivers:\n"+text)
		open, waived := Split(Findings(p, day(t, "2027-01-01T00:00:00Z")))
		if len(open) != 3 || len(waived) != 0 || open[2].Code != Unmatched || open[2].At.String() != "r.yaml:5:5" {
			t.Errorf("%s: %v, %v", name, open, waived)
		}
	}
}

func TestR3WaiversAreDecisions(t *testing.T) {
	with, without := waivable(t, "waivers:\n"+waiver), waivable(t, "")
	if with.Digest() == without.Digest() {
		t.Error("an approval does not cover the waiver")
	}
	changes := Diff(without.Decisions(), with.Decisions())
	if len(changes) != 1 || changes[0].Effect != Weaker || changes[0].Where != "public.t.a" {
		t.Errorf("%v", changes)
	}
}

func TestPrintShowsOpenAndWaived(t *testing.T) {
	p := waivable(t, "waivers:\n"+waiver+another)
	for at, name := range map[string]string{"2027-01-01T00:00:00Z": "waived.txt", "2028-01-01T00:00:00Z": "expired.txt"} {
		_, findings, _ := strings.Cut(string(printed(t, InventoryOf(p, day(t, at)))), "\n\nFor the reviewer")
		golden(t, name, []byte("For the reviewer"+findings))
	}
}
