package integration

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring/keysource"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/ruleset/rulefile"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
)

// bigTable makes a table that is long enough for many extents of 64 kB.
const bigTable = `
CREATE TABLE big (id int PRIMARY KEY, given text, family text, email text, card text, born date, seen timestamptz, balance numeric(12,2), tags text[], doc jsonb);
INSERT INTO big SELECT i, 'Given' || i % 1000, 'Family' || i % 777, 'p' || i || '@corp.invalid', (4111111111110000 + i)::text, '1970-01-01'::date + i % 9000,
	'2020-01-01'::timestamptz + i * interval '1 minute', i * 1.01, ARRAY['t' || i % 7, NULL], jsonb_build_object('mail', 'p' || i || '@corp.invalid', 'theme', i % 3)
FROM generate_series(1, 20000) i;
DELETE FROM big WHERE id % 13 = 0;`

var bigTreatments = map[string]string{
	"given": "{class: given_name}", "family": "{class: family_name}", "email": "{class: email}", "card": "{treat: token}", "born": "{treat: shift}",
	"seen": "{treat: shift, days: 30}", "tags": "{treat: token}", "doc": `{json: {"$.mail": {class: email}, "$.theme": {keep: "test"}}}`,
}

// F4: the same snapshot, rules and key give the same rows with any number of workers, in both formats of COPY, and with
// any size of extents.
func TestResultsDependOnDataRulesAndKeyOnly(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := shapes(t, srv)
	do(t, src, bigTable)
	treatments := map[string]map[string]string{"public.big": bigTreatments}
	for name, columns := range shapeTreatments {
		treatments[name] = columns
	}
	s := newSite(t, src, newDatabaseURL(t, srv, "staging")).rules(t, keepBut(inspect(t, src), treatments))

	want := map[string]string{}
	for i, c := range []struct {
		workers int
		text    bool
		chunk   int64
	}{
		{1, false, 1 << 40},
		{1, false, 64 << 10},
		{1, true, 64 << 10},
		{2, false, 64 << 10},
		{8, false, 64 << 10},
		{8, true, 96 << 10},
	} {
		got, extents := s.build(t, c.workers, c.text, c.chunk, "test")
		if c.chunk < 1<<20 && extents < 20 {
			t.Fatalf("the biggest table was cut into %d extents, want at least 20", extents)
		}
		if i == 0 {
			want = got
			continue
		}
		for _, table := range sortedKeys(want) {
			if got[table] != want[table] {
				t.Errorf("%d workers, text %v, extents of %d bytes: %s differs from the result of one worker", c.workers, c.text, c.chunk, table)
			}
		}
	}
	other, _ := s.build(t, 2, false, 64<<10, "elsewhere")
	if other["public.big"] == want["public.big"] {
		t.Error("another environment has the same pseudonyms (C2), or the digests do not cover the rows")
	}
}

// build makes a shadow and discards it. It returns a digest of each table's sorted rows, and the number of extents of
// the table with most extents.
func (s *site) build(t *testing.T, workers int, text bool, chunk int64, environment string) (digests map[string]string, extents int) {
	t.Helper()
	s.withShadow(t, refresh.Options{Workers: workers, Text: text}, chunk, environment, func(_ *target.Postgres, shadow *target.Shadow, most int) {
		digests, extents = s.digests(t, inspect(t, s.source), shadow.Name()), most
		if err := shadow.Discard(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	return digests, extents
}

// withShadow calls the function use with a finished shadow. It calls the packages directly, because masker has no
// flags for these options. The third argument of the function is the number of extents of the table with most
// extents.
func (s *site) withShadow(t *testing.T, o refresh.Options, chunk int64, environment string, use func(*target.Postgres, *target.Shadow, int)) {
	t.Helper()
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	set, err := rulefile.Load([]string{filepath.Join(s.dir, "rules.yaml")})
	check(err)
	snapshot, err := source.Open(ctx, s.source, source.Options{})
	check(err)
	defer snapshot.Close()
	p, err := plan.Build(set, snapshot.Catalog(), "staging")
	check(err)
	flow := guard.Flow{Name: "nightly", Treats: true, From: guard.Environment{Name: "production", Kind: guard.Production}, To: guard.Environment{Name: environment, Kind: guard.Staging}}
	permit, err := guard.Allow(guard.Request{
		Flow: flow, Plan: p.Digest(), TargetKind: p.TargetKind, At: time.Now(),
		Evidence: guard.Evidence{Target: guard.Identity{Database: environment}},
	})
	check(err)
	ring, err := keysource.Load(filepath.Join(s.dir, "keys/default.key"))
	check(err)

	held, err := target.Open(ctx, s.target, target.Options{Proof: acceptAllMarks{}})
	check(err)
	defer held.Close()
	ddl, err := snapshot.Archive(ctx)
	check(err)
	s.builds++
	shadow, err := held.Create(ctx, sides.Shadow{Run: fmt.Sprintf("b%d", s.builds), Source: snapshot.Catalog(), Archive: ddl})
	check(err)
	counted := &counting{Postgres: snapshot}
	o.ExtentBytes = chunk
	o.Permit, o.Plan, o.Catalog, o.Snapshot, o.Shadow, o.Keys = permit, p, snapshot.Catalog(), counted, shadow, ring.For(environment)
	_, err = refresh.Run(ctx, o)
	check(err)
	use(held, shadow, counted.most)
}

// acceptAllMarks is a proof that accepts every mark, because these tests make databases without a ledger.
type acceptAllMarks struct{}

func (acceptAllMarks) Made(context.Context, sides.Database) (string, error)      { return "", nil }
func (acceptAllMarks) Replaced(context.Context, sides.Database) (string, error)  { return "", nil }
func (acceptAllMarks) Abandoned(context.Context, sides.Database) (string, error) { return "", nil }
func (acceptAllMarks) Template(context.Context, sides.Database) (string, error)  { return "", nil }

// counting is a snapshot. Its field most is the number of extents of the table with most extents.
type counting struct {
	*source.Postgres
	most int
}

func (c *counting) Cut(ctx context.Context, want []catalog.Want, s catalog.Sizes) (catalog.Cut, error) {
	cut, err := c.Postgres.Cut(ctx, want, s)
	for _, e := range cut.Extents {
		c.most = max(c.most, e.Of)
	}
	return cut, err
}

// digests hashes the sorted rows of every table. It reads partitions through their root. The two databases can hold a
// row in different partitions: for hash partitions on an enum, the OIDs of the database decide.
func (s *site) digests(t *testing.T, db *catalog.Database, database string) map[string]string {
	t.Helper()
	conn := connect(t, Server(t).url(database))
	defer conn.Close(context.Background()) // a database with a session cannot be dropped
	sums := map[string]string{}
	for _, tab := range db.Tables {
		if tab.PartitionOf != nil {
			continue
		}
		var columns, rows []string
		for _, c := range tab.Columns {
			columns = append(columns, c.Name)
		}
		for _, row := range readRows(t, conn, from(db, tab.Name), columns) {
			rows = append(rows, strings.Join(row, "\t"))
		}
		slices.Sort(rows)
		h := sha256.New()
		_, _ = io.WriteString(h, strings.Join(rows, "\n")) // writing to a hash cannot fail
		sums[tab.Name.String()] = hex.EncodeToString(h.Sum(nil))
	}
	return sums
}
