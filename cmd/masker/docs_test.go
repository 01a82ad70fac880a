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
)

//go:generate go test . -run TestSchemasAreCurrent -update

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
