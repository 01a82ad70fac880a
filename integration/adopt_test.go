package integration

import (
	"strings"
	"testing"
)

// Masker replaces a staging database that it did not make, if adopt: names the database. The new database gets the
// owner, settings, grants and connection limit of the old one, not those of production. The old database is kept, and
// the next refresh drops it.
func TestAdoptedStagingKeepsItsUsers(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "prod", small)
	dst := database(t, srv, "staging", "CREATE TABLE person (id int, name text, email text, old int); CREATE TABLE own_table (id int)")
	app, owner := role(t, srv, "app", ""), role(t, srv, "owner", "", dst)
	name := databaseName(t, dst)
	do(t, srv.url("postgres"), strings.NewReplacer("DB", name, "APP", app, "BOSS", owner).Replace(
		"ALTER DATABASE DB OWNER TO BOSS; ALTER DATABASE DB SET work_mem = '7MB'; ALTER ROLE APP IN DATABASE DB SET statement_timeout = '7s'; "+
			"REVOKE ALL ON DATABASE DB FROM PUBLIC; GRANT CONNECT ON DATABASE DB TO APP; ALTER DATABASE DB CONNECTION LIMIT 77; COMMENT ON DATABASE DB IS 'team blue''s staging'"))
	do(t, dst, "GRANT SELECT (id, name), INSERT ON person TO "+app)
	s := newSite(t, src, dst).rules(t, smallRules)
	s.canaries = []string{"CANARY-"}
	s.refresh(t).want(t, exitRefused, "masker did not make it", "adopt:")

	s.adopt = ask(t, dst, "SELECT system_identifier || '/' || current_database() FROM pg_control_system()")
	o := s.mustRefresh(t)
	facts := func() string {
		return ask(t, srv.url("postgres"), "SELECT pg_get_userbyid(datdba), datconnlimit, has_database_privilege('"+app+"', oid, 'CONNECT'), datacl::text LIKE '%=%c/%' AND datacl::text LIKE '{=%', "+
			"(SELECT string_agg(setconfig::text, ' ' ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid), shobj_description(oid, 'pg_database') LIKE '%team blue%' FROM pg_database d WHERE datname = '"+name+"'")
	}
	want := owner + "|77|t|f|{work_mem=7MB} {statement_timeout=7s}|t"
	if got := facts(); got != want {
		t.Errorf("the new database has %s, want %s", got, want)
	}
	if got := ask(t, as(t, dst, app), "SELECT count(id), count(name) FROM person"); got != "50|50" {
		t.Errorf("the application reads %s", got)
	}
	if got := ask(t, dst, "SELECT has_table_privilege('"+app+"', 'person', 'DELETE'), tableowner FROM pg_tables WHERE tablename = 'person'"); got != "f|"+owner {
		t.Errorf("grants and owner of the table: %s", got)
	}
	previous := siblings(t, srv, dst)
	if len(previous) != 1 || !strings.Contains(o.stdout, previous[0]) {
		t.Errorf("the old database is kept as %v, but the summary does not say so: %v", previous, o)
	}

	s.adopt = "" // masker has made the database now
	s.mustRefresh(t)
	if got := facts(); got != want {
		t.Errorf("after the second refresh the database has %s, want %s", got, want)
	}
	if again := siblings(t, srv, dst); len(again) != 1 || again[0] == previous[0] {
		t.Errorf("kept are %v, want one database other than %v", again, previous)
	}
}

// The setting roles: maps a role of production to a role of staging. A row security policy of the target names the
// role of staging.
func TestPoliciesFollowTheRolesMap(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "prod", small)
	from, to := role(t, srv, "prod_app", ""), role(t, srv, "staging_app", "")
	do(t, src, "ALTER TABLE person ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON person TO "+from+" USING (id <= 10)")
	t.Cleanup(func() { dropAll(t, srv, databaseName(t, src)) }) // drop the databases before the roles
	dst := newDatabaseURL(t, srv, "staging")
	t.Cleanup(func() { dropAll(t, srv, databaseName(t, dst)) })
	s := newSite(t, src, dst).rules(t, smallRules)
	s.canaries = []string{"CANARY-"}
	s.roles = "[{from: " + from + ", to: " + to + "}]"
	s.mustRefresh(t)
	do(t, dst, "GRANT SELECT ON person TO "+to)
	if got := ask(t, as(t, dst, to), "SELECT count(*) FROM person"); got != "10" {
		t.Errorf("the policy's role sees %s rows, want 10", got)
	}
}

// A hook adds an account before the shadow is published. If a hook fails, staging stays as it was.
func TestHooksRunBeforePublishing(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	s.write(t, "sql/accounts.sql", "INSERT INTO person VALUES (1001, 'Test Account', 'test@example.com');", 0o600)
	s.rules(t, smallRules+"hooks: {before_publish: [sql/accounts.sql]}\n")
	s.mustRefresh(t)
	if got := ask(t, s.target, "SELECT email FROM person WHERE id = 1001"); got != "test@example.com" {
		t.Errorf("the hook's account has %s", got)
	}
	s.write(t, "sql/accounts.sql", "INSERT INTO person VALUES (1, 'CANARY-in-a-hook', NULL);", 0o600)
	s.canaries = []string{"CANARY-name", "CANARY-mail"}
	s.refresh(t).want(t, exitFailed, "accounts.sql", "23505")
	if got := ask(t, s.target, "SELECT count(*) FROM person"); got != "51" {
		t.Errorf("staging has %s rows", got)
	}
}
