package source_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/source"
)

// ownTable makes the provenance table of a target, as pkg/target does.
const ownTable = `CREATE SCHEMA masker; GRANT USAGE ON SCHEMA masker TO PUBLIC;
	CREATE TABLE masker.provenance (step int PRIMARY KEY, run text NOT NULL, inclusion text NOT NULL, "at" timestamptz NOT NULL);
	COMMENT ON TABLE masker.provenance IS 'masker: provenance; and more';
	GRANT SELECT ON masker.provenance TO PUBLIC;
	INSERT INTO masker.provenance VALUES (2, 'second', '{}', '2026-01-02'), (1, 'first', '{"line":"x"}', '2026-01-01');`

// A6: if a source is itself a target, its catalog, locks, rows and schema do not include the provenance.
func TestA6ProvenanceIsNoPartOfTheDatabase(t *testing.T) {
	admin, _ := database(t, "own_plain", ownTable+`CREATE TABLE public.t (a int); CREATE SCHEMA empty`)
	run(t, admin, `CREATE ROLE own_reader LOGIN PASSWORD 'pw'; GRANT SELECT ON public.t TO own_reader; REVOKE SELECT ON masker.provenance FROM PUBLIC`)
	p := open(t, server.URLFor("own_reader", "pw", "own_plain"), source.Options{}) // this role may not read the provenance, and does not need it
	if got := p.Catalog(); len(got.Tables) != 1 || strings.Join(got.Schemas, " ") != "empty public" {
		t.Errorf("schemas %q, tables %d", got.Schemas, len(got.Tables))
	}
	if _, extents := collect(t, p, wants(p.Catalog()), catalog.Sizes{Workers: 2}); len(extents) != 1 {
		t.Errorf("got %d extents", len(extents))
	}
	dumped(t, p, "empty t", "masker provenance")
}

func TestA6AUsersOwnSchemaOfThatNameIsMoved(t *testing.T) {
	_, url := database(t, "own_shared", ownTable+`CREATE TABLE masker.theirs (a int)`)
	p := open(t, url, source.Options{})
	if got := p.Catalog(); len(got.Tables) != 1 || got.Tables[0].Name != (catalog.Name{Schema: "masker", Name: "theirs"}) || strings.Join(got.Schemas, " ") != "masker public" {
		t.Errorf("schemas %q, tables %d", got.Schemas, len(got.Tables))
	}
	dumped(t, p, "masker theirs", "provenance")
}

func TestA6AFunctionKeepsTheSchema(t *testing.T) {
	_, url := database(t, "own_function", ownTable+`CREATE FUNCTION masker.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
	p := open(t, url, source.Options{})
	if got := strings.Join(p.Catalog().Schemas, " "); got != "masker public" {
		t.Errorf("got %q", got)
	}
	dumped(t, p, "masker f()", "provenance")
}

// dumped checks that the archive of pg_dump has an entry for each name in the argument with, and none for the names
// in the argument without.
func dumped(t *testing.T, p *source.Postgres, with, without string) {
	t.Helper()
	a, err := p.Archive(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string]bool{}
	for _, e := range a.Entries {
		tags[e.Tag] = true
		if strings.Contains(e.Defn, "provenance") {
			t.Errorf("%s %s: %s", e.Desc, e.Tag, e.Defn)
		}
	}
	for _, name := range strings.Fields(with) {
		if !tags[name] {
			t.Errorf("%s is not in the dump", name)
		}
	}
	for _, name := range strings.Fields(without) {
		if tags[name] {
			t.Errorf("%s is in the dump", name)
		}
	}
}

// A6: masker refuses a source that has an object with the name of the provenance table, if masker did not make this
// object.
func TestA6AForeignTableOfThatNameIsRefused(t *testing.T) {
	for name, sql := range map[string]string{
		"uncommented": `CREATE TABLE masker.provenance (a int)`,
		"commented":   `CREATE TABLE masker.provenance (a int); COMMENT ON TABLE masker.provenance IS 'ours'`,
		"view":        `CREATE VIEW masker.provenance AS SELECT 1; COMMENT ON VIEW masker.provenance IS 'masker: provenance'`,
		"domain":      `CREATE DOMAIN masker.provenance AS int`,
		"partition": `CREATE TABLE public.whole (a int) PARTITION BY LIST (a); CREATE TABLE masker.provenance PARTITION OF public.whole DEFAULT;
			COMMENT ON TABLE masker.provenance IS 'masker: provenance'`,
	} {
		t.Run(name, func(t *testing.T) {
			_, url := database(t, "foreign_"+name, `CREATE SCHEMA masker; `+sql)
			_, inspect := source.Inspect(t.Context(), url)
			_, read := source.ReadProvenance(t.Context(), url)
			p, snapshot := source.Open(t.Context(), url, source.Options{})
			if p != nil {
				p.Close()
			}
			for _, err := range []error{inspect, read, snapshot} {
				var refused *sides.RefusedError
				if !errors.As(err, &refused) || !strings.Contains(err.Error(), "masker.provenance") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestA6ProvenanceIsRead(t *testing.T) {
	admin, _ := database(t, "own_read", ownTable+`CREATE TABLE public.t (a int); CREATE ROLE own_nobody LOGIN PASSWORD 'pw'`)
	nobody := server.URLFor("own_nobody", "pw", "own_read")
	run(t, admin, `COMMENT ON DATABASE own_read IS E'the team''s\nmasker: {"state":"published","target":"own_read","run":"second","at":"2026-01-02T00:00:00Z"}'`)
	run(t, admin, `GRANT SELECT ON public.t TO own_nobody`)
	direct, err := source.ReadProvenance(t.Context(), nobody)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := open(t, nobody, source.Options{}).Provenance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range []provenance.Claim{direct, snapshot} {
		if len(got.Steps) != 2 || got.Steps[0].Run != "first" || got.Steps[0].Inclusion != `{"line":"x"}` || got.Steps[1].At.Day() != 2 ||
			got.Database != "own_read" || got.SystemID == "" || got.Mark == nil || got.Mark.Run != "second" {
			t.Errorf("got %+v", got)
		}
	}
	for _, c := range []struct{ sql, want string }{
		{`REVOKE SELECT ON masker.provenance FROM PUBLIC`, "GRANT"},
		{`GRANT SELECT ON masker.provenance TO PUBLIC; INSERT INTO masker.provenance SELECT g, '', '', now() FROM generate_series(10, 1100) g`, "more than"},
		{`DELETE FROM masker.provenance WHERE step > 2; INSERT INTO masker.provenance SELECT g, '', repeat('x', 7000000), now() FROM generate_series(10, 20) g`, "more than"},
		{`DELETE FROM masker.provenance WHERE step > 2; INSERT INTO masker.provenance SELECT 3, repeat('x', 70000000), '', now()`, "more than"},
		{`ALTER TABLE masker.provenance ADD COLUMN more text`, "columns"},
	} {
		run(t, admin, c.sql)
		_, err := source.ReadProvenance(t.Context(), nobody)
		var refused *sides.RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("after %s: got %v", c.sql, err)
		}
	}
}

func TestA6NoProvenanceIsNoError(t *testing.T) {
	_, url := database(t, "own_none", `CREATE TABLE t (a int)`)
	got, err := source.ReadProvenance(t.Context(), url)
	if err != nil || got.Steps != nil || got.Mark != nil || got.Database != "own_none" {
		t.Errorf("got %+v, %v", got, err)
	}
}

// A6: a query fails on the session that holds the snapshot. This does not end the run.
func TestA6AFailedLookDoesNotEndTheSnapshot(t *testing.T) {
	admin, url := database(t, "own_locked", ownTable+`CREATE TABLE public.t (a int)`)
	p := open(t, url, source.Options{})
	run(t, admin, `BEGIN; LOCK TABLE masker.provenance`)
	if _, err := p.Provenance(t.Context()); pgsession.Code(err) != "55P03" {
		t.Errorf("got %v", err)
	}
	if _, extents := collect(t, p, wants(p.Catalog()), catalog.Sizes{Workers: 1}); len(extents) != 1 {
		t.Errorf("got %d extents", len(extents))
	}
}

// The owner of a database can replace the provenance table by a view while masker waits for a lock on the table. A view
// runs functions as the role that reads it, so masker does not read it.
func TestA6NoViewIsReadInPlaceOfTheProvenance(t *testing.T) {
	admin, url := database(t, "own_view", ownTable+`CREATE FUNCTION public.mine() RETURNS text LANGUAGE plpgsql AS 'BEGIN RAISE SQLSTATE ''ZZ001''; END'`)
	run(t, admin, `BEGIN`)
	run(t, admin, `ALTER TABLE masker.provenance RENAME TO other`)
	run(t, admin, `CREATE VIEW masker.provenance AS SELECT step, public.mine() AS run, public.mine() AS inclusion, "at" FROM masker.other`)
	done := make(chan error)
	go func() {
		_, err := source.ReadProvenance(t.Context(), url)
		done <- err
	}()
	watcher, _ := database(t, "own_watcher", "")
	for waits := false; !waits; {
		if err := watcher.QueryRow(t.Context(), `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = 'own_view' AND wait_event_type = 'Lock')`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
	}
	run(t, admin, `COMMIT`)
	if err := <-done; err == nil || pgsession.Code(err) == "ZZ001" {
		t.Errorf("got %v", err)
	}
}
