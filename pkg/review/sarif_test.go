package review

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// wellFormed checks a document against the requirements of SARIF 2.1.0 and of code hosts.
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
		if !slices.Contains([]Level{Error, Warning, Note}, r.Level) || r.Message.Text == "" || len(r.Locations) != 1 || strings.Contains(r.Message.Text, "](") {
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

func TestSARIFIsWellFormedForAnyText(t *testing.T) {
	config := SARIF{Config: "../masker.yaml", Address: func(file string) (string, bool) { return path.Base(file), strings.HasSuffix(file, ".go") }}
	rapid.Check(t, func(t *rapid.T) {
		var list []Finding
		for range rapid.IntRange(0, 5).Draw(t, "findings") {
			list = append(list, Finding{
				Code: rapid.SampledFrom([]string{"check-may-break", CheckFailed}).Draw(t, "code"), Level: Error, Text: "x" + rapid.String().Draw(t, "text"),
				At: ParsePos(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"sarif.go:1:2", "../../go.mod:3", "a:b:c:4:5", ":1", "/etc/passwd:1"})).Draw(t, "pos")),
			})
		}
		var out bytes.Buffer
		if err := WriteFindingsSARIF(&out, list, config); err != nil {
			t.Fatal(err)
		}
		log := wellFormed(t, out.Bytes())
		if len(log.Runs[0].Results) != len(list) || bytes.ContainsAny(out.Bytes(), "\x1b\u202e") {
			t.Fatalf("%s", out.Bytes())
		}
	})
}
