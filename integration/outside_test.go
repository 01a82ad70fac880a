package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
)

// outside makes a source with connections to other systems. Each connection has a credential, which is a canary.
const outside = `
CREATE EXTENSION postgres_fdw;
CREATE EXTENSION dblink;
CREATE SERVER erp FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host 'CANARY-fshost-51c2.invalid', dbname 'CANARY-fsdb-51c2');
CREATE USER MAPPING FOR PUBLIC SERVER erp OPTIONS (user 'CANARY-umuser-51c2', password 'CANARY-umpass-51c2');
CREATE SERVER here FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '%[1]s', port '%[2]s', dbname '%[3]s');
CREATE USER MAPPING FOR PUBLIC SERVER here OPTIONS (user '%[4]s', password '%[5]s');
CREATE FOREIGN TABLE remote (v text) SERVER here OPTIONS (schema_name 'public', table_name 'secret');
CREATE VIEW through AS SELECT * FROM remote;
CREATE MATERIALIZED VIEW reached AS SELECT v AS "Value" FROM through;
CREATE MATERIALIZED VIEW local AS SELECT count(*) AS n FROM kept;
CREATE PUBLICATION feed FOR ALL TABLES;
CREATE SUBSCRIPTION live CONNECTION 'host=CANARY-subhost-51c2.invalid password=CANARY-subpass-51c2' PUBLICATION p WITH (connect = false);
CREATE FUNCTION watch_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE EVENT TRIGGER watcher ON ddl_command_end EXECUTE FUNCTION watch_ddl();`

// L1: the credentials of a user mapping, a subscription and a foreign server are neither in the target nor in
// masker's output. A materialized view over a foreign table is empty in the target, and masker's output names the
// view.
func TestNoConnectionToProductionIsCopied(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, objects string }{
		{"dropped", "{large_objects: drop, foreign_servers: drop, foreign_tables: drop, event_triggers: drop}"},
		{"empty", "{large_objects: drop, foreign_servers: drop, foreign_tables: empty, event_triggers: drop}"},
		{"kept", `{large_objects: drop, foreign_servers: {keep: "test"}, foreign_tables: {keep: "test"}, event_triggers: {keep: "test"}}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			src := database(t, srv, "prod", `CREATE TABLE kept (id int PRIMARY KEY); INSERT INTO kept VALUES (1);
				CREATE TABLE secret (v text); INSERT INTO secret VALUES ('CANARY-row-51c2')`)
			password, _ := srv.base.User.Password()
			do(t, src, fmt.Sprintf(outside, srv.inside(), srv.insidePort(), databaseName(t, src), srv.base.User.Username(), password))
			t.Cleanup(func() { // a database with a subscription cannot be dropped
				for _, sql := range []string{"ALTER SUBSCRIPTION live SET (slot_name = NONE)", "DROP SUBSCRIPTION live"} {
					if err := execute(context.Background(), src, sql); err != nil {
						t.Error(err)
					}
				}
			})
			if ask(t, src, "SELECT * FROM reached") != "CANARY-row-51c2" {
				t.Fatal("the source's materialized view does not hold the row of the foreign table")
			}
			s := newSite(t, src, newDatabaseURL(t, srv, "staging")).rules(t, `
revision: 1
packs: [baseline]
tables:
  public.kept: {keep: numbers, only: [id]}
  public.secret: {columns: {v: {class: secret}}}
objects: `+c.objects+"\n")
			s.canaries = []string{"CANARY-", password}
			o := s.mustRefresh(t)

			arrived := Dump(t, databaseName(t, s.target))
			for _, found := range canariesIn([]byte(arrived), s.canaries) {
				t.Errorf("the target holds %s", found)
			}
			for _, never := range []string{"CREATE SUBSCRIPTION", "CREATE PUBLICATION", "CREATE USER MAPPING"} {
				if strings.Contains(arrived, never) {
					t.Errorf("the target has a %s", never)
				}
			}
			if got := ask(t, s.target, "SELECT count(*) FROM pg_matviews WHERE matviewname = 'local' AND ispopulated"); got != "1" {
				t.Error("a materialized view without a foreign table is not populated")
			}
			if c.name == "dropped" {
				return // the views over the foreign table are dropped too
			}
			if got := ask(t, s.target, "SELECT ispopulated FROM pg_matviews WHERE matviewname = 'reached'"); got != "f" {
				t.Errorf("the materialized view over a foreign table is populated: %s", got)
			}
			if !strings.Contains(o.stdout+o.stderr, "public.reached") {
				t.Errorf("the output does not name the empty materialized view: %v", o)
			}
		})
	}
}
