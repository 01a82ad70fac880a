package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

//go:generate go test . -run "TestTreatmentsReference|TestSchemasAreCurrent" -update

// docs/treatments.md must equal the text that this test generates. With -update the test writes the file.
func TestTreatmentsReference(t *testing.T) {
	const file = "../../docs/treatments.md"
	var want bytes.Buffer
	want.WriteString("# Treatments\n\nWhat a value can become. Generated from the library by `go generate ./cmd/masker`; " +
		"`masker treatments` prints the same.\nThe examples run as tests, under the library's example key. How rules use them: [rules.md](rules.md).\n\n" +
		"Disclosures, from least to most: suppressed, synthetic, generalised, pseudonymised, unchanged. rules.md explains them.\n\n" +
		"*What somebody who knows one value learns* is about an attacker, who has the target and the rules, but not the key, and knows the source value of one person. " +
		"In these texts, *they* is the attacker, and *this person* is the person whose value the attacker knows.\n")
	for _, g := range library.Groups() {
		fmt.Fprintf(&want, "\n- **%s**:", g.Title)
		for i, s := range g.Specs {
			comma := ""
			if i > 0 {
				comma = ","
			}
			fmt.Fprintf(&want, "%s [`%s`](#%s)", comma, s.Name, anchor(s.Name))
		}
	}
	want.WriteString("\n")
	for _, g := range library.Groups() {
		fmt.Fprintf(&want, "\n## %s\n\n| treatment | discloses | |\n| --- | --- | --- |\n", g.Title)
		for _, s := range g.Specs {
			fmt.Fprintf(&want, "| [`%s`](#%s) | %s | %s |\n", s.Name, anchor(s.Name), labels(s), s.Summary)
		}
		for _, s := range g.Specs {
			want.WriteString(markdown(s))
		}
	}
	if *update {
		if err := os.WriteFile(file, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(have, want.Bytes()) {
		t.Errorf("%s differs from the output of masker treatments; run go generate ./cmd/masker", file)
	}
}

// anchor returns the fragment of a link to a heading in Markdown.
func anchor(name string) string { return strings.ReplaceAll(name, ".", "") }

// markdown returns the section about one treatment.
func markdown(s *transform.Spec) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s. %s\n\n%s\n\n%s\n", s.Name, strings.ToUpper(s.Summary[:1])+s.Summary[1:], s.Doc, learns(s), strings.Join(facts(s), "\n"))
	if len(s.Params) > 0 {
		b.WriteString("\n| parameter | type | |\n| --- | --- | --- |\n")
	}
	for _, p := range s.Params {
		fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", p.Name, strings.ReplaceAll(p.Type, "|", " or "), tableCell(requiredOrDefault(p)), tableCell(p.Doc))
	}
	b.WriteString("\n| type | rule | value | becomes | |\n| --- | --- | --- | --- | --- |\n")
	for _, e := range s.Examples {
		out := code(e.Out)
		if e.Null {
			out = "NULL"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", e.Type.Name, code("{"+ruleText(e.Use)+"}"), code(e.In), out, tableCell(e.Note))
	}
	return b.String()
}

// tableCell escapes a text for a cell of a Markdown table.
func tableCell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", "⏎").Replace(text)
}

// code returns a text as Markdown code in a cell of a table.
func code(text string) string {
	switch text = tableCell(text); {
	case text == "":
		return "(empty)"
	case strings.Contains(text, "`"):
		return "`` " + text + " ``"
	}
	return "`" + text + "`"
}

// The rules in the examples of the reference are valid rules.
func TestExamplesOfTreatmentsAreRules(t *testing.T) {
	for _, s := range library.All() {
		for _, e := range s.Examples {
			parses(t, s.Name, "columns:\n  c: {"+ruleText(e.Use)+"}\n")
		}
	}
}

// Every YAML block of the guides can be read.
func TestGuidesParse(t *testing.T) {
	for file, read := range map[string]func(*testing.T, string, string){"rules.md": parses, "configuration.md": configures} {
		text, err := os.ReadFile(filepath.Join("../../docs", file))
		if err != nil {
			t.Fatal(err)
		}
		blocks := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```").FindAllSubmatchIndex(text, -1)
		if len(blocks) == 0 {
			t.Errorf("%s has no YAML block", file)
		}
		for _, b := range blocks {
			read(t, fmt.Sprintf("%s:%d", file, bytes.Count(text[:b[2]], []byte("\n"))+1), string(text[b[2]:b[3]]))
		}
	}
}

// parses reads a rule file. If text is only a part of one, it adds the missing lines first.
func parses(t *testing.T, name, text string) {
	t.Helper()
	if strings.HasPrefix(text, "columns:") {
		text = "tables:\n  public.t:\n" + regexp.MustCompile(`(?m)^`).ReplaceAllString(strings.TrimSuffix(text, "\n"), "    ") + "\n"
	}
	if !strings.HasPrefix(text, "revision:") {
		text = "revision: 1\npacks: [baseline]\n" + text
	}
	hook := func(string) ([]byte, error) { return []byte("SELECT 1"), nil }
	if _, err := ruleset.Parse([]ruleset.Source{{Name: name, Data: []byte(text)}}, hook); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// configures reads a configuration. If text is only a part of one, it adds environments first.
func configures(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "masker.yaml")
	if !strings.HasPrefix(text, "environments:") {
		text = "environments:\n  production: {kind: production}\n  staging: {kind: staging}\n" + text
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := loadConfig(file, nil); err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

// inTable returns a class's rule as the guide's list shows it.
func inTable(r ruleset.Rule) string {
	text := r.Treatment
	for _, name := range slices.Sorted(maps.Keys(r.Params)) {
		text += fmt.Sprintf(", %s: %v", name, r.Params[name])
	}
	return text
}

// The guide lists all classes of the pack baseline.
func TestGuideListsTheBaseline(t *testing.T) {
	text, err := os.ReadFile("../../docs/rules.md")
	if err != nil {
		t.Fatal(err)
	}
	set, err := ruleset.Parse([]ruleset.Source{{Name: "r.yaml", Data: []byte("revision: 1\npacks: [baseline]\n")}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range set.Classes {
		treatment := inTable(c.Default.Rule)
		for _, kind := range ruleset.TargetKinds() {
			if t := c.ByKind[kind]; t != nil {
				treatment += "; " + kind + ": " + inTable(t.Rule)
			}
		}
		if line := fmt.Sprintf("| `%s` | `%s` | %s |\n", name, treatment, c.Description); !bytes.Contains(text, []byte(line)) {
			t.Errorf("docs/rules.md lacks the line %q", line)
		}
	}
}

// The page of the command line lists every verb.
func TestGuideListsTheVerbs(t *testing.T) {
	text := fileOf(t, "../../docs/command-line.md")
	for _, c := range (&app{}).root().Commands() {
		if name := c.Name(); name != "help" && name != "completion" && !bytes.Contains(text, []byte("`masker "+name)) {
			t.Errorf("docs/command-line.md does not list masker %s", name)
		}
	}
}

// Every message that the guide quotes is in masker's source code. "…" in a quotation stands for any text.
func TestGuideQuotesRealMessages(t *testing.T) {
	var code strings.Builder
	for _, dir := range []string{"cmd", "pkg", "internal"} {
		err := filepath.WalkDir(filepath.Join(checkout, dir), func(path string, d fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
				code.Write(fileOf(t, path))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	printed := regexp.MustCompile(`" \+\s+"`).ReplaceAllString(code.String(), "")
	rows := regexp.MustCompile("(?m)^\\| (`.*?) \\|").FindAllStringSubmatch(string(fileOf(t, "../../docs/troubleshooting.md")), -1)
	if len(rows) < 40 {
		t.Errorf("%d rows have the form the test knows", len(rows))
	}
	for _, row := range rows {
		for _, quote := range regexp.MustCompile("`(.*?)`").FindAllStringSubmatch(row[1], -1) {
			for part := range strings.SplitSeq(quote[1], "…") {
				if !strings.Contains(printed, strings.Trim(part, " :")) {
					t.Errorf("docs/troubleshooting.md quotes %q, but no message has %q", quote[1], part)
				}
			}
		}
	}
}
