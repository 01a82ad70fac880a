package source_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/source"
)

// L7: Writes finds each privilege that lets a role write. It looks at the role itself and at the roles that it can
// become.
func TestL7WhatASourceRoleCouldWrite(t *testing.T) {
	admin, _ := database(t, "rights_db", `CREATE SCHEMA shop; CREATE TABLE shop.orders (id serial PRIMARY KEY, who text);
		CREATE VIEW shop.seen AS SELECT who FROM shop.orders;
		CREATE FUNCTION shop.wipe() RETURNS void LANGUAGE sql SECURITY DEFINER AS 'DELETE FROM shop.orders';
		REVOKE EXECUTE ON FUNCTION shop.wipe() FROM PUBLIC;
		REVOKE CREATE ON SCHEMA public FROM PUBLIC; -- PostgreSQL 14 grants it to everybody
		SELECT lo_create(4711)`)
	for name, c := range map[string]struct{ grant, want string }{
		"reader":        {"", ""},
		"superuser":     {"ALTER ROLE %r SUPERUSER", "it is a superuser"},
		"createrole":    {"ALTER ROLE %r CREATEROLE", "CREATEROLE"},
		"createdb":      {"ALTER ROLE %r CREATEDB", "CREATEDB"},
		"writealldata":  {"GRANT pg_write_all_data TO %r", "pg_write_all_data"},
		"insert":        {"GRANT INSERT ON shop.orders TO %r", "INSERT on shop.orders"},
		"several":       {"GRANT UPDATE, DELETE ON shop.orders TO %r", "UPDATE, DELETE on shop.orders"},
		"truncate":      {"GRANT TRUNCATE ON shop.orders TO %r", "TRUNCATE on shop.orders"},
		"trigger":       {"GRANT TRIGGER ON shop.orders TO %r", "TRIGGER on shop.orders"},
		"column":        {"GRANT UPDATE (who) ON shop.orders TO %r", "UPDATE on shop.orders"},
		"view":          {"GRANT INSERT ON shop.seen TO %r", "INSERT on shop.seen"},
		"sequence":      {"GRANT USAGE ON SEQUENCE shop.orders_id_seq TO %r", "nextval on sequence shop.orders_id_seq"},
		"schema":        {"GRANT CREATE ON SCHEMA shop TO %r", "CREATE on schema shop"},
		"database":      {"GRANT CREATE ON DATABASE rights_db TO %r", "CREATE on database rights_db"},
		"largeobject":   {"GRANT UPDATE ON LARGE OBJECT 4711 TO %r", "UPDATE on large object 4711"},
		"definer":       {"GRANT EXECUTE ON FUNCTION shop.wipe() TO %r", "EXECUTE on shop.wipe(), which runs with its owner's rights"},
		"tableowner":    {"CREATE TABLE shop.mine (a int); ALTER TABLE shop.mine OWNER TO %r", "owner of table shop.mine"},
		"schemaowner":   {"CREATE SCHEMA theirs AUTHORIZATION %r", "owner of schema theirs"},
		"functionowner": {"CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER FUNCTION shop.f() OWNER TO %r", "owner of function shop.f()"},
		"becomes":       {"CREATE ROLE w_%r; GRANT DELETE ON shop.orders TO w_%r; GRANT USAGE ON SCHEMA shop TO w_%r; ALTER ROLE %r NOINHERIT; GRANT w_%r TO %r", "DELETE on shop.orders"},
		"becomessuper":  {"CREATE ROLE s_%r SUPERUSER; ALTER ROLE %r NOINHERIT; GRANT s_%r TO %r", "it can become the superuser s_rights_becomessuper"},
	} {
		t.Run(name, func(t *testing.T) {
			role := "rights_" + name
			run(t, admin, "CREATE ROLE "+role+" LOGIN PASSWORD 'pw' IN ROLE pg_read_all_data; GRANT USAGE ON SCHEMA shop TO "+role+"; GRANT SELECT ON ALL TABLES IN SCHEMA shop TO "+role+"; GRANT SELECT ON ALL SEQUENCES IN SCHEMA shop TO "+role+";"+strings.ReplaceAll(c.grant, "%r", role))
			url := server.URLFor(role, "pw", "rights_db")
			got, err := source.Writes(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			switch {
			case c.want == "" && got != nil:
				t.Errorf("the role can read only, and is said to write: %q", got)
			case c.want != "" && !slices.Contains(got, c.want):
				t.Errorf("got %q, want %q among it", got, c.want)
			}
			snapshot, err := open(t, url, source.Options{}).Writes(t.Context())
			if err != nil || !slices.Equal(snapshot, got) {
				t.Errorf("the snapshot says %q, %v", snapshot, err)
			}
		})
	}
}

// L7: the owner of a database can write, even if the database is empty.
func TestL7TheOwnerOfTheDatabaseCanWrite(t *testing.T) {
	admin := dial(t, server.URL("postgres"))
	run(t, admin, "CREATE ROLE rights_dba LOGIN PASSWORD 'pw'")
	run(t, admin, "CREATE DATABASE rights_owned OWNER rights_dba")
	got, err := source.Writes(t.Context(), server.URLFor("rights_dba", "pw", "rights_owned"))
	if err != nil || !slices.Contains(got, "owner of database rights_owned") {
		t.Errorf("got %q, %v", got, err)
	}
}

// L7: the target's credentials can read the source only if the source accepts both the name and the password.
func TestL7WhetherTheTargetsCredentialsReadTheSource(t *testing.T) {
	admin, _ := database(t, "readable", `CREATE TABLE public.people (name text); CREATE EXTENSION pg_stat_statements;
		CREATE ROLE readable_select LOGIN PASSWORD 'pw'; GRANT SELECT ON public.people TO readable_select;
		CREATE ROLE readable_column LOGIN PASSWORD 'pw'; GRANT SELECT (name) ON public.people TO readable_column;
		CREATE ROLE readable_member LOGIN NOINHERIT PASSWORD 'pw' IN ROLE readable_select;
		CREATE ROLE readable_all LOGIN PASSWORD 'pw' IN ROLE pg_read_all_data;
		CREATE ROLE readable_super LOGIN PASSWORD 'pw' SUPERUSER;
		CREATE ROLE readable_walsender LOGIN PASSWORD 'pw' REPLICATION;
		CREATE ROLE readable_nothing LOGIN PASSWORD 'pw';
		CREATE ROLE readable_expired LOGIN PASSWORD 'pw' VALID UNTIL '2001-01-01' IN ROLE pg_read_all_data;
		CREATE ROLE readable_nologin NOLOGIN PASSWORD 'pw' IN ROLE pg_read_all_data;
		CREATE ROLE readable_reader LOGIN PASSWORD 'pw' IN ROLE pg_read_all_data`)
	run(t, admin, "CREATE DATABASE readable_closed")
	run(t, admin, "REVOKE CONNECT ON DATABASE readable_closed FROM PUBLIC; GRANT CONNECT ON DATABASE readable_closed TO readable_reader")
	for name, c := range map[string]struct {
		user, password, source, want string
	}{
		"select":          {"readable_select", "pw", "", "it has SELECT on public.people"},
		"column":          {"readable_column", "pw", "", "it has SELECT on public.people"},
		"member":          {"readable_member", "pw", "", "it has SELECT on public.people"},
		"all data":        {"readable_all", "pw", "", "it is a member of pg_read_all_data there"},
		"superuser":       {"readable_super", "pw", "", "it is, or can become, a superuser there"},
		"replication":     {"readable_walsender", "pw", "", "it has REPLICATION there"},
		"no right":        {"readable_nothing", "pw", "", ""},
		"other password":  {"readable_all", "of the target alone", "", ""},
		"expired":         {"readable_expired", "pw", "", ""},
		"may not log in":  {"readable_nologin", "pw", "", ""},
		"no such role":    {"readable_of_staging", "pw", "", ""},
		"may not connect": {"readable_all", "pw", "readable_closed", ""},
	} {
		t.Run(name, func(t *testing.T) {
			src := server.URLFor("readable_reader", "pw", "readable")
			if c.source != "" {
				src = server.URLFor("readable_reader", "pw", c.source)
			}
			yes, how, err := source.Readable(t.Context(), src, server.URLFor(c.user, c.password, "elsewhere"))
			if err != nil || yes != (c.want != "") || how != c.want {
				t.Errorf("got %v, %q, %v; want %q", yes, how, err, c.want)
			}
		})
	}
}

// L7: if the server neither accepts nor refuses the credentials, that is an error. The error does not show the
// credentials.
func TestL7CredentialsWithoutAnAnswerAreAnError(t *testing.T) {
	database(t, "unanswered", `CREATE ROLE unanswered_reader LOGIN PASSWORD 'pw' IN ROLE pg_read_all_data;
		CREATE ROLE unanswered_target LOGIN PASSWORD 'canary' IN ROLE pg_read_all_data CONNECTION LIMIT 0`)
	yes, _, err := source.Readable(t.Context(), server.URLFor("unanswered_reader", "pw", "unanswered"), server.URLFor("unanswered_target", "canary", "x"))
	if yes || err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %v, %v", yes, err)
	}
}
