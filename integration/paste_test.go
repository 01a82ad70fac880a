package integration

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// masker plan prints lines for a table with 1,500 undecided columns. They can be pasted into the rules. Afterwards
// all columns have a decision.
func TestTheLinesOfPlanCanBePasted(t *testing.T) {
	t.Parallel()
	names := []string{"null", "~", "1e3", " lead", "a: b", "a #b", `"`, "it's", `\`, "a\nb", "\u0085", "\ufeffx", strings.Repeat("語", 21), "{}", "\x1b[31m"}
	for i := len(names); i < 1500; i++ {
		names = append(names, fmt.Sprintf("column_%04d", i))
	}
	var columns []string
	for _, n := range names {
		columns = append(columns, catalog.Quote(n)+" text")
	}
	src := database(t, Server(t), "prod", `CREATE TABLE wide (id int PRIMARY KEY); CREATE TABLE more ("a
b" text); ALTER TABLE wide ADD `+strings.Join(columns, ", ADD "))
	rules := []string{"revision: 1", "packs: [baseline]", "tables:", "  public.wide: {columns: {id: {keep: number}}}", ""}
	s := newSite(t, src, newDatabaseURL(t, Server(t), "staging")).rules(t, strings.Join(rules, "\n"))
	o := s.masker(t, "plan")
	if o.code != 3 {
		t.Fatal(o)
	}
	head := regexp.MustCompile(`^# rules.yaml, (below line|line) (\d+).*:$`)
	edits, at := map[int][]string{}, 0
	_, snippet, _ := strings.Cut(o.stderr, "These lines decide all of it")
	for _, line := range strings.Split(strings.TrimSuffix(snippet, "\n"), "\n")[2:] {
		if len([]rune(line)) > 130 {
			t.Errorf("a line of %d characters: %.200s", len([]rune(line)), line)
		}
		m := head.FindStringSubmatch(line)
		if m == nil {
			edits[at] = append(edits[at], line)
			continue
		}
		at, _ = strconv.Atoi(m[2])
		if m[1] == "below line" {
			edits[at] = append(edits[at], rules[at-1])
		}
	}
	var pasted []string
	for i, line := range rules {
		if edits[i+1] != nil {
			pasted = append(pasted, edits[i+1]...)
		} else {
			pasted = append(pasted, line)
		}
	}
	s.rules(t, strings.Join(pasted, "\n"))
	if o := s.masker(t, "plan"); o.code != 0 {
		t.Fatalf("%v\n%s", o, strings.Join(pasted, "\n"))
	}
	s.mustRefresh(t)
}
