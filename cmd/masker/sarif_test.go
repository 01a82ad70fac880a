package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
)

// sarifOf writes findings as SARIF, in a new repository with a rule file and a configuration, and parses the result.
func sarifOf(t *testing.T, k *findings) sarifLog {
	t.Helper()
	root := t.TempDir()
	for name, text := range map[string]string{"masker.yaml": "flows:\n", "rules/a b.yaml": "revision: 1\n"} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(root, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(root, ".git"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(filepath.Join(root, "rules")) // positions are relative to the repository, not to the working folder
	var out bytes.Buffer
	if err := k.write(&out, "sarif", "../masker.yaml"); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(out.Bytes(), &log); err != nil {
		t.Fatal(err)
	}
	return log
}

// sarifLog has the fields of SARIF that the test reads.
type sarifLog struct {
	Runs []struct {
		Results []struct {
			RuleID    string
			Level     string
			Message   struct{ Text string }
			Locations []struct {
				PhysicalLocation struct {
					ArtifactLocation struct{ URI string }
					Region           *struct{ StartLine, StartColumn int }
				}
			}
			Suppressions []struct{ Kind, Status, Justification string }
		}
	}
}

func TestSARIFShowsEveryFindingAtItsPosition(t *testing.T) {
	name := catalog.Name{Schema: "public", Name: "users"}
	k := &findings{}
	k.addError("nightly", usage("%w", ruleset.Problems{{Pos: ruleset.Pos{File: "a b.yaml", Line: 3, Col: 7}, Text: "unknown key", Excerpt: "  3 | x\n    | ^"}}))
	k.addError("nightly", errors.Join(
		&plan.Invalid{Problems: ruleset.Problems{{Pos: ruleset.Pos{File: "pack baseline", Line: 2, Col: 1}, Text: "does not fit"}}},
		&plan.Undecided{
			Columns: []plan.Missing{{Table: name, Column: "Pass Word", Type: "text"}},
			Objects: []plan.MissingObjects{{Kind: "large_objects", Names: []string{"large objects"}}},
			Edits:   []plan.Edit{{File: "a b.yaml", Line: 1, Under: "public.users, columns", Text: "x"}},
		}))
	k.addError("", usage("../masker.yaml:1:1: no such kind\n  1 | flows:\n    | ^\n../masker.yaml:1: and this"))
	k.addError("nightly", &guard.Refused{Flow: "nightly", Why: "no approval", Next: "sign [it](http://evil)\x1b[2J"})
	k.addError("nightly", errors.New("the server is away"))
	k.add(guard.Flow{Name: "nightly", Strict: true}.Judge([]review.Finding{
		{Code: "check-may-break", Table: &name, At: review.ParsePos("a b.yaml:1:1"), Text: "may break"},
		{Code: review.Unmatched, Text: "nothing", At: review.ParsePos("/etc/passwd:1:1")},
		{
			Code: "check-may-break", Level: review.Note, Text: "seen", At: review.ParsePos("a b.yaml:1:2"),
			Waiver: &review.Waiver{Owner: "alice@example.com", Why: "fixed in May", Until: "2027-01-31"},
		},
	})...)
	var got []string
	for _, r := range sarifOf(t, k).Runs[0].Results {
		at, region := r.Locations[0].PhysicalLocation, ""
		if at.Region != nil {
			region = fmt.Sprintf(":%d:%d", at.Region.StartLine, at.Region.StartColumn)
		}
		line := fmt.Sprintf("%s %s %s%s %s", r.Level, r.RuleID, at.ArtifactLocation.URI, region, r.Message.Text)
		for _, s := range r.Suppressions {
			line += " [" + s.Kind + " " + s.Status + " " + s.Justification + "]"
		}
		got = append(got, line)
	}
	want := []string{
		"error rules-problem rules/a%20b.yaml:3:7 flow nightly: unknown key",
		"error rules-problem masker.yaml:1:0 flow nightly: does not fit",
		`error undecided-column rules/a%20b.yaml:1:0 flow nightly: public.users."Pass Word" (text) has no decision`,
		"error undecided-objects rules/a%20b.yaml flow nightly: large_objects: large objects have no decision",
		"error configuration-problem masker.yaml:1:1 no such kind",
		"error configuration-problem masker.yaml:1:0 and this",
		`error refused-by-policy masker.yaml:1:0 flow nightly: refused: flow "nightly": no approval; sign [it] (http://evil)\x1b[2J`,
		"error check-failed masker.yaml:1:0 flow nightly: the server is away",
		"error check-may-break rules/a%20b.yaml:1:1 flow nightly: may break",
		"error waiver-without-finding masker.yaml:1:0 flow nightly: nothing",
		"note check-may-break rules/a%20b.yaml:1:2 flow nightly: seen [external accepted waived until 2027-01-31 by alice@example.com: fixed in May]",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
