package probe

import (
	"hash/maphash"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// The server cannot compute a column of some rows. The report counts the cells that were not looked at, and only these.
func TestCellsThatTheServerCannotComputeAreCounted(t *testing.T) {
	text := catalog.Type{Name: "text", Family: catalog.Text}
	rel := Relation{
		Name: catalog.Name{Schema: "public", Name: "t_1"}, Root: catalog.Name{Schema: "public", Name: "t"},
		Columns: []catalog.Column{{Name: "a", Type: text}, {Name: "b", Type: text, Generated: true}},
	}
	seen := newLooking("canary")
	p := seen.Prober()
	g := plan(&rel, Table{Columns: []Column{{Name: "a"}}}, true, Options{Values: true})
	l := g.looker(Want{Relation: &rel, Columns: g.columns, Texts: g.texts}, p, newDetectors(maphash.MakeSeed()))
	for _, row := range []string{"canary\tcanary\n", "canary\t\\N\n"} {
		if err := l.Row([]byte(row), false); err != nil {
			t.Fatal(err)
		}
	}
	l.Missing(1)
	for range 3 {
		if err := l.Row([]byte("canary\t\\N\n"), false); err != nil {
			t.Fatal(err)
		}
	}
	l.end()
	if a, b := seen.Found("public.t.a: canary"), seen.Found("public.t.b: canary"); a != 5 || b != 1 {
		t.Errorf("found %d and %d values, want 5 and 1", a, b)
	}
	if a, b := seen.Skipped("public.t.a: cannot be computed"), seen.Skipped("public.t.b: cannot be computed"); a != 0 || b != 3 {
		t.Errorf("counted %d and %d cells, want 0 and 3", a, b)
	}
}
