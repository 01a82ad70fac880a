package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// sarifOf renders remarks from a folder of its own, which is a repository with a rule file and a configuration.
func sarifOf(t *testing.T, k *remarks) sarifLog {
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
	t.Chdir(filepath.Join(root, "rules")) // places are relative to the repository, wherever masker runs
	var out bytes.Buffer
	if err := k.write(&out, "sarif", "../masker.yaml"); err != nil {
		t.Fatal(err)
	}
	return wellFormed(t, out.Bytes())
}

// wellFormed holds a document against what SARIF 2.1.0 and code hosts ask of it.
func wellFormed(t interface{ Fatalf(string, ...any) }, data []byte) sarifLog {
	var log sarifLog
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&log); err != nil {
		t.Fatalf("%v", err)
	}
	if log.Version != "2.1.0" || !strings.Contains(log.Schema, "sarif-2.1.0") || len(log.Runs) != 1 || log.Runs[0].Results == nil {
		t.Fatalf("%s", data)
	}
	run := log.Runs[0]
	ids := map[string]bool{}
	for _, r := range run.Tool.Driver.Rules {
		if ids[r.ID] || !regexp.MustCompile(`^[a-z][a-z-]+$`).MatchString(r.ID) || r.Short.Text == "" {
			t.Fatalf("rule %+v", r)
		}
		ids[r.ID] = true
	}
	for _, r := range run.Results {
		if r.RuleIndex >= len(run.Tool.Driver.Rules) || run.Tool.Driver.Rules[r.RuleIndex].ID != r.RuleID {
			t.Fatalf("result %+v is of no rule", r)
		}
		if !slices.Contains([]string{"error", "warning", "note"}, r.Level) || r.Message.Text == "" || len(r.Locations) != 1 || strings.Contains(r.Message.Text, "](") {
			t.Fatalf("result %+v", r)
		}
		at := r.Locations[0].Physical
		uri, err := url.Parse(at.Artifact.URI)
		if err != nil || uri.IsAbs() || strings.HasPrefix(uri.Path, "/") || strings.Contains(uri.Path, "..") || at.Artifact.BaseID != "%SRCROOT%" {
			t.Fatalf("address %+v", at.Artifact)
		}
		if at.Region != nil && (at.Region.Line < 1 || at.Region.Column < 0) {
			t.Fatalf("region %+v", at.Region)
		}
	}
	return log
}

func TestSARIFShowsEverythingAtItsPlace(t *testing.T) {
	name := catalog.Name{Schema: "public", Name: "users"}
	k := &remarks{}
	k.fault("nightly", usage("%w", ruleset.Problems{{Pos: ruleset.Pos{File: "a b.yaml", Line: 3, Col: 7}, Text: "unknown key", Excerpt: "  3 | x\n    | ^"}}))
	k.fault("nightly", errors.Join(
		&plan.Invalid{Problems: ruleset.Problems{{Pos: ruleset.Pos{File: "pack baseline", Line: 2, Col: 1}, Text: "does not fit"}}},
		&plan.Undecided{
			Columns: []plan.Missing{{Table: name, Column: "Pass Word", Type: "text"}},
			Objects: []plan.MissingObjects{{Kind: "large_objects", Names: []string{"large objects"}}},
			Edits:   []plan.Edit{{File: "a b.yaml", Line: 1, Under: "public.users, columns", Text: "x"}},
		}))
	k.fault("", usage("../masker.yaml:1:1: no such kind\n  1 | flows:\n    | ^\n../masker.yaml:1: and this"))
	k.fault("nightly", &guard.Refused{Flow: "nightly", Why: "no approval", Next: "sign [it](http://evil)\x1b[2J"})
	k.fault("nightly", errors.New("the server is away"))
	k.findings("nightly", true, []plan.Finding{{Code: "check-may-break", Table: &name, Pos: "a b.yaml:1:1", Text: "may break"}},
		[]plan.Waived{{Finding: plan.Finding{Code: "check-may-break", Text: "seen", Pos: "a b.yaml:1:2"}, Owner: "alice@example.com", Why: "fixed in May", Until: "2027-01-31"}},
		[]plan.Finding{{Code: plan.Unmatched, Text: "nothing", Pos: "/etc/passwd:1:1"}})
	var got []string
	for _, r := range sarifOf(t, k).Runs[0].Results {
		at, region := r.Locations[0].Physical, ""
		if at.Region != nil {
			region = fmt.Sprintf(":%d:%d", at.Region.Line, at.Region.Column)
		}
		line := fmt.Sprintf("%s %s %s%s %s", r.Level, r.RuleID, at.Artifact.URI, region, r.Message.Text)
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

func TestSARIFIsWellFormedWhateverIsSaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := &remarks{}
		for range rapid.IntRange(0, 5).Draw(t, "remarks") {
			k.add(remark{Code: rapid.SampledFrom([]string{"check-may-break", remarkFailed}).Draw(t, "code"), Level: "error", Text: "x" + rapid.String().Draw(t, "text")},
				rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"sarif.go:1:2", "../../go.mod:3", "a:b:c:4:5", ":1", "/etc/passwd:1"})).Draw(t, "pos"))
		}
		var out bytes.Buffer
		if err := k.write(&out, "sarif", "masker.yaml"); err != nil {
			t.Fatal(err)
		}
		log := wellFormed(t, out.Bytes())
		if len(log.Runs[0].Results) != len(k.list) || bytes.ContainsAny(out.Bytes(), "\x1b\u202e") {
			t.Fatalf("%s", out.Bytes())
		}
	})
}
