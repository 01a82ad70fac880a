package plan

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

// oddNames are names with a special meaning in YAML, in SQL or on a terminal.
var oddNames = []string{
	"null", "true", "~", "1e3", "y", "No", ".inf", "0x1F", "-", "?", ":", "#", " a", "a ", "a: b", "a #b", `"`, `""`, "'", "it's", `\`, `\n`, "{", "}", "[]", ", ", "&a", "*a",
	"!t", "%TAG", "@x", "`x`", "|", ">", "<<", "a.b", "a\nb", "a\r\nb", "\n", "\t", "\u0085", "a\u0085b", "\ufeff", "\ufeffa", "\u2028", "\u00a0x", "\u200b", "\u202eabc", "\x01\x7f",
	strings.Repeat("ü", 31), strings.Repeat("語", 21), strings.Repeat("\U0001F600", 15), strings.Repeat(`"`, 63), strings.Repeat("'", 63), strings.Repeat("\x01", 63), strings.Repeat("x", 63),
	"select", "Mixed Case", "---", "...", "# r.yaml, below line 1 (x):",
}

// identifier generates random names that PostgreSQL accepts.
func identifier() *rapid.Generator[string] {
	drawn := rapid.OneOf(rapid.SampledFrom(oddNames), rapid.String(), rapid.StringMatching(`[a-z_]{1,63}`))
	return rapid.Map(drawn, func(s string) string {
		s = strings.ReplaceAll(strings.ToValidUTF8(s, ""), "\x00", "")
		for len(s) > 63 {
			_, n := utf8.DecodeLastRuneInString(s)
			s = s[:len(s)-n]
		}
		return s
	}).Filter(func(s string) bool { return s != "" })
}

var heading = regexp.MustCompile(`^# (.*?), (?:below line (\d+)|line (\d+) becomes) \(.*\):$`)

// pasteByHand pastes a snippet as a person would. It uses the printed lines only.
func pasteByHand(src, snippet, file string) string {
	lines := strings.Split(strings.TrimSuffix(src, "\n"), "\n")
	below, instead := map[int][]string{}, map[int][]string{}
	var paste *[]string
	put := func() {}
	for _, line := range strings.Split(strings.TrimSuffix(snippet, "\n"), "\n") {
		if m := heading.FindStringSubmatch(line); m != nil && m[1] == file {
			put()
			var text []string
			paste = &text
			at, into := m[2], below
			if at == "" {
				at, into = m[3], instead
			}
			n, _ := strconv.Atoi(at)
			put = func() { into[n] = append(into[n], text...) }
			continue
		}
		*paste = append(*paste, line)
	}
	put()
	var out []string
	for i, line := range lines {
		if lines := instead[i+1]; lines != nil {
			out = append(out, lines...)
		} else {
			out = append(out, line)
		}
		out = append(out, below[i+1]...)
	}
	return strings.Join(out, "\n") + "\n"
}

// snippetOf builds a plan with a rule file and returns what is undecided. The result is nil if everything is decided.
func snippetOf(t require, db *catalog.Database, path string) *Undecided {
	set, err := rulefile.Load([]string{path})
	if err != nil {
		t.Fatalf("the file cannot be read: %v", err)
	}
	_, err = Build(set, db, "staging")
	var u *Undecided
	if err != nil && !errors.As(err, &u) {
		t.Fatalf("the file does not pass: %v", err)
	}
	return u
}

type require interface {
	Fatalf(format string, args ...any)
}

// pastes writes a rule file, pastes the snippet of its undecided columns, and fails if anything is still undecided.
func pastes(t require, dir string, db *catalog.Database, text string) string {
	path := filepath.Join(dir, "r.yaml")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatalf("%v", err)
		}
	}
	write(text)
	u := snippetOf(t, db, path)
	if u == nil {
		return ""
	}
	snippet := u.Snippet()
	pasted := pasteByHand(text, snippet, path)
	write(pasted)
	if left := snippetOf(t, db, path); left != nil {
		t.Fatalf("still undecided: %v\n%s", left, pasted)
	}
	if applied := string(u.Apply(path, []byte(text))); applied != pasted {
		t.Fatalf("pasted by hand:\n%s\napplied:\n%s", pasted, applied)
	}
	return snippet
}

// tooLong returns the first line over 130 characters that could be broken, or "".
func tooLong(snippet string) string {
	for _, line := range strings.Split(snippet, "\n") {
		if utf8.RuneCountInString(line) > 130 && !strings.HasPrefix(line, "# ") && strings.Contains(strings.TrimSpace(line), ", ") && !strings.ContainsAny(line, `'"`) {
			return line
		}
	}
	return ""
}

// flowRules returns rule files that write a table or its columns in YAML's flow style, in different ways.
func flowRules(table, decided string) []string {
	table, decided = ruleset.YAMLText(table), ruleset.YAMLKey(decided)
	head := "revision: 1\npacks: [baseline]\n"
	return []string{
		head,
		head + "tables: {}\n",
		head + "tables:\n  " + table + ":\n    columns:\n      " + decided + ": {keep: x}\n",
		head + "tables:\n  " + table + ": {columns: {" + decided + ": {keep: x}}}\n",
		head + "tables: {" + table + ": {columns: {" + decided + ": {keep: x}}}}\n",
		head + "tables: {" + table + ": {columns: {}}} # all of it\nobjects: {}\n",
		head + "tables:\n  " + table + ":\n    {subject: " + decided + "}\n",
		head + "tables:\n  " + table + ": {keep: reference, only: [" + decided + "]}\n",
		head + "tables:\n  " + table + ":\n    columns: {\n      " + decided + ": {keep: x}\n    }\n",
	}
}

// TestAnySnippetCanBePasted checks with random names and several styles of rule files that the snippet can be pasted,
// and that everything is decided afterwards.
func TestAnySnippetCanBePasted(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		name := catalog.Name{Schema: identifier().Draw(t, "schema"), Name: identifier().Draw(t, "table")}
		names := rapid.SliceOfNDistinct(identifier(), 1, 8, rapid.ID[string]).Draw(t, "columns")
		db := &catalog.Database{Tables: []*catalog.Table{{Name: name}}}
		for _, n := range names {
			typ := catalog.Type{Name: rapid.SampledFrom([]string{"text", "public.\"odd\ntype\"", strings.Repeat("long ", 40)}).Draw(t, "type"), Base: "text", Family: catalog.Text}
			db.Tables[0].Columns = append(db.Tables[0].Columns, catalog.Column{Name: n, Type: typ})
		}
		db.EventTriggers = []string{identifier().Draw(t, "trigger")}
		rules := flowRules(name.String(), names[0])
		pastes(t, dir, db, rapid.SampledFrom(rules).Draw(t, "rules"))
	})
}

// TestASnippetOfManyColumnsCanBePasted uses PostgreSQL's limits: 1,600 columns with the longest names.
func TestASnippetOfManyColumnsCanBePasted(t *testing.T) {
	for name, long := range map[string]string{"short": "", "long": strings.Repeat("ü", 28), "odd": "'\n\": #"} {
		table := &catalog.Table{Name: catalog.Name{Schema: "public", Name: "wide"}}
		for i := range 1600 {
			table.Columns = append(table.Columns, catalog.Column{Name: fmt.Sprintf("%sc%04d", long, i), Type: catalog.Type{Name: "text", Base: "text", Family: catalog.Text}})
		}
		db := &catalog.Database{Tables: []*catalog.Table{table}}
		for i, rules := range flowRules("public.wide", table.Columns[0].Name) {
			t.Run(fmt.Sprintf("%s/%d", name, i), func(t *testing.T) {
				snippet := pastes(t, t.TempDir(), db, rules)
				if line := tooLong(snippet); line != "" {
					t.Errorf("a line of %d characters: %.200s", utf8.RuneCountInString(line), line)
				}
				if longest := slices.MaxFunc(strings.Split(snippet, "\n"), func(a, b string) int { return len(a) - len(b) }); len(longest) > 400 {
					t.Errorf("a line of %d bytes: %.200s", len(longest), longest)
				}
			})
		}
	}
}
