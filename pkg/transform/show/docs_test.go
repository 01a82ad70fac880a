package show

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

var update = flag.Bool("update", false, "write docs/treatments.md")

//go:generate go test . -run TestTreatmentsReference -update

// docs/treatments.md must equal the text that this test generates. With -update the test writes the file.
func TestTreatmentsReference(t *testing.T) {
	const file = "../../../docs/treatments.md"
	var want bytes.Buffer
	want.WriteString("# Treatments\n\nThis page lists what a value can become. `go generate ./...` generates the page from the library; " +
		"`masker treatments` prints the list, and `masker treatments NAME` what this page says about one of them.\n" +
		"The examples run as tests, under the library's example key. [rules.md](rules.md) says how rules use treatments.\n\n" +
		"The section about a treatment has these lines:\n\n" +
		"- *Discloses* is the disclosure label, which says what a result tells about its value. From least to most, the labels are suppressed, synthetic, generalised, pseudonymised and unchanged; " +
		"[rules.md](rules.md) explains them. If it has two labels, the parameters of a rule decide which label between the two applies.\n" +
		"- *Preserves at best* lists properties of the values that the results can keep: uniqueness (different values get different results), order, " +
		"equality (equal values get equal results), length and format. Whether the results keep a property depends on the parameters and the column.\n" +
		"- *Takes* lists the families of types that a column can have. The family `other` has every type that is in no other family, such as the types of most extensions.\n" +
		"- *Different results* is the number of different results with which the plan computes collisions in unique columns. If the number depends on the values, the plan assumes a low number, such as 1000.\n" +
		"- *Reads* says which other columns the treatment reads.\n\n" +
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
		fmt.Fprintf(&want, "\n## %s\n\n| treatment | discloses | what it does |\n| --- | --- | --- |\n", g.Title)
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
		t.Errorf("%s differs from the output of masker treatments; run go generate ./...", file)
	}
}

// anchor returns the fragment of a link to a heading in Markdown.
func anchor(name string) string { return strings.ReplaceAll(name, ".", "") }

// markdown returns the section about one treatment.
func markdown(s *transform.Spec) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n### %s\n\n%s. %s\n\n%s\n\n%s\n", s.Name, strings.ToUpper(s.Summary[:1])+s.Summary[1:], s.Doc, learns(s), strings.Join(facts(s), "\n"))
	if len(s.Params) > 0 {
		b.WriteString("\n| parameter | type | what it means |\n| --- | --- | --- |\n")
	}
	for _, p := range s.Params {
		fmt.Fprintf(&b, "| `%s` | %s%s | %s |\n", p.Name, strings.ReplaceAll(p.Type, "|", " or "), tableCell(requiredOrDefault(p)), tableCell(p.Doc))
	}
	b.WriteString("\n| type | rule | value | becomes | remark |\n| --- | --- | --- | --- | --- |\n")
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
			text := "revision: 1\npacks: [baseline]\ntables:\n  public.t:\n    columns:\n      c: {" + ruleText(e.Use) + "}\n"
			if _, err := ruleset.Parse([]ruleset.Source{{Name: s.Name, Data: []byte(text)}}, nil); err != nil {
				t.Errorf("%s: %v", s.Name, err)
			}
		}
	}
}
