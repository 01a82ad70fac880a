package source_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

const sampled = `CREATE TABLE many (id int, note text, empty text); INSERT INTO many SELECT i, repeat('x', 300), NULL FROM generate_series(1, 50000) i;
	CREATE TABLE parted (k int, v text) PARTITION BY LIST (k); CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1);
	CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2); INSERT INTO parted VALUES (1, 'one'), (2, 'two');
	CREATE TABLE "odd ""name" ("a b" bytea, j jsonb, n numeric[]); INSERT INTO "odd ""name" VALUES ('\xffd8ffe0', '{"a": 1}', '{1,NULL}');
	CREATE TABLE fresh (a int); INSERT INTO fresh SELECT generate_series(1, 5000); ANALYZE many, parted;`

// A sample has about the wanted number of rows, from all parts of the table.
func TestSamplesAreSpread(t *testing.T) {
	noLeaks(t)
	_, url := database(t, "sampling", sampled)
	s := open(t, url, source.Options{}).Spread()
	defer s.Close()
	name := func(table string) catalog.Name { return catalog.Name{Schema: "public", Name: table} }
	want := catalog.Sampling{Table: name("many"), Columns: []string{"note", "id", "empty"}, Rows: 1000, Bytes: 100, Patience: 10 * time.Second}
	rows, late := 0, 0
	err := s.Sample(t.Context(), want, func(row [][]byte) {
		rows++
		if len(row[0]) != 100 || row[2] != nil {
			t.Fatalf("%q", row)
		}
		if len(row[1]) == 5 && row[1][0] >= '3' {
			late++
		}
	})
	if err != nil || rows < 500 || rows > 2000 || late < 100 {
		t.Errorf("%d rows, %d of them from the second part of the table, %v", rows, late, err)
	}
	for _, c := range []struct {
		table   string
		columns []string
		want    string
	}{
		{"parted", []string{"v"}, "[one]\n[two]\n"},
		{`odd "name`, []string{"a b", "j", "n"}, "[\\xffd8ffe0 {\"a\": 1} {1,NULL}]\n"},
	} {
		var got strings.Builder
		want.Table, want.Columns = name(c.table), c.columns
		if err := s.Sample(t.Context(), want, func(row [][]byte) { fmt.Fprintf(&got, "%s\n", row) }); err != nil || got.String() != c.want {
			t.Errorf("%s: %q, %v", c.table, got.String(), err)
		}
	}
	want.Table, want.Columns = name("fresh"), []string{"a"}
	rows = 0
	if err := s.Sample(t.Context(), want, func([][]byte) { rows++ }); err != nil || rows == 0 || rows > 2000 {
		t.Errorf("a table that was never analysed: %d rows, %v", rows, err)
	}
}

// A table that takes too long, or that does not exist, does not end the sampling of other tables.
func TestSamplingHasPatience(t *testing.T) {
	noLeaks(t)
	_, url := database(t, "sampling_slow", sampled)
	s := open(t, url, source.Options{}).Spread()
	defer s.Close()
	want := catalog.Sampling{Table: catalog.Name{Schema: "public", Name: "many"}, Columns: []string{"id"}, Rows: 100_000, Bytes: 10, Patience: time.Nanosecond}
	if err := s.Sample(t.Context(), want, func([][]byte) {}); pgsession.Code(err) != "57014" { // 50,000 rows take longer than 1 ms
		t.Errorf("without patience: %v", err)
	}
	want.Columns = []string{"missing"}
	if err := s.Sample(t.Context(), want, func([][]byte) {}); err == nil || !strings.Contains(err.Error(), "public.many") {
		t.Errorf("a missing column: %v", err)
	}
	want.Table.Name = "missing"
	if err := s.Sample(t.Context(), want, func([][]byte) {}); err == nil {
		t.Error("a missing table was sampled")
	}
	want.Table.Name, want.Columns, want.Patience = "parted", []string{"v"}, time.Minute
	rows := 0
	if err := s.Sample(t.Context(), want, func([][]byte) { rows++ }); err != nil || rows != 2 {
		t.Errorf("after the failures: %d rows, %v", rows, err)
	}
}
