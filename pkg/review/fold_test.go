package review

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
)

// many returns findings of one code on the columns c0, c1, … of the tables t0, t1, ….
func many(code string, tables, columns int) (fs []Finding) {
	for t := range tables {
		name := catalog.Name{Schema: "public", Name: fmt.Sprintf("t%d", t)}
		for c := range columns {
			fs = append(fs, Finding{Code: code, Level: Warning, Table: &name, Column: fmt.Sprintf("c%d", c), Text: fmt.Sprintf("%s of t%d.c%d", code, t, c)})
		}
	}
	return fs
}

func TestFold(t *testing.T) {
	waived := many("code", 1, 5)
	for i := range waived {
		waived[i].Waiver = &Waiver{Owner: string(rune('a' + i%2))} // three of one owner, two of another
	}
	for name, c := range map[string]struct {
		fs   []Finding
		want []string
	}{
		"few":         {many("code", 1, 3), []string{"code of t0.c0", "code of t0.c1", "code of t0.c2"}},
		"one table":   {many("code", 1, 6), []string{"6 findings on public.t0 (c0, c1, c2 and 3 more), the first: code of t0.c0"}},
		"four":        {many("code", 1, 4), []string{"4 findings on public.t0 (c0, c1, c2, c3), the first: code of t0.c0"}},
		"many tables": {many("code", 115, 6), []string{"690 findings on 115 tables (public.t0, public.t1, public.t2 and 112 more), the first: code of t0.c0"}},
		"two tables": {many("code", 2, 4), []string{
			"4 findings on public.t0 (c0, c1, c2, c3), the first: code of t0.c0", "4 findings on public.t1 (c0, c1, c2, c3), the first: code of t1.c0",
		}},
		"two codes": {slices.Concat(many("a", 1, 4), many("b", 1, 1)), []string{"4 findings on public.t0 (c0, c1, c2, c3), the first: a of t0.c0", "b of t0.c0"}},
		"no table":  {[]Finding{{Code: "a", Text: "1"}, {Code: "a", Text: "2"}, {Code: "a", Text: "3"}, {Code: "a", Text: "4"}}, []string{"1", "2", "3", "4"}},
		"waivers":   {waived, []string{"code of t0.c0", "code of t0.c1", "code of t0.c2", "code of t0.c3", "code of t0.c4"}},
	} {
		t.Run(name, func(t *testing.T) {
			before := slices.Clone(c.fs)
			var got []string
			for _, f := range Fold(c.fs) {
				got = append(got, f.Text)
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
			if !slices.EqualFunc(before, c.fs, func(a, b Finding) bool { return a.Text == b.Text }) {
				t.Error("Fold changed the list")
			}
		})
	}
}

// People get one line for many findings. Programs get each finding, and each waiver is still for one column.
func TestManyFindings(t *testing.T) {
	var columns, rules []string
	for i := range 30 {
		columns, rules = append(columns, fmt.Sprintf("c%d text check", i)), append(rules, fmt.Sprintf("c%d: {treat: redact}", i))
	}
	p := built(t, sketch.Schema(t, "public.t: "+strings.Join(columns, ", ")), "tables: {public.t: {columns: {"+strings.Join(rules, ", ")+"}}}\n"+
		"waivers: [{finding: check-may-break, on: public.t.c7, owner: alice@example.com, reason: known, until: 2027-01-31}]\n")
	inv := InventoryOf(p, day(t, "2027-01-01T00:00:00Z"))
	for name, write := range map[string]func(*bytes.Buffer) error{
		"text":     func(b *bytes.Buffer) error { return WriteFindings(b, inv.Findings) },
		"plan":     func(b *bytes.Buffer) error { return WriteInventory(b, inv) },
		"markdown": func(b *bytes.Buffer) error { return WriteInventoryMarkdown(b, inv) },
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "check-may-break"); n != 2 || !strings.Contains(b.String(), "29 findings on public.t (c0, c1, c2 and 26 more), the first: ") {
			t.Errorf("%s: check-may-break is there %d times, want one line for the open and one for the waived findings; got\n%s", name, n, &b)
		}
	}
	for name, write := range map[string]func(*bytes.Buffer) error{
		"json": func(b *bytes.Buffer) error { return WriteFindingsJSON(b, inv.Findings) },
		"plan": func(b *bytes.Buffer) error { return WritePlanJSON(b, p) },
		"sarif": func(b *bytes.Buffer) error {
			return WriteFindingsSARIF(b, inv.Findings, SARIF{Address: func(f string) (string, bool) { return f, true }})
		},
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for i := range 30 {
			if !strings.Contains(b.String(), fmt.Sprintf("reads public.t.c%d,", i)) {
				t.Errorf("%s: the finding on c%d is missing", name, i)
			}
		}
	}
}
