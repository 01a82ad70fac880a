package source_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/source"
)

// figured makes tables of several kinds: with and without indexes, with long values, partitioned, inherited, with row
// security, and never analyzed. The figures of these tables differ.
const figured = `
	CREATE TABLE plain (id int PRIMARY KEY, gone text, note text, part bool, often text);
	INSERT INTO plain SELECT i, 'x', CASE WHEN i % 4 = 0 THEN NULL ELSE 'n' || i END, i % 3 = 0, 'same' FROM generate_series(1, 3000) i;
	ALTER TABLE plain DROP gone;
	CREATE INDEX ON plain (lower(note));
	CREATE SCHEMA "other one";
	CREATE TABLE "other one".plain (id int, note text);
	INSERT INTO "other one".plain SELECT 5000 - i, repeat('y', 5000) FROM generate_series(1, 50) i;
	CREATE TABLE parted (id int, at int) PARTITION BY RANGE (id);
	CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (100);
	INSERT INTO parted SELECT i, i % 7 FROM generate_series(0, 99) i;
	CREATE TABLE parent (id int);
	INSERT INTO parent SELECT i FROM generate_series(1, 100) i;
	CREATE TABLE child (more int) INHERITS (parent);
	INSERT INTO child SELECT i, i % 3 FROM generate_series(1, 400) i;
	CREATE TABLE policed (id int, note text);
	INSERT INTO policed SELECT i, 'p' FROM generate_series(1, 100) i;
	ALTER TABLE policed ENABLE ROW LEVEL SECURITY;
	CREATE TABLE never (id int)`

// looked returns the catalog that a look at the source sees, and the number of sessions that are then open.
func looked(t *testing.T, url string, o source.Options) (*catalog.Database, int) {
	t.Helper()
	o.Look, o.Partial = true, true
	p := open(t, url, o)
	if o.Archive {
		if _, err := p.Archive(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	var sessions int
	admin := dial(t, server.URL("postgres"))
	err := admin.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND application_name LIKE 'masker source%'`, p.Catalog().Name).Scan(&sessions)
	if err != nil {
		t.Fatal(err)
	}
	return p.Catalog(), sessions
}

// same fails the test if two catalogs differ, also in their figures.
func same(t *testing.T, got, want *catalog.Database, about string) {
	t.Helper()
	if got.Fingerprint() != want.Fingerprint() {
		t.Errorf("%s: the fingerprints differ", about)
	}
	for i, table := range want.Tables {
		if other := got.Tables[i]; !reflect.DeepEqual(other, table) {
			t.Errorf("%s: %s is\n%+v, want\n%+v", about, table.Name, *other, *table)
		}
	}
}

// A look reads figures on a session of their own. It must see what one session sees.
func TestALookSeesWhatOneSessionSees(t *testing.T) {
	noLeaks(t)
	conn, url := database(t, "looked", figured)
	run(t, conn, "VACUUM ANALYZE plain, \"other one\".plain, parted, parent, child, policed")
	want, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	got, _ := looked(t, url, source.Options{})
	same(t, got, want, "look")
	withDump, _ := looked(t, url, source.Options{Archive: true})
	same(t, withDump, want, "look beside pg_dump")
	note := want.Table(catalog.Name{Schema: "public", Name: "plain"}).Column("note").Stats
	if !note.Known || note.Nulls < 0.2 || note.Nulls > 0.3 {
		t.Errorf("a quarter of the notes are NULL, and the statistics say %+v", note)
	}
}

// A role may have few connections. A look then reads everything on one session, and pg_dump still gets its session.
func TestALookNeedsFewSessions(t *testing.T) {
	conn, url := database(t, "fewsessions", figured)
	run(t, conn, "VACUUM ANALYZE")
	want, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		limit   int
		archive bool
		most    int
	}{{2, false, 2}, {3, false, 3}, {3, true, 3}, {4, true, 4}} {
		t.Run(fmt.Sprint(c.limit, c.archive), func(t *testing.T) {
			role := fmt.Sprintf("few_%d_%v", c.limit, c.archive)
			run(t, conn, fmt.Sprintf("CREATE ROLE %s LOGIN BYPASSRLS PASSWORD 'pw' CONNECTION LIMIT %d IN ROLE pg_read_all_data", role, c.limit))
			got, sessions := looked(t, server.URLFor(role, "pw", "fewsessions"), source.Options{Archive: c.archive})
			same(t, got, want, role)
			if sessions > c.most {
				t.Errorf("%d sessions are open, want at most %d", sessions, c.most)
			}
		})
	}
}

// A role that may read everything gets the statistics from pg_statistic, and any other role from pg_stats. Both say the
// same about what the role may read.
func TestStatisticsDoNotDependOnTheWay(t *testing.T) {
	conn, url := database(t, "statsways", figured)
	run(t, conn, "VACUUM ANALYZE")
	run(t, conn, `
		CREATE ROLE stats_all LOGIN PASSWORD 'pw' IN ROLE pg_read_all_data;
		CREATE ROLE stats_some LOGIN PASSWORD 'pw';
		GRANT USAGE ON SCHEMA "other one" TO stats_some;
		GRANT SELECT ON ALL TABLES IN SCHEMA public, "other one" TO stats_some;
		CREATE ROLE stats_few LOGIN PASSWORD 'pw';
		GRANT SELECT (id) ON plain TO stats_few`)
	all, err := source.Inspect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	for role, sees := range map[string]func(table catalog.Name, column string) bool{
		"stats_all":  func(table catalog.Name, _ string) bool { return table.Name != "policed" },
		"stats_some": func(table catalog.Name, _ string) bool { return table.Name != "policed" },
		"stats_few": func(table catalog.Name, column string) bool {
			return table.String() == "public.plain" && column == "id"
		},
	} {
		d, err := source.Inspect(t.Context(), server.URLFor(role, "pw", "statsways"))
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range all.Tables {
			for _, c := range table.Columns {
				want := c.Stats
				if !sees(table.Name, c.Name) {
					want = catalog.Statistics{}
				}
				if got := d.Table(table.Name).Column(c.Name).Stats; got != want {
					t.Errorf("%s sees %+v of %s, want %+v", role, got, table.Name.Column(c.Name), want)
				}
			}
		}
	}
	if !all.Table(catalog.Name{Schema: "public", Name: "policed"}).Columns[0].Stats.Known {
		t.Error("a superuser does not see the statistics of a table with row security")
	}
}

// If the figures cannot be read, the look fails, and leaves no session behind.
func TestALookWithoutFiguresLeavesNothing(t *testing.T) {
	noLeaks(t)
	conn, url := database(t, "nofigures", figured)
	run(t, conn, "BEGIN; LOCK TABLE pg_statistic IN ACCESS EXCLUSIVE MODE")
	ctx, stop := context.WithCancel(t.Context())
	failed := make(chan error, 1)
	go func() {
		p, err := source.Open(ctx, url, source.Options{Look: true, Archive: true})
		if p != nil {
			p.Close()
		}
		failed <- err
	}()
	admin := dial(t, server.URL("postgres"))
	until(t, admin, `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'nofigures' AND application_name LIKE 'masker source%' AND wait_event_type = 'Lock')`)
	stop()
	if err := <-failed; err == nil {
		t.Error("the look opened, although its context ended")
	}
	run(t, conn, "ROLLBACK")
	until(t, admin, `SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'nofigures' AND application_name LIKE 'masker%')`)
}
