package target_test

import (
	"context"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// The planner's statistics do not keep values that a hook has changed. If a hook empties a table, the old statistics of
// this table stay, so there is a note.
func TestStatisticsAreThoseAfterHooks(t *testing.T) {
	create(t, "after_src", `CREATE TABLE changed (a text); CREATE TABLE emptied (a text); CREATE TABLE always_empty (a text)`)
	p := open(t, server.URL("after"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "after_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Discard(context.Background())
	for _, table := range []string{"changed", "emptied"} {
		name := catalog.Name{Schema: "public", Name: table}
		if _, err := s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1}, name, []string{"a"}, wire.Text, &blocks{rest: [][]byte{[]byte("canary\ncanary\n")}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	const values = `SELECT COALESCE(string_agg(DISTINCT tablename || most_common_vals::text, ' '), '') FROM pg_stats WHERE schemaname = 'public'`
	if got := one[string](t, s.Name(), values); got != "changed{canary} emptied{canary}" {
		t.Fatalf("statistics before the hooks: %s", got)
	}
	if err := s.Hooks(t.Context(), []sides.Hook{{Name: "h.sql", SQL: "UPDATE changed SET a = 'new'; DELETE FROM emptied; CREATE TABLE made AS SELECT 'made' AS a FROM generate_series(1, 2)"}}); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, s.Name(), values); got != "changed{new} emptied{canary} made{made}" {
		t.Errorf("statistics after the hooks: %s", got)
	}
	want := []string{"a hook emptied public.emptied, but the planner's statistics keep values of its rows; let the rules skip the table instead"}
	if !slices.Equal(s.Notes(), want) {
		t.Errorf("notes %q, want %q", s.Notes(), want)
	}
}
