package review

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/plan"
)

// Script is an SQL text that the target executes: a hook, or a definition that is not silent. A reviewer must read all
// of it.
type Script struct {
	What  string
	Why   []string // why a reviewer must read the script
	Marks []Mark   // in the order of their lines
	Text  string
}

// Mark names a line of a script that can load code, or reach something outside the database.
type Mark struct {
	Line int // number of the line, from 1
	What string
}

// Scripts returns the hooks in the decisions of a plan, as scripts.
func Scripts(d plan.Decisions) []Script {
	var list []Script
	for _, h := range d.Hooks {
		list = append(list, Script{What: "hook before_publish " + h.File, Marks: marksOf(h.SQL), Text: h.SQL})
	}
	return list
}

// WriteScripts writes scripts as text, with the numbers of their lines. A line with a mark begins with an exclamation
// mark.
func WriteScripts(w io.Writer, list []Script) error {
	out := &printer{w: w}
	for _, s := range list {
		out.script(s)
	}
	return out.err
}

func (o *printer) script(s Script) {
	o.line("")
	o.line("%s", s.head())
	for _, why := range s.Why {
		o.line("  it %s", why)
	}
	for _, text := range s.lines() {
		o.line("%s", text)
	}
}

// head returns the title of the script: its name, its number of lines, and what its marks are about.
func (s Script) head() string {
	return s.What + " (" + spell.Count(lineCount(s.Text), "line") + ")" + markWords(s.Marks)
}

// lines returns the lines of the script with their numbers and marks.
func (s Script) lines() []string {
	var list []string
	for i, text := range strings.Split(strings.TrimSuffix(s.Text, "\n"), "\n") {
		sign := " "
		if slices.ContainsFunc(s.Marks, func(m Mark) bool { return m.Line == i+1 }) {
			sign = "!"
		}
		list = append(list, fmt.Sprintf("%s %4d  %s", sign, i+1, strings.TrimSuffix(strings.ReplaceAll(text, "\t", "    "), "\r")))
	}
	return list
}

// markWords returns what the marks are about, each thing once: ": dblink, CREATE EXTENSION". It is "" without marks.
func markWords(marks []Mark) string {
	var names []string
	for _, m := range marks {
		if !slices.Contains(names, m.What) {
			names = append(names, m.What)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return ": " + strings.Join(names, ", ")
}

// marksOf returns a mark for each word in SQL that can load code or reach something outside the database. It also looks
// into comments and strings, because a hook can execute a string. So every such word has a mark, and some marks are on
// words that do nothing.
func marksOf(sql string) []Mark {
	var marks []Mark
	words := regexp.MustCompile(`(?i)u&"|[\pL_][\pL\pN_$]*`)
	made, copied := false, false // whether CREATE or ALTER, and COPY, were found before
	for i, line := range strings.Split(sql, "\n") {
		for _, word := range words.FindAllString(line, -1) {
			word = strings.ToLower(word)
			made, copied = made || word == "create" || word == "alter", copied || word == "copy"
			what := ""
			switch {
			case strings.HasPrefix(word, "dblink"):
				what = "dblink"
			case strings.Contains(word, "fdw"), made && slices.Contains([]string{"foreign", "server", "mapping"}, word), word == "import":
				what = "FDW"
			case copied && word == "program":
				what = "COPY PROGRAM"
			case made && word == "extension":
				what = "CREATE EXTENSION"
			case word == "execute":
				what = "EXECUTE"
			case word == `u&"`:
				what = "a name in escapes"
			}
			if what != "" {
				marks = append(marks, Mark{Line: i + 1, What: what})
			}
		}
	}
	return marks
}
