package target_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
)

// carried makes a database with settings, grants and default privileges.
func carried(t *testing.T) {
	t.Helper()
	sql(t, "postgres", "CREATE ROLE carry_owner CREATEDB", "CREATE ROLE carry_reader", `CREATE ROLE "carry Role"`,
		"CREATE DATABASE carry OWNER carry_owner CONNECTION LIMIT 7",
		"COMMENT ON DATABASE carry IS 'the team''s staging'",
		"REVOKE ALL ON DATABASE carry FROM PUBLIC", `GRANT CONNECT ON DATABASE carry TO carry_reader WITH GRANT OPTION`,
		`ALTER DATABASE carry SET search_path = "$user", "we ird, x", public`, "ALTER DATABASE carry SET work_mem = '5MB'",
		"ALTER DATABASE carry SET default_transaction_read_only = on", `ALTER ROLE "carry Role" IN DATABASE carry SET app.x = 'a, "b" TO c'`)
	conn := connect(t, server.URL("carry"))
	if _, err := conn.Exec(t.Context(), "SET default_transaction_read_only = off"); err != nil {
		t.Fatal(err)
	}
	_, err := conn.Exec(t.Context(), `SET search_path = public;
		CREATE TABLE a (id int, b text); CREATE TABLE gone (x int); CREATE SEQUENCE s; CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
		CREATE TYPE e AS ENUM ('x'); CREATE SCHEMA app;
		GRANT SELECT ON a, gone TO carry_reader; GRANT UPDATE (b) ON a TO "carry Role" WITH GRANT OPTION; GRANT USAGE ON SEQUENCE s TO carry_reader;
		REVOKE EXECUTE ON FUNCTION f FROM PUBLIC; GRANT EXECUTE ON FUNCTION f TO carry_reader; REVOKE USAGE ON TYPE e FROM PUBLIC;
		GRANT USAGE ON SCHEMA app TO carry_reader; GRANT CREATE ON SCHEMA public TO carry_reader;
		ALTER DEFAULT PRIVILEGES FOR ROLE carry_owner IN SCHEMA app GRANT SELECT ON TABLES TO carry_reader;
		ALTER DEFAULT PRIVILEGES FOR ROLE carry_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;`)
	if err != nil {
		t.Fatal(err)
	}
}

// carriedSource has objects of many kinds, each of which has an owner.
const carriedSource = `CREATE SCHEMA app; CREATE TABLE a (id serial, b text); CREATE SEQUENCE s; CREATE TYPE e AS ENUM ('x', 'y');
		CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE AGGREGATE agg(*) (sfunc = int8inc, stype = int8, initcond = '0');
		CREATE EXTENSION citext; CREATE DOMAIN d AS int; CREATE TYPE c AS (x int); CREATE OPERATOR CLASS oc FOR TYPE int4 USING btree FAMILY integer_ops AS STORAGE int4;
		CREATE STATISTICS st ON id, b FROM a; CREATE MATERIALIZED VIEW m AS SELECT 1 AS x; CREATE VIEW v AS SELECT 1 AS x; CREATE COLLATION col FROM "C";`

func TestTheNewDatabaseKeepsPrivilegesAndSettings(t *testing.T) {
	carried(t)
	create(t, "carry_src", carriedSource)
	before, acls := one[string](t, "postgres", settingsOf), aclsOf(t, "carry")
	adopt := one[string](t, "postgres", "SELECT system_identifier::text FROM pg_control_system()") + "/carry"
	if _, err := target.Open(t.Context(), server.URL("carry"), target.Options{}); !errors.Is(err, sides.ErrRefused) || !strings.Contains(err.Error(), `adopt: "`+adopt+`"`) {
		t.Fatalf("a database nobody adopted: %v", err)
	}
	p := open(t, server.URL("carry"), target.Options{Adopt: adopt, KeepPrevious: 1})
	s, err := p.Create(t.Context(), spec(t, "carry_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	fill(t, s, "carry_src", spec(t, "carry_src", "run1").Source)
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	runHooks(t, s)
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := one[string](t, "postgres", settingsOf); after != before {
		t.Errorf("settings\n--- after\n%s\n--- before\n%s", after, before)
	}
	if got := aclsOf(t, "carry"); got != acls {
		t.Errorf("grants\n--- got\n%s\n--- want\n%s", got, acls)
	}
	allBelongToTheOwner(t)
	if !slices.Equal(s.Notes(), []string{"grant not carried over: TABLE public.gone"}) {
		t.Errorf("notes %q, want one on the table that is gone", s.Notes())
	}
	p.Close()

	// A second refresh needs no adoption, and only one previous database is kept.
	p = open(t, server.URL("carry"), target.Options{KeepPrevious: 1})
	if p.Published() != "run1" || s.Previous() != "carry_previous_run1" {
		t.Errorf("published by %q, previous %q", p.Published(), s.Previous())
	}
	refresh(t, p, "carry_src", spec(t, "carry_src", "run2"))
	if after := one[string](t, "postgres", settingsOf); after != before {
		t.Errorf("settings after the second\n%s\nbefore\n%s", after, before)
	}
	if _, err := p.Prune(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := one[string](t, "postgres", "SELECT string_agg(datname, ' ' ORDER BY datname) FROM pg_database WHERE datname LIKE 'carry%' AND datname <> 'carry_src'"); got != "carry carry_previous_run2" {
		t.Errorf("databases left: %s", got)
	}
}

// runHooks runs a hook that fails and a hook that works. The error of the first must not quote a value.
func runHooks(t *testing.T, s *target.Shadow) {
	t.Helper()
	if err := s.Hooks(t.Context(), []sides.Hook{{Name: "sql/bad.sql", SQL: "SELECT 'canary'::int"}}); err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), "sql/bad.sql") {
		t.Fatalf("a broken hook: %v", err)
	}
	if err := s.Hooks(t.Context(), []sides.Hook{{Name: "sql/ok.sql", SQL: "CREATE TABLE hooked (x int); INSERT INTO hooked VALUES (1)"}}); err != nil {
		t.Fatal(err)
	}
}

// allBelongToTheOwner checks that every object belongs to the owner of the database.
func allBelongToTheOwner(t *testing.T) {
	t.Helper()
	foreign := one[int](t, "carry", `SELECT count(*) FROM pg_class c WHERE relowner <> 'carry_owner'::regrole AND oid >= 16384 AND relkind <> 't' AND relkind <> 'i' AND relnamespace <> 'pg_toast'::regnamespace`) +
		one[int](t, "carry", `SELECT count(*) FROM pg_proc p WHERE proowner <> 'carry_owner'::regrole AND oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND deptype = 'e')`) +
		one[int](t, "carry", `SELECT count(*) FROM pg_opclass p WHERE opcowner <> 'carry_owner'::regrole AND oid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND deptype = 'e')`) +
		one[int](t, "carry", `SELECT count(*) FROM pg_type t WHERE typowner <> 'carry_owner'::regrole AND oid >= 16384 AND typname IN ('c', 'd', 'e', '_e')`)
	if foreign != 0 {
		t.Errorf("%d objects do not belong to the database's owner", foreign)
	}
}

const settingsOf = `SELECT concat_ws(E'\n', pg_get_userbyid(datdba), datconnlimit, (SELECT string_agg(a::text, ',' ORDER BY a::text) FROM unnest(datacl) a), split_part(shobj_description(d.oid, 'pg_database'), E'}\n', 2) || CASE WHEN shobj_description(d.oid, 'pg_database') LIKE '%masker:%' THEN '' ELSE shobj_description(d.oid, 'pg_database') END,
	(SELECT string_agg(setrole::regrole::text || setconfig::text, E'\n' ORDER BY setrole::regrole::text) FROM pg_db_role_setting WHERE setdatabase = d.oid)) FROM pg_database d WHERE datname = 'carry'`

// aclsOf lists the privileges on relations, columns, functions, types and two schemas, and the default privileges. It
// leaves out the privileges of the owners.
func aclsOf(t *testing.T, db string) string {
	return one[string](t, db, `SELECT string_agg(x, E'\n' ORDER BY x) FROM (
		SELECT relname || coalesce('.' || attname, '') || ' ' || grantee || privilege_type || is_grantable AS x FROM (
			SELECT relname::text, NULL::text AS attname, a.* FROM pg_class, aclexplode(relacl) a WHERE oid >= 16384
			UNION ALL SELECT relname, attname, a.* FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl) a WHERE attrelid >= 16384
			UNION ALL SELECT proname, NULL, a.* FROM pg_proc p, aclexplode(proacl) a WHERE p.oid >= 16384
			UNION ALL SELECT typname, NULL, a.* FROM pg_type t, aclexplode(typacl) a WHERE t.oid >= 16384
			UNION ALL SELECT nspname, NULL, a.* FROM pg_namespace, aclexplode(nspacl) a WHERE nspname IN ('app', 'public')
			UNION ALL SELECT 'default ' || defaclnamespace::regnamespace || defaclobjtype::text, NULL, a.* FROM pg_default_acl, aclexplode(defaclacl) a) l
		WHERE grantee::regrole::text NOT IN ('postgres', 'carry_owner') AND relname <> 'gone') y`)
}

func TestReadersSeeTheOldOrTheNewDatabase(t *testing.T) {
	create(t, "poll_src", "CREATE TABLE a (run int); CREATE TABLE b (run int)")
	publish := func(run int) {
		p := open(t, server.URL("poll"), target.Options{})
		defer p.Close()
		s, err := p.Create(t.Context(), spec(t, "poll_src", fmt.Sprint("run", run)))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Finish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := s.Hooks(t.Context(), []sides.Hook{{Name: "x", SQL: fmt.Sprintf("INSERT INTO a VALUES (%d); INSERT INTO b VALUES (%d)", run, run)}}); err != nil {
			t.Fatal(err)
		}
		if err := s.Publish(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Prune(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	publish(1)
	ctx, stop := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() { poll(ctx, t) })
	}
	for run := 2; run <= 4; run++ {
		publish(run)
	}
	stop()
	wg.Wait()
	if n := one[int](t, "postgres", "SELECT count(*) FROM pg_database WHERE datname LIKE 'poll\\_%' AND datname <> 'poll_src'"); n != 0 {
		t.Errorf("%d databases left over", n)
	}
}

// poll runs queries like an application, and connects again if necessary. The test fails if an answer mixes two
// databases or is older than the answer before. It also fails if a query returns an error that publishing cannot cause.
func poll(ctx context.Context, t *testing.T) {
	var conn *pgx.Conn
	last := 0
	for ctx.Err() == nil {
		var err error
		if conn == nil || conn.IsClosed() {
			conn, err = pgx.Connect(ctx, server.URL("poll"))
		}
		var a, b int
		if err == nil {
			err = conn.QueryRow(ctx, "SELECT (SELECT run FROM a), (SELECT run FROM b)").Scan(&a, &b)
		}
		switch {
		case err == nil && (a != b || a < last):
			t.Errorf("read a = %d and b = %d after %d", a, b, last)
		case err == nil:
			last = a
		case ctx.Err() == nil && !explained(err):
			t.Errorf("a reader's error: %v", err)
		}
	}
	if conn != nil {
		conn.Close(context.Background())
	}
}

func explained(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == "57P01" || pg.Code == "3D000"
	}
	return true // the connection was reset
}

func TestAReaderOfAnExistingDatabaseLooksSwapped(t *testing.T) {
	sql(t, "postgres", "CREATE ROLE reader LOGIN PASSWORD 'reader'", "CREATE DATABASE swapped_src")
	for database, want := range map[string]string{
		"swapped_src": "the urls of source and target look swapped: correct them",
		"swapped_new": "cannot create databases; ALTER ROLE reader CREATEDB",
	} {
		_, err := target.Open(t.Context(), server.URLFor("reader", "reader", database), target.Options{})
		if !errors.Is(err, sides.ErrRefused) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", database, err, want)
		}
	}
}

func TestARoleWithFewPrivilegesRefreshes(t *testing.T) {
	sql(t, "postgres", "CREATE ROLE small LOGIN CREATEDB PASSWORD 'small'", "GRANT pg_signal_backend TO small")
	create(t, "small_src", `CREATE EXTENSION citext; CREATE TABLE t (id serial PRIMARY KEY, e citext); CREATE VIEW v AS SELECT * FROM t; INSERT INTO t (e) VALUES ('x'); COMMENT ON SCHEMA public IS 'ours'`)
	url := server.URLFor("small", "small", "small")
	for run := range 2 {
		p := open(t, url, target.Options{})
		refresh(t, p, "small_src", spec(t, "small_src", fmt.Sprint("run", run)))
		p.Close()
	}
	p := open(t, url, target.Options{})
	s, err := p.Create(t.Context(), spec(t, "small_src", "run3"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	admin := connect(t, server.URL("small")) // a superuser's session, which this role may not end
	if err := s.Publish(t.Context()); err == nil || !strings.Contains(err.Error(), "superuser") {
		t.Fatalf("publishing over a superuser's session: %v", err)
	}
	var e string
	if err := admin.QueryRow(t.Context(), "SELECT e FROM t").Scan(&e); err != nil || e != "x" {
		t.Fatalf("the target is not as it was: %q, %v", e, err)
	}
	admin.Close(t.Context())
	if err := s.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}

	sql(t, "postgres", `CREATE EXTENSION IF NOT EXISTS citext`)
	create(t, "small_src2", "CREATE EXTENSION postgres_fdw; CREATE VIEW v AS SELECT * FROM postgres_fdw_get_connections()")
	if _, err := p.Create(t.Context(), spec(t, "small_src2", "run4")); err == nil || !strings.Contains(err.Error(), "postgres_fdw") {
		t.Fatalf("an extension for superusers only: %v", err)
	}
	sql(t, "small_src2", "DROP VIEW v")
	if s, err = p.Create(t.Context(), spec(t, "small_src2", "run5")); err != nil {
		t.Fatal(err)
	}
	if len(s.Notes()) != 1 || !strings.Contains(s.Notes()[0], "extension postgres_fdw left out") {
		t.Errorf("notes: %v", s.Notes())
	}
	if err := s.Discard(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestAVisitorInTheShadowIsAskedToLeave(t *testing.T) {
	create(t, "visit_src", "CREATE TABLE t (a int)")
	p := open(t, server.URL("visit"), target.Options{Patience: shortPatience})
	s, err := p.Create(t.Context(), spec(t, "visit_src", "run1"))
	if err != nil {
		t.Fatal(err)
	}
	connect(t, server.URL(s.Name()))
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func TestOneRefreshHoldsATarget(t *testing.T) {
	p := open(t, server.URL("busy"), target.Options{})
	_, err := target.Open(t.Context(), server.URL("busy"), target.Options{})
	holder := one[string](t, "postgres", `SELECT format('process %s of role %s, application "masker maintenance", from %s, since %s', a.pid, a.usename, host(a.client_addr),
		to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')) FROM pg_locks JOIN pg_stat_activity a USING (pid) WHERE locktype = 'advisory'`)
	if !errors.Is(err, sides.ErrBusy) || !strings.Contains(err.Error(), holder) {
		t.Fatalf("the second: %v, want %s", err, holder)
	}
	open(t, server.URL("not_busy"), target.Options{})
	watched := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	go func() { watched <- p.Watch(ctx) }()
	sql(t, "postgres", "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid()")
	if err := <-watched; !errors.Is(err, sides.ErrLockLost) {
		t.Errorf("a lost lock: %v", err)
	}
}

func TestRecoveryDropsOrphansOfItsOwnAndNothingElse(t *testing.T) {
	create(t, "orphan_src", "CREATE TABLE t (a int)")
	p := open(t, server.URL("orphan"), target.Options{})
	for _, run := range []string{"dead1", "alive"} {
		if _, err := p.Create(t.Context(), spec(t, "orphan_src", run)); err != nil {
			t.Fatal(err)
		}
	}
	other := open(t, server.URL("orphan_masker"), target.Options{})
	if _, err := other.Create(t.Context(), spec(t, "orphan_src", "dead1")); err != nil {
		t.Fatal(err)
	}
	sql(t, "postgres",
		"CREATE DATABASE orphan_masker_dead2 ALLOW_CONNECTIONS false", // as after a run that ended before it wrote the mark
		"CREATE DATABASE orphan_masker_dead3",                         // takes connections, so masker did not make it
		"CREATE DATABASE orphan_masker_backup ALLOW_CONNECTIONS false",
		"CREATE DATABASE orphan_old", "CREATE DATABASE orphan_previous_dead1",
		"CREATE DATABASE orphan_masker_dead4", "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'orphan_masker_dead4'")
	cleared, err := p.Recover(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"orphan_masker_dead1", "orphan_masker_dead2", "orphan_masker_dead4"}; !slices.Equal(cleared.Dropped, want) {
		t.Errorf("dropped %q, want %q", cleared.Dropped, want)
	}
	if len(cleared.Left) != 1 || !strings.Contains(cleared.Left[0], "orphan_masker_alive") {
		t.Errorf("left %q", cleared.Left)
	}
	if n := one[int](t, "postgres", "SELECT count(*) FROM pg_database WHERE datname ~ '^orphan_(masker_(alive|dead3|backup|masker_dead1)|old|previous_dead1)$'"); n != 6 {
		t.Errorf("%d of the 6 others are left", n)
	}
}

func TestSourceAndTargetAreNotTheSame(t *testing.T) {
	create(t, "same", "")
	adopt := one[string](t, "postgres", "SELECT system_identifier::text FROM pg_control_system()") + "/same"
	p := open(t, server.URL("same"), target.Options{Adopt: adopt})
	sp := spec(t, "same", "run1")
	if _, err := p.Create(t.Context(), sp); !errors.Is(err, sides.ErrRefused) {
		t.Errorf("source = target: %v", err)
	}
	newer := *sp.Source
	newer.Name, newer.Version = "x", 990000
	if err := p.Check(t.Context(), &newer, sides.Decisions{}, nil); !errors.Is(err, sides.ErrRefused) {
		t.Errorf("a newer source: %v", err)
	}
	newer.Version, newer.Extensions = 150000, []catalog.Extension{{Name: "no_such_extension", Needed: true}}
	if err := p.Check(t.Context(), &newer, sides.Decisions{}, nil); err == nil || !strings.Contains(err.Error(), "no_such_extension") {
		t.Errorf("an extension that is not to be had: %v", err)
	}
	if err := p.Check(t.Context(), &newer, sides.Decisions{DropExtensions: []string{"no_such_extension"}}, nil); err != nil {
		t.Errorf("a dropped extension: %v", err)
	}
}

// The server ends while the transaction commits. Nobody knows whether it was committed, and the error says so, although
// the session that ends other sessions fails too.
func TestPublishTellsThatACommitIsUnknown(t *testing.T) {
	create(t, "lost_src", "CREATE TABLE t (a int)")
	other, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := other.Stop(); err != nil {
			t.Error(err)
		}
	})
	p := open(t, other.URL("lost"), target.Options{})
	refresh(t, p, "lost_src", spec(t, "lost_src", "run1"))
	p.Close()
	p = open(t, other.URL("lost"), target.Options{Fault: func(point string) {
		if point == "before-commit" {
			other.Kill()
		}
	}})
	s, err := p.Create(t.Context(), spec(t, "lost_src", "run2"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Finish(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Publish(t.Context()); !errors.Is(err, sides.ErrUnknown) {
		t.Errorf("publishing: %v", err)
	}
}
