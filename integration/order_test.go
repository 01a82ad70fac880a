package integration

import (
	"context"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"testing"

	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/target"
)

// orderedTables makes tables of %[1]d rows. The rules tokenise the ids, and keep the column place, which is the row's
// place in the source. In every table except the one called named, no key covers the column place. So masker does not
// know that the values of place are unique. The rows of the table wide fill many windows of the shuffle.
const orderedTables = `
CREATE TABLE narrow (id int PRIMARY KEY, place int NOT NULL, kind text NOT NULL);
CREATE TABLE wide (id int PRIMARY KEY, place int NOT NULL, note text NOT NULL);
CREATE TABLE texts (id int PRIMARY KEY, place int NOT NULL, ip inet);
CREATE TABLE owned (id int PRIMARY KEY, owner int NOT NULL REFERENCES narrow, place int NOT NULL, name text NOT NULL);
CREATE TABLE named (id int PRIMARY KEY, place int NOT NULL UNIQUE);
CREATE TABLE stated (id int PRIMARY KEY, place int NOT NULL);
INSERT INTO narrow SELECT i, i, 'kind' || i %% 7 FROM generate_series(1, %[1]d) i;
INSERT INTO wide SELECT i, i, repeat(md5(i::text), %[2]d) FROM generate_series(1, %[1]d) i;
INSERT INTO texts SELECT i, i, '10.0.0.0'::inet + i FROM generate_series(1, %[1]d) i;
INSERT INTO owned SELECT i, 1 + i %% %[1]d, i, 'name' || i FROM generate_series(1, %[1]d) i;
INSERT INTO named SELECT i, i FROM generate_series(1, %[1]d) i;
INSERT INTO stated SELECT i, i FROM generate_series(1, %[1]d) i;`

const orderedRules = `
revision: 1
tables:
  public.narrow: {keep: test, only: [place, kind], columns: {id: {treat: token, range: [1, 2000000000]}}}
  public.wide: {keep: test, only: [place, note], columns: {id: {treat: token, range: [1, 2000000000]}}}
  public.texts: {keep: test, only: [place], columns: {id: {treat: token, range: [1, 2000000000]}, ip: {treat: null}}}
  public.owned: {keep: test, only: [place], columns: {id: {treat: token, range: [1, 2000000000]}, name: {treat: redact, when: "owner.kind == 'kind1'", else: {keep: test}}}}
  public.named: {keep: test, only: [place], columns: {id: {treat: token, range: [1, 2000000000]}}}
  public.stated: {keep: test, only: [place], columns: {id: {treat: token, range: [1, 2000000000]}}, order: {keep: BRIN}}
`

// disorder measures how much of the source's row order is left in a table of a target.
type disorder struct {
	rho        float64 // Spearman's coefficient of the positions in source and target
	neighbours float64 // share of the neighbours in the source that are neighbours in the target
}

func disorderOf(places []int) disorder {
	n := float64(len(places))
	var sum, kept float64
	for i, p := range places {
		d := float64(p - 1 - i)
		sum += d * d
		if i > 0 && (p-places[i-1] == 1 || places[i-1]-p == 1) {
			kept++
		}
	}
	return disorder{1 - 6*sum/(n*(n*n-1)), kept / n}
}

// joined returns the share of the rows that have the same position in two targets.
func joined(a, b []int) float64 {
	same := 0.0
	for i := range a {
		if a[i] == b[i] {
			same++
		}
	}
	return same / float64(len(a))
}

// places builds a shadow. It returns, for each table, the places of the rows in the source, in the physical order of
// the shadow.
func (s *site) places(t *testing.T, tables []string, workers int, chunk int64, environment string) map[string][]int {
	t.Helper()
	got := map[string][]int{}
	s.withShadow(t, refresh.Options{Workers: workers}, chunk, environment, func(_ *target.Postgres, shadow *target.Shadow, _ int) {
		conn := connect(t, Server(t).url(shadow.Name()))
		for _, table := range tables {
			rows, err := conn.Query(t.Context(), "SELECT place FROM "+table+" ORDER BY ctid")
			if err != nil {
				t.Fatal(err)
			}
			for rows.Next() {
				var place int
				if err := rows.Scan(&place); err != nil {
					t.Fatal(err)
				}
				got[table] = append(got[table], place)
			}
			if err := rows.Err(); err != nil {
				t.Fatal(err)
			}
		}
		conn.Close(context.Background())
		if err := shadow.Discard(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return got
}

// P1: if no unique column of a table is kept, the order of its rows in the target depends only on the key and the
// environment. Nobody can join the rows of two environments by their position. The environment variable ORDER_ROWS sets
// the number of rows of the tables narrow and wide.
func TestP1TheOrderOfRowsTellsNothing(t *testing.T) {
	t.Parallel()
	n, repeats := 20_000, 32
	bounds := disorder{0.05, 0.002} // less strict than with ORDER_ROWS, because 3,800 rows of the table wide fill a window
	// The bound of rho for two writers is less strict, too. An extent is a tenth of the table wide, and the speeds of
	// the writers decide at which place of the target its rows arrive.
	mixed := 0.25
	if rows := os.Getenv("ORDER_ROWS"); rows != "" {
		var err error
		if n, err = strconv.Atoi(rows); err != nil {
			t.Fatal(err)
		}
		repeats, bounds.neighbours, mixed = 3, 0.001, 0.05
	}
	src := database(t, Server(t), "prod", fmt.Sprintf(orderedTables, n, repeats))
	s := newSite(t, src, newDatabaseURL(t, Server(t), "staging")).rules(t, orderedRules)
	shuffled := []string{"narrow", "wide", "texts", "owned"}
	tables := append(slices.Clone(shuffled), "named", "stated")

	first := s.places(t, tables, 1, 1<<40, "test")
	again := s.places(t, tables, 1, 1<<40, "test")
	cut := s.places(t, tables, 2, 2<<20, "test")
	other := s.places(t, tables, 1, 1<<40, "elsewhere")
	for _, table := range shuffled {
		for _, c := range []struct {
			how    string
			places []int
			rho    float64
		}{{"one writer", first[table], bounds.rho}, {"two writers", cut[table], mixed}} {
			d := disorderOf(c.places)
			t.Logf("%s, %s: rho %.4f, neighbours kept %.4f %%", table, c.how, d.rho, 100*d.neighbours)
			if len(c.places) != n || math.Abs(d.rho) > c.rho || d.neighbours > bounds.neighbours+2/float64(n) {
				t.Errorf("%s, %s: %d rows, rho %.4f, %.4f %% of the neighbours are kept", table, c.how, len(c.places), d.rho, 100*d.neighbours)
			}
		}
		share := joined(first[table], other[table])
		t.Logf("%s: %.4f %% of the rows are joined by position", table, 100*share)
		if share > 0.001 {
			t.Errorf("%s: %.4f %% of the rows are at the same position in two environments", table, 100*share)
		}
		if !slices.Equal(first[table], again[table]) {
			t.Errorf("%s: the order differs between two refreshes with one key", table)
		}
	}
	for _, table := range []string{"named", "stated"} {
		if d := disorderOf(first[table]); d.rho != 1 {
			t.Errorf("%s: rho %.4f, want the source's order", table, d.rho)
		}
	}
}

// P1: in a table of long rows, the source's server puts the rows in random order. Masker shuffles only shorter rows, in its
// own memory.
func TestP1TheOrderOfLongRowsTellsNothing(t *testing.T) {
	t.Parallel()
	src := database(t, Server(t), "prod", `
CREATE TABLE files (id int PRIMARY KEY, place int NOT NULL, content text NOT NULL);
ALTER TABLE files ALTER content SET STORAGE EXTERNAL;
INSERT INTO files SELECT i, i, repeat('x', 300000) FROM generate_series(1, 300) i;`)
	s := newSite(t, src, newDatabaseURL(t, Server(t), "staging")).rules(t, `
revision: 1
tables:
  public.files: {keep: test, only: [place, content], columns: {id: {treat: token, range: [1, 2000000000]}}}
`)
	first := s.places(t, []string{"files"}, 1, 1<<40, "test")["files"]
	other := s.places(t, []string{"files"}, 1, 1<<40, "elsewhere")["files"]
	if d := disorderOf(first); len(first) != 300 || math.Abs(d.rho) > 0.2 || d.neighbours > 0.03 {
		t.Errorf("%d rows, rho %.4f, %.2f %% of the neighbours are kept", len(first), d.rho, 100*d.neighbours)
	}
	if share := joined(first, other); share > 0.03 {
		t.Errorf("%.2f %% of the rows are at the same position in two environments", 100*share)
	}
	if again := s.places(t, []string{"files"}, 1, 1<<40, "test")["files"]; !slices.Equal(first, again) {
		t.Error("the order differs between two refreshes with one key")
	}
}

// P1, P5: the rules keep a key whose values are in random order, such as a random UUID, and shift the dates. The rows
// of the target must not be in the order of time. Otherwise the mean of the neighbours' dates would tell the date of a
// row, and so the shift of its subject.
func TestP1P5TheOrderOfRowsTellsNoShiftedDate(t *testing.T) {
	t.Parallel()
	s := newSite(t, database(t, Server(t), "prod", `
CREATE TABLE people (id uuid PRIMARY KEY, place int NOT NULL, registered date NOT NULL);
INSERT INTO people SELECT md5(i::text)::uuid, i, date '2015-01-01' + i / 10 FROM generate_series(1, 20000) i`), newDatabaseURL(t, Server(t), "staging")).rules(t, `
revision: 1
tables:
  public.people: {subject: id, columns: {id: {keep: partners know it}, place: {keep: test}, registered: {treat: shift}}}
`)
	s.mustRefresh(t)
	found := ask(t, s.target, `WITH e AS (SELECT place, date '2000-01-01' + round(avg(registered - date '2000-01-01') OVER (ORDER BY ctid ROWS BETWEEN 300 PRECEDING AND 300 FOLLOWING))::int AS guess FROM people)
		SELECT round(100.0 * count(*) FILTER (WHERE abs(guess - (date '2015-01-01' + place / 10)) <= 30) / count(*))::int FROM e`)
	if percent, err := strconv.Atoi(found); err != nil || percent > 10 {
		t.Errorf("%s %% of the dates are found to within 30 days, by the order of the rows", found)
	}
}
