package postgres_test

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/verify/postgres"
)

// planted has the word canary in every place of a definition.
const planted = `CREATE SCHEMA canary_schema; COMMENT ON SCHEMA canary_schema IS 'canary'; COMMENT ON SCHEMA public IS 'canary';
	CREATE TYPE mood AS ENUM ('fine', 'canary');
	CREATE DOMAIN short AS text DEFAULT 'canary domain' CHECK (VALUE <> 'canary check');
	CREATE TABLE t (id int PRIMARY KEY, canary_column text DEFAULT 'canary default', at int DEFAULT 1, b text GENERATED ALWAYS AS (canary_column || 'canary generated') STORED,
		CONSTRAINT no_canary CHECK (canary_column <> 'canary'));
	ALTER TABLE t ADD missing text DEFAULT 'canary fast default';
	COMMENT ON COLUMN t.at IS 'canary'; COMMENT ON TABLE t IS 'canary'; COMMENT ON CONSTRAINT no_canary ON t IS 'canary';
	CREATE INDEX i ON t ((canary_column || 'canary index')) WHERE canary_column <> 'canary predicate';
	CREATE STATISTICS st ON (canary_column || 'canary statistics') FROM t;
	CREATE VIEW v AS SELECT 'canary' AS x; CREATE MATERIALIZED VIEW mv AS SELECT 'canary' AS x;
	CREATE FUNCTION f(a text DEFAULT 'canary argument') RETURNS text LANGUAGE sql BEGIN ATOMIC SELECT 'canary body'; END;
	CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql SET search_path = canary_path AS $$ BEGIN RETURN 'canary'; END $$;
	CREATE TRIGGER tr BEFORE UPDATE ON t FOR EACH ROW WHEN (OLD.canary_column <> 'canary when') EXECUTE FUNCTION g('canary argument');
	CREATE RULE r AS ON DELETE TO t DO ALSO SELECT 'canary rule';
	CREATE POLICY p ON t USING (canary_column = 'canary using') WITH CHECK (canary_column = 'canary with');
	CREATE TABLE parts (k text) PARTITION BY LIST ((k || 'canary key')); CREATE TABLE part PARTITION OF parts FOR VALUES IN ('canary bound');
	CREATE FOREIGN DATA WRAPPER w OPTIONS (o 'canary'); CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (host 'canary');
	CREATE FOREIGN TABLE ft (a text OPTIONS (o 'canary')) SERVER s OPTIONS (o 'canary');
	CREATE AGGREGATE ag(text) (SFUNC = textcat, STYPE = text, INITCOND = 'canary');
	CREATE PUBLICATION canary_publication; CREATE TEXT SEARCH DICTIONARY di (TEMPLATE = simple, accept = false);
	COMMENT ON TEXT SEARCH DICTIONARY di IS 'canary'; CREATE EVENT TRIGGER ev ON ddl_command_end WHEN TAG IN ('CREATE CAST') EXECUTE FUNCTION e();
	CREATE TYPE pair AS (a text, canary_field int); SELECT lo_create(77); COMMENT ON LARGE OBJECT 77 IS 'canary'`

func TestV7EveryDefinitionIsRead(t *testing.T) {
	create(t, "planted", "", `CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; `+planted)
	sql(t, "planted", `INSERT INTO t (id, canary_column) SELECT g, 'value canary' FROM generate_series(1, 50) g`, `ANALYZE t`, `DELETE FROM t`,
		`COMMENT ON DATABASE planted IS 'canary'`, `ALTER DATABASE planted SET search_path = canary`)
	got := texts(t, open(t, "planted", postgres.Options{}), "canary")
	for _, want := range []string{
		"pg_namespace.nspname: schema canary_schema", "pg_description.description: schema canary_schema", "pg_description.description: schema public",
		"pg_enum.enumlabel: type public.mood", "pg_type.typdefault: type public.short", "pg_type.typdefaultbin: type public.short",
		"pg_constraint.conbin: constraint short_check", "pg_attribute.attname: column canary_column of table public.t",
		"pg_attrdef.adbin: default value for column canary_column of table public.t", "pg_attrdef.adbin: default value for column b of table public.t",
		"pg_attribute.attmissingval: column missing of table public.t", "pg_constraint.conbin: constraint no_canary on table public.t",
		"pg_constraint.conname: constraint no_canary on table public.t", "pg_description.description: column at of table public.t",
		"pg_description.description: table public.t", "pg_description.description: constraint no_canary on table public.t",
		"pg_index.indexprs: index public.i", "pg_index.indpred: index public.i", "pg_statistic_ext.stxexprs: statistics object public.st",
		"pg_rewrite.ev_action: rule _RETURN on view public.v", "pg_rewrite.ev_action: rule _RETURN on materialized view public.mv",
		"pg_proc.proargdefaults: function public.f(text)", "pg_proc.prosqlbody: function public.f(text)", "pg_proc.prosrc: function public.g()",
		"pg_proc.proconfig: function public.g()", "pg_trigger.tgqual: trigger tr on table public.t", "pg_rewrite.ev_action: rule r on table public.t",
		"pg_policy.polqual: policy p on table public.t", "pg_policy.polwithcheck: policy p on table public.t",
		"pg_partitioned_table.partexprs: table public.parts", "pg_class.relpartbound: table public.part",
		"pg_foreign_data_wrapper.fdwoptions: foreign-data wrapper w", "pg_foreign_server.srvoptions: server s",
		"pg_foreign_table.ftoptions: foreign table public.ft", "pg_attribute.attfdwoptions: column a of foreign table public.ft",
		"pg_aggregate.agginitval: function public.ag(text)", "pg_publication.pubname: publication canary_publication",
		"pg_description.description: text search dictionary public.di", "pg_attribute.attname: column canary_field of composite type public.pair",
		"pg_description.description: large object 77", "pg_shdescription.description: database planted",
		"pg_db_role_setting.setconfig: database planted", "pg_stats: statistics of public.t.canary_column",
	} {
		if !got[want] {
			t.Errorf("not found: %s", want)
		}
	}
}

// The columns of a table can be empty when the server still has statistics of several columns together, or of an
// expression.
func TestStatisticsOfSeveralColumnsAreRead(t *testing.T) {
	create(t, "together", "", `CREATE TABLE t (a text, b text, c text); CREATE STATISTICS st (mcv) ON b, a, (lower(c)) FROM t; CREATE STATISTICS one ON (upper(c)) FROM t;
		CREATE INDEX spaced ON t ((c || ' '))`)
	sql(t, "together", `INSERT INTO t SELECT 'robin', 'canary', 'Owl' FROM generate_series(1, 50) g`, `ANALYZE t`, `DELETE FROM t`,
		`ALTER TABLE t ALTER a SET STATISTICS 0, ALTER b SET STATISTICS 0, ALTER c SET STATISTICS 0`)
	for word, want := range map[string]string{
		"robin": "pg_stats: statistics of public.t.a", "canary": "pg_stats: statistics of public.t.b", "owl": "pg_stats: statistics of statistics object st on public.t",
		"OWL": "pg_stats: statistics of statistics object one on public.t", "Owl ": "pg_stats: statistics of index spaced on public.t",
	} {
		if got := texts(t, open(t, "together", postgres.Options{}), word); !got[want] {
			t.Errorf("%s: found %v", word, got)
		}
	}
}

func TestNumbersOfSequencesAreRead(t *testing.T) {
	create(t, "numbers", "", `CREATE SEQUENCE s INCREMENT 4930111111 MINVALUE 4930222222 START 4930333333 MAXVALUE 94930444444 CACHE 4930555555;
		CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY); SELECT setval('t_id_seq', 4930666666)`)
	d := open(t, "numbers", postgres.Options{})
	for number, want := range map[string]string{
		"4930111111": "pg_sequence.seqincrement: sequence public.s", "4930222222": "pg_sequence.seqmin: sequence public.s", "4930333333": "pg_sequence.seqstart: sequence public.s",
		"94930444444": "pg_sequence.seqmax: sequence public.s", "4930555555": "pg_sequence.seqcache: sequence public.s", "4930666666": "pg_sequence.last_value: sequence public.t_id_seq",
	} {
		if got := texts(t, d, number); !got[want] || len(got) != 1 {
			t.Errorf("%s: found %v", number, got)
		}
	}
}

func TestADatabaseWithoutObjectsHasNoTextsOfItsOwn(t *testing.T) {
	sql(t, "postgres", `CREATE DATABASE bare`)
	for kind := range texts(t, open(t, "bare", postgres.Options{}), "") {
		if kind != "pg_description.description: schema public" && kind != "pg_extension.extname: extension plpgsql" { // initdb makes these objects after PostgreSQL's own objects
			t.Errorf("%s is not of this database", kind)
		}
	}
}

// A later version of the server can have more columns with expressions.
func TestEveryColumnWithAnExpressionIsRead(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), server.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	rows, err := conn.Query(t.Context(), `SELECT c.relname || '.' || a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
		WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.atttypid = 'pg_node_tree'::regtype`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(columns) < 10 {
		t.Fatalf("got %v, %v", columns, err)
	}
	for _, c := range columns {
		if c != "pg_rewrite.ev_qual" && !postgres.ReadsExpression(c) { // pg_get_ruledef has the condition of a rule too
			t.Errorf("%s is not read", c)
		}
	}
}
