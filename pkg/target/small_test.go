package target_test

import (
	"context"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/wire"
)

// A database can have thousands of small tables. Their files are made only once, and their statistics are gathered
// together.
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

// Conditions of the plan can call functions that the source defines. Such functions may need a search path to find
// names. The shadow can compute these conditions.
func TestAShadowComputesConditionsOverResults(t *testing.T) {
	create(t, "holds_src", `CREATE FUNCTION half(t text) RETURNS text IMMUTABLE LANGUAGE sql AS $$ SELECT left(t, 2) $$;
		CREATE FUNCTION number(t text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN half(t)::int; END $$;
		CREATE TABLE a (t text, n int GENERATED ALWAYS AS (number(t)) STORED);
		CREATE FUNCTION never(t text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RAISE SQLSTATE 'MY001'; END $$;
		CREATE FUNCTION gone(t text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN nothing(t); END $$`)
	s, err := open(t, server.URL("holds"), target.Options{}).Create(t.Context(), spec(t, "holds_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Discard(context.Background())
	rows := func(texts ...string) (rows [][]sides.Constant) {
		for _, text := range texts {
			rows = append(rows, []sides.Constant{{Column: "C d", Type: "text", Text: text}})
		}
		return rows
	}
	for _, c := range []struct {
		condition string
		rows      [][]sides.Constant
		all       bool
		want      string
	}{
		{`public.number("C d") = 12`, rows("12x", "34"), false, ""},
		{`public.number("C d") = 12`, rows("56x", "34"), false, "none of the results"},
		{`public.number("C d") = 12`, rows("12x", "34"), true, "one of the results that were tried does not pass"},
		{`public.number("C d") = 12`, rows("12x", "12"), true, ""},
		{`public.number("C d") IS NOT NULL`, rows("12", "x"), false, "SQLSTATE 22P02"},
		{`public.never("C d") IS NOT NULL`, rows("12"), false, "SQLSTATE MY001"},
		{`public.gone("C d") IS NOT NULL`, rows("12"), true, ""},
	} {
		why, err := s.Holds(t.Context(), sides.Question{Condition: c.condition, Rows: c.rows, All: c.all})
		if err != nil || !strings.Contains(why, c.want) || c.want == "" && why != "" {
			t.Errorf("%s: %q, %v, want %q", c.condition, why, err, c.want)
		}
	}
}

// The statistics of several tables are gathered by one statement. If this statement fails for one table, the
// statistics of the other tables are still gathered, and a note names the table that has none.
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
