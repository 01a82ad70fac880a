package integration

import (
	"fmt"
	"strings"
	"testing"
)

// startsProgram makes the function pure, which is declared immutable but starts a program. It calls the volatile
// function start, which starts the program. The program makes a file in the server's folder. The name of the file
// contains the name of the database. Test images have few programs, and cat is one of them.
const startsProgram = `CREATE FUNCTION start() RETURNS text LANGUAGE plpgsql AS $$
	BEGIN EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'cat > ran_' || current_database()); RETURN 'x'; END $$;
	CREATE FUNCTION pure(a text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$ BEGIN RETURN public.start(); END $$;`

// programsStarted counts the programs that startsProgram started for a target, in the target or in a shadow of it.
func programsStarted(t *testing.T, srv *server, target string) string {
	t.Helper()
	return ask(t, srv.url("postgres"), "SELECT count(*) FROM pg_ls_dir('.') f WHERE starts_with(f, 'ran_"+databaseName(t, target)+"')")
}

// F6: four kinds of definitions can start programs on the target's machine while masker builds the shadow as a
// superuser. Masker refuses such definitions unless the flow allows them. If masker's role on the target is not a
// superuser, no setting is necessary.
func TestF6CodeOfTheSourceRunsAsNoSuperuser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ sql, rule, named string }{
		"check":             {"CREATE TABLE t (a text); INSERT INTO t VALUES ('v'); ALTER TABLE t ADD CONSTRAINT c CHECK (pure(a) = 'x')", "a: {keep: x}", "table public.t (calls pure"},
		"generated column":  {"CREATE TABLE t (a text, b text GENERATED ALWAYS AS (pure(a)) STORED); INSERT INTO t VALUES ('v')", "a: {keep: x}", "table public.t (calls pure"},
		"index":             {"CREATE TABLE t (a text); INSERT INTO t VALUES ('v'); CREATE INDEX i ON t (pure(a))", "a: {keep: x}", "index public.i (calls pure"},
		"materialized view": {"CREATE TABLE t (a text); INSERT INTO t VALUES ('v'); CREATE MATERIALIZED VIEW m AS SELECT pure(a) FROM t", "a: {keep: x}", "materialized view public.m (calls pure"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			src, dst := database(t, srv, "runs_src", startsProgram+c.sql), newDatabaseURL(t, srv, "runs_dst")
			s := newSite(t, src, dst).rules(t, "revision: 1\ntables: {public.t: {columns: {"+c.rule+"}}}\n")
			for _, o := range []outcome{s.masker(t, "check"), s.refresh(t)} {
				o.want(t, exitRefused, "the target's role is a superuser", c.named, "role that is no superuser", "objects: leave_out", "allow: [superuser-target]")
			}
			if n := programsStarted(t, srv, dst); n != "0" {
				t.Fatalf("%s programs were started", n)
			}
			s.superuser = true
			s.mustRefresh(t)
			if n := programsStarted(t, srv, dst); n == "0" {
				t.Error("no program was started, so this test shows nothing")
			}
			if o := s.masker(t, "ledger", "show", "--format", "json"); !strings.Contains(o.stdout, "superuser-target") {
				t.Errorf("the ledger has no waiver: %s", o)
			}
			plain := newDatabaseURL(t, srv, "plain_dst")
			s = newSite(t, src, as(t, plain, role(t, srv, "writer", "CREATEDB IN ROLE pg_signal_backend", plain))).rules(t, "revision: 1\ntables: {public.t: {columns: {"+c.rule+"}}}\n")
			if o := s.masker(t, "check"); o.code != exitDone {
				t.Errorf("a role that is no superuser: %s", o)
			}
			for _, may := range []string{"pg_execute_server_program", "pg_write_server_files", "pg_read_server_files"} {
				s.target = as(t, plain, role(t, srv, may, "CREATEDB IN ROLE pg_signal_backend, "+may, plain))
				s.masker(t, "check").want(t, exitRefused, "may start programs", c.named)
			}
		})
	}
}

// F6: reaching definitions whose code does not run while masker builds the shadow need no setting. These are defaults,
// triggers, functions, and objects that the rules leave out.
func TestF6WhatDoesNotRunIsNotRefused(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "runs_src", startsProgram+`
		CREATE TABLE t (id int PRIMARY KEY, a text DEFAULT public.pure('x'));
		INSERT INTO t VALUES (1, 'v');
		CREATE FUNCTION fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM public.start(); RETURN NEW; END $$;
		CREATE TRIGGER fires BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION fire();
		CREATE VIEW v AS SELECT pure(a) FROM t;
		CREATE INDEX i ON t (pure(a)); ALTER TABLE t ADD CONSTRAINT c CHECK (pure(a) = 'x')`), newDatabaseURL(t, srv, "runs_dst")
	const rules = "revision: %d\ntables: {public.t: {keep: x, only: [id, a]}}\nobjects: {leave_out: {public.i: x, public.t.c: x}}\n"
	s := newSite(t, src, dst).rules(t, fmt.Sprintf(rules, 1))
	s.mustRefresh(t)
	if n := programsStarted(t, srv, dst); n != "0" {
		t.Errorf("%s programs were started", n)
	}
	s.write(t, "hook.sql", "UPDATE t SET a = 'w'", 0o600)
	s.rules(t, fmt.Sprintf(rules, 2)+"hooks: {before_publish: [hook.sql]}\n")
	s.refresh(t).want(t, exitRefused, "hook hook.sql (", "writes to t")
}

// F6: masker copies an ordinary schema as a superuser without any setting.
func TestF6AnOrdinarySchemaNeedsNoSetting(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := sample(t, "pagila"), newDatabaseURL(t, srv, "staging")
	s := newSite(t, src, dst).rules(t, keepAll(inspect(t, src)))
	if o := s.masker(t, "check"); o.code != exitDone {
		t.Errorf("%s", o)
	}
}
