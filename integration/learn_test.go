package integration

import (
	"bufio"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
)

// skewed makes a table with a column whose mean is far from its median, and with a rare category.
const skewed = `
CREATE TYPE size AS ENUM ('small', 'large', 'huge');
CREATE TABLE orders (id int PRIMARY KEY, amount numeric(10,2), placed timestamptz NOT NULL, kind text NOT NULL, express bool NOT NULL, s size NOT NULL, region int NOT NULL);
INSERT INTO orders SELECT i, CASE WHEN i % 10 <> 0 THEN (i % 1000) * (i % 1000) / 1000.0 END, '2024-01-01 00:00+00'::timestamptz + i * interval '1 hour',
	CASE WHEN i <= 5 THEN 'only five of these' WHEN i % 4 = 0 THEN 'seldom' ELSE 'often' END, i % 5 = 0, CASE WHEN i % 3 = 0 THEN 'large' ELSE 'small' END::size, i % 2
	FROM generate_series(1, 8000) i;
CREATE TABLE parted (id int, v int, note text) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 (note text, v int, id int);
ALTER TABLE parted ATTACH PARTITION parted_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO parted SELECT i, i % 100, 'x' FROM generate_series(1, 4000) i;
CREATE TABLE nobody (v text)`

const skewedRules = `revision: 1
packs: [baseline]
tables:
  public.orders:
    subject: id
    columns:
      id: {keep: "surrogate key"}
      amount: {treat: sample, range: [0, 1000], as: order}
      placed: {treat: sample, range: [2024-01-01, 2024-12-31], buckets: 12, as: order}
      kind: {treat: sample, epsilon: 0.5, as: order}
      express: {treat: sample, as: order}
      s: {treat: sample, as: order}
      region: {treat: sample, range: [0, 1], as: order}
  public.parted:
    subject: id
    columns:
      id: {keep: "surrogate key"}
      v: {treat: sample, range: [0, 199], as: p}
      note: {keep: "no data"}
  public.nobody:
    columns:
      v: {treat: sample}
`

func TestSampledColumnsKeepTheirShape(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := newDatabaseURL(t, srv, "skewed"), newDatabaseURL(t, srv, "skewed_staging")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, src))
	do(t, src, skewed)
	s := newSite(t, src, dst).rules(t, skewedRules)
	s.canaries = []string{"only five of these"}
	s.mustRefresh(t)
	sameShape(t, src, dst)

	first := learnedOf(t, s)
	before := ask(t, dst, "SELECT sum(amount) FROM orders")
	s.mustRefresh(t)
	second := learnedOf(t, s)
	if len(first) != 8 || len(second) != 16 {
		t.Fatalf("the ledger has %d, then %d columns", len(first), len(second))
	}
	everyRunIsCharged(t, second)
	if after := ask(t, dst, "SELECT sum(amount) FROM orders"); after == before {
		t.Errorf("two runs used the same noise: %s", after)
	}
}

// sameShape compares statistics of a target with those of its source. Each statistic has a tolerance for the noise.
func sameShape(t *testing.T, src, dst string) {
	t.Helper()
	for query, tolerance := range map[string]float64{
		"SELECT avg(amount) FROM orders":                                                    20, // the tolerance is 20 of 1000
		"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) FROM orders":            30,
		"SELECT percentile_cont(0.9) WITHIN GROUP (ORDER BY amount) FROM orders":            40,
		"SELECT count(*) FROM orders WHERE amount IS NULL":                                  0,
		"SELECT count(*) FROM orders WHERE kind = 'often'":                                  250, // the tolerance is 250 of 8000
		"SELECT count(*) FROM orders WHERE express":                                         250,
		"SELECT count(*) FROM orders WHERE s = 'large'":                                     250,
		"SELECT sum(region) FROM orders":                                                    250,
		"SELECT avg(extract(epoch FROM placed)) / 86400 FROM orders":                        8, // the tolerance is 8 days of 334
		"SELECT avg(v) FROM parted":                                                         5,
		"SELECT count(*) FROM parted WHERE v > 120":                                         60, // the tolerance is 60 of 4000. The noise comes from 64 buckets
		"SELECT count(*) FROM orders WHERE amount < 0 OR amount > 1000":                     0,
		"SELECT count(*) FROM orders WHERE kind NOT IN ('often', 'seldom') AND id > 5":      0,
		"SELECT count(*) FROM orders WHERE placed < '2024-01-01' OR placed >= '2025-01-01'": 0,
	} {
		was, is := figure(t, src, query), figure(t, dst, query)
		if math.Abs(was-is) > tolerance {
			t.Errorf("%s: %v, in the source %v", query, is, was)
		}
	}
	if n := ask(t, dst, "SELECT count(*) FROM orders WHERE kind NOT IN ('often', 'seldom')"); n != "0" {
		t.Errorf("%s rows have a category that is too rare", n)
	}
	if n := figure(t, dst, "SELECT abs(corr(region, express::int)) FROM orders"); n > 0.1 {
		t.Errorf("two sampled columns correlate: %v", n)
	}
}

// everyRunIsCharged checks the spent privacy (epsilon) in the ledger. Two runs learned the same columns, so the total
// after the second run is twice that after the first.
func everyRunIsCharged(t *testing.T, learned []learnedColumn) {
	t.Helper()
	for i, l := range learned {
		want := map[string]float64{"kind": 0.5}[l.Column]
		if want == 0 {
			want = 1
		}
		total := want
		if i >= len(learned)/2 {
			total *= 2
		}
		if l.Epsilon != want || l.Total != total || len(l.Digest) != 64 {
			t.Errorf("%+v: want epsilon %v, %v in total", l, want, total)
		}
	}
}

// The treatment sample counts subjects, not rows. A person with 60 rows counts once, so the text that only this person
// has must not be a result.
func TestP6SampleCountsSubjects(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := newDatabaseURL(t, srv, "visits"), newDatabaseURL(t, srv, "visits_staging")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, src))
	do(t, src, `CREATE TABLE visits (person int, note text);
		INSERT INTO visits SELECT 1, 'the canary of one person' FROM generate_series(1, 60);
		INSERT INTO visits SELECT i % 300, 'routine' FROM generate_series(1, 3000) i`)
	s := newSite(t, src, dst).rules(t, `revision: 1
packs: [baseline]
tables:
  public.visits:
    subject: person
    columns:
      person: {keep: "surrogate key"}
      note: {treat: sample, as: visit}
`)
	s.canaries = []string{"the canary of one person"}
	s.mustRefresh(t)
	if n := ask(t, dst, "SELECT count(*) FROM visits WHERE note <> 'routine'"); n != "0" {
		t.Errorf("%s rows have the text of one person", n)
	}
}

// The treatment sample stops the refresh if a text column has no frequent value, because it uses only frequent
// values.
func TestSampleNeedsFrequentValues(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := newDatabaseURL(t, srv, "rare"), newDatabaseURL(t, srv, "rare_staging")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, src))
	do(t, src, `CREATE TABLE t (v text); INSERT INTO t SELECT 'canary' || i FROM generate_series(1, 50) i`)
	s := newSite(t, src, dst).rules(t, "revision: 1\npacks: [baseline]\ntables:\n  public.t:\n    columns:\n      v: {treat: sample, least: 40}\n")
	s.canaries = []string{"canary"}
	s.refresh(t).want(t, exitFailed, "public.t", "least")
}

func figure(t *testing.T, url, query string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(ask(t, url, query), 64)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

type learnedColumn struct {
	Table, Column string
	Epsilon       float64
	Total         float64 `json:"epsilon_total"`
	Digest        string  `json:"model_sha256"`
}

// learnedOf returns the columns of all events `learned` in the ledger. It checks that each of these events is between
// the shadow and the end of its run.
func learnedOf(t *testing.T, s *site) []learnedColumn {
	t.Helper()
	f, err := os.Open(filepath.Join(s.dir, "ledger", "ledger.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []learnedColumn
	last := ""
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var r struct {
			Event   string
			Learned []learnedColumn
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		if r.Event == "learned" && last != "shadow" || r.Event == "finish" && last != "learned" {
			t.Errorf("%s follows %s", r.Event, last)
		}
		last = r.Event
		all = append(all, r.Learned...)
	}
	return all
}
