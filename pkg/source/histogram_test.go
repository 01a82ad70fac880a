package source_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

const counted = `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE DOMAIN cents AS numeric;
	CREATE TABLE "T x" (i int, n cents, f float8, d date, s timestamp, z timestamptz, b bool, m mood, "a b" text);
	INSERT INTO "T x" VALUES
		(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
		(0, 0, 0, '1970-01-01', '1970-01-01', '1970-01-01 00:00+00', true, 'ok', 'x'),
		(24, 24.99, 24.99, '1970-01-02', '1970-01-01 00:00:24.9', '1970-01-01 01:00:24+01', true, 'ok', 'x'),
		(25, 25, 25, '1970-01-26', '1970-01-01 00:00:25', '1970-01-01 00:00:25+00', false, 'sad', 'y'),
		(99, 99.99, 'NaN', 'infinity', 'infinity', 'infinity', false, 'ok', repeat('long', 300)),
		(-7, '1e400', '-Infinity', '-infinity', '1960-01-01', '2020-01-01 00:00+00', true, 'ok', 'X');
	CREATE TABLE parted (k int, v int) PARTITION BY LIST (k); CREATE TABLE p1 PARTITION OF parted FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF parted FOR VALUES IN (2);
	INSERT INTO parted VALUES (1, 10), (2, 20), (2, 90);
	CREATE TABLE base (v int); CREATE TABLE child () INHERITS (base); INSERT INTO base VALUES (1); INSERT INTO child VALUES (99)`

func TestHistogramCountsUnderTheSnapshot(t *testing.T) {
	noLeaks(t)
	conn, url := database(t, "histogram", counted)
	p := open(t, url, source.Options{})
	run(t, conn, `INSERT INTO "T x" (i) SELECT 50 FROM generate_series(1, 1000); INSERT INTO parted VALUES (1, 50)`)
	for _, c := range []struct {
		table, column string
		family        catalog.Family
		buckets       int
		want          string
	}{
		{"T x", "i", catalog.Integer, 4, "[] [3 1 0 1]"},
		{"T x", "n", catalog.Numeric, 4, "[] [2 1 0 2]"},
		{"T x", "f", catalog.Float, 4, "[] [3 1 0 1]"},
		{"T x", "d", catalog.Date, 4, "[] [3 1 0 1]"},
		{"T x", "s", catalog.Timestamp, 4, "[] [3 1 0 1]"},
		{"T x", "z", catalog.TimestampTZ, 4, "[] [2 1 0 2]"},
		{"T x", "b", catalog.Boolean, 0, "[t f] [3 2]"},
		{"T x", "m", catalog.Enum, 0, "[ok sad] [4 1]"},
		{"T x", "a b", catalog.Text, 0, "[x X y] [2 1 1]"},
		{"parted", "v", catalog.Integer, 4, "[] [2 0 0 1]"},
		{"base", "v", catalog.Integer, 4, "[] [1 0 0 0]"},
	} {
		labels, counts, err := p.Histogram(t.Context(), catalog.Histogram{
			Table: catalog.Name{Schema: "public", Name: c.table}, Column: c.column, Family: c.family, High: 100, Buckets: c.buckets,
		})
		if got := fmt.Sprint(labels, counts); err != nil || got != c.want {
			t.Errorf("%s: %s, %v, want %s", c.column, got, err, c.want)
		}
	}
}

// P6: each subject counts once, even if it has many rows. All rows without a subject count as one subject.
func TestP6HistogramCountsSubjects(t *testing.T) {
	noLeaks(t)
	_, url := database(t, "histogram_subjects", `CREATE TABLE visits (person int, "a note" text, cost int, k int) PARTITION BY LIST (k);
		CREATE TABLE visits_0 PARTITION OF visits FOR VALUES IN (0); CREATE TABLE visits_1 PARTITION OF visits FOR VALUES IN (1);
		INSERT INTO visits SELECT 1, 'of one person', 90, i % 2 FROM generate_series(1, 60) i;
		INSERT INTO visits SELECT i, 'routine', 10, i % 2 FROM generate_series(2, 31) i, generate_series(1, 3);
		INSERT INTO visits SELECT NULL, 'of nobody', 50, 0 FROM generate_series(1, 40);
		INSERT INTO visits SELECT 2, repeat('long', 300), NULL, 0 FROM generate_series(1, 40)`)
	p := open(t, url, source.Options{})
	for want, h := range map[string]catalog.Histogram{
		"[routine of nobody of one person] [30 1 1]": {Column: "a note", Family: catalog.Text, Subject: "person"},
		"[] [30 0 1 1]": {Column: "cost", Family: catalog.Integer, High: 100, Buckets: 4, Subject: "person"},
	} {
		h.Table = catalog.Name{Schema: "public", Name: "visits"}
		labels, counts, err := p.Histogram(t.Context(), h)
		if got := fmt.Sprint(labels, counts); err != nil || got != want {
			t.Errorf("%s: %s, %v, want %s", h.Column, got, err, want)
		}
	}
}

func TestHistogramSaysWhereItFails(t *testing.T) {
	_, url := database(t, "histogram_fails", `CREATE TABLE t (a text); INSERT INTO t VALUES ('canary')`)
	p := open(t, url, source.Options{})
	_, _, err := p.Histogram(t.Context(), catalog.Histogram{Table: catalog.Name{Schema: "public", Name: "t"}, Column: "a", Family: catalog.Integer, High: 10, Buckets: 2})
	if err == nil || !strings.Contains(err.Error(), "public.t.a") || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v", err)
	}
	if _, _, err := p.Histogram(t.Context(), catalog.Histogram{Table: catalog.Name{Schema: "public", Name: "t"}, Column: "b"}); err == nil {
		t.Error("a column that does not exist was counted")
	}
}
