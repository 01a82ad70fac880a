package target_test

import (
	"context"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// A database can have thousands of small tables. Their files are made only once, and their statistics are gathered together.
func TestSmallTables(t *testing.T) {
	create(t, "tables_src", `CREATE TABLE a (n int PRIMARY KEY); CREATE TABLE b (n int); CREATE TABLE c (n int)`)
	p := open(t, server.URL("tables"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "tables_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Discard(context.Background())
	const files = "SELECT string_agg(pg_relation_filenode(oid)::text, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('a', 'b', 'c')"
	before := strings.Fields(one[string](t, s.Name(), files))
	for i, bytes := range []int64{0, 64 << 10, largeTable} {
		name := catalog.Name{Schema: "public", Name: string(rune('a' + i))}
		if _, err := s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1, Bytes: bytes}, name, []string{"n"}, wire.Text, &blocks{rest: [][]byte{[]byte("1\n2\n")}}); err != nil {
			t.Fatal(err)
		}
	}
	after := strings.Fields(one[string](t, s.Name(), files))
	if before[0] != after[0] || before[1] != after[1] || before[2] == after[2] {
		t.Errorf("files of the tables before %v, after %v; only the large table should get a new file", before, after)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := one[int](t, s.Name(), "SELECT count(*) FROM pg_class WHERE relname IN ('a', 'b', 'c') AND reltuples = 2"); n != 3 {
		t.Errorf("%d of 3 tables have statistics", n)
	}
}

// The statistics of several tables are gathered by one statement. If it fails, the others are still gathered, and a note names the
// table that has none.
func TestStatisticsThatFail(t *testing.T) {
	create(t, "stat_src", `CREATE TABLE a (n int); CREATE TABLE b (n int); CREATE TABLE c (n int);
		CREATE FUNCTION inverse(n int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT 1 / n'; CREATE STATISTICS x ON (inverse(n)), n FROM b`)
	p := open(t, server.URL("stat"), target.Options{})
	s, err := p.Create(t.Context(), spec(t, "stat_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Discard(context.Background())
	name := catalog.Name{Schema: "public", Name: "b"}
	if _, err := s.Write(t.Context(), 0, catalog.Extent{Table: name, Of: 1}, name, []string{"n"}, wire.Text, &blocks{rest: [][]byte{[]byte("0\n")}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if notes := strings.Join(s.Notes(), "\n"); !strings.Contains(notes, "public.b has no statistics for the planner") || strings.Contains(notes, "public.a") {
		t.Errorf("notes %q, want one on public.b", notes)
	}
}
