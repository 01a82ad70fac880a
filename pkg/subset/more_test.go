package subset_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/subset"
)

func orders() catalog.Name { return catalog.Name{Schema: "public", Name: "orders"} }

func more(limit int) subset.More {
	return subset.More{File: "more.txt", Limit: limit, Columns: []catalog.ColumnName{{Table: orders(), Column: "id"}}}
}

func TestLinesOfAFile(t *testing.T) {
	m := more(4)
	if err := m.Read([]byte("# for the report of Monday\r\n\norders id=77,42,42\r\n  public.orders id=9 until 2026-12-24  ")); err != nil {
		t.Fatal(err)
	}
	want := []subset.Line{
		{Root: subset.Root{Table: orders(), Column: "id", Values: []string{"42", "77"}}, At: "more.txt:3"},
		{Root: subset.Root{Table: orders(), Column: "id", Values: []string{"9"}}, At: "more.txt:4", Until: "2026-12-24"},
	}
	if !reflect.DeepEqual(m.Lines, want) {
		t.Errorf("got %+v", m.Lines)
	}
	for day, lines := range map[string]int{"2026-12-23": 2, "2026-12-24": 2, "2026-12-25": 1} {
		if from := m.From(day); len(from.Lines) != lines || len(m.Lines) != 2 {
			t.Errorf("on %s, %d lines count", day, len(from.Lines))
		}
	}
}

// A file may add only roots that the configuration allows, and an error quotes nothing of it.
func TestLinesThatAreRefused(t *testing.T) {
	for text, want := range map[string]string{
		"orders id=1\norders CANARY=7":       "more.txt:2: the file may not name rows by this column; it may name rows by public.orders.id",
		"CANARY id=1":                        "more.txt:1: the file may not name rows by this column",
		"CANARY":                             "more.txt:1: want a root by key, such as public.orders order_id=42,77",
		"orders all":                         "want a root by key",
		"orders 5%":                          "want a root by key",
		"orders limit 5":                     "want a root by key",
		"orders where id = 7 OR 'CANARY'=''": "want a root by key",
		"orders id=CANARY until Christmas":   "want a day after until",
		"orders id=1 until 2026-02-30":       "want a day after until",
		"orders id=1 unti 2026-12-24":        "more.txt:1: it ends in a day, and the word before the day is not until",
		"orders id=1,CANARY Until 2026-12-1": "the word before the day is not until",
		"orders id=1 until2026-12-24":        "the word before the day is not until",
		"orders id=1 2026-12-24":             "the word before the day is not until",
	} {
		m := more(4)
		if err := m.Read([]byte(text)); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%q: %v; want %q", text, err, want)
		}
	}
}

// An approval covers what the file may add, and the ledger tells how much it added. Neither quotes a key.
func TestTextsOfMore(t *testing.T) {
	m := more(4)
	if err := m.Read([]byte("orders id=CANARY,5")); err != nil {
		t.Fatal(err)
	}
	d := subset.Definition{Roots: []subset.Root{{Table: orders(), Limit: 5}}, More: m}
	if got, want := d.Policy(), (map[string]string{"subset.roots": "public.orders limit 5", "subset.more": "at most 4 rows by public.orders.id from more.txt"}); !reflect.DeepEqual(got, want) {
		t.Errorf("the policy is %v", got)
	}
	if got := d.Summary()["subset.more.roots"]; got != "public.orders by key id: 2 values" {
		t.Errorf("the summary is %q", got)
	}
}

func FuzzReadMore(f *testing.F) {
	f.Add("public.orders id=42,77 until 2026-12-24\n# a comment\n")
	f.Fuzz(func(t *testing.T, text string) {
		m := more(10)
		if err := m.Read([]byte(text)); err != nil {
			return
		}
		for _, l := range m.Lines {
			if l.Root.Table != orders() || l.Root.Column != "id" || len(l.Root.Values) == 0 {
				t.Errorf("%q: the file may not add %+v", text, l)
			}
		}
		if err := (&subset.Definition{Roots: []subset.Root{{Table: orders(), Limit: 1}}, More: m}).Check(); err != nil {
			t.Error(err)
		}
	})
}
