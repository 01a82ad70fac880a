package integration

import (
	"fmt"
	"strings"
	"testing"
)

// closure selects a subset in the plainest way: it follows each foreign key of each selected row until no row is new.
// The column demands marks roots and rows that a rule for children brought. Only these rows bring children. A foreign
// key of one partition counts for all partitions. The table selected is temporary, because other tests use the same
// database.
const closure = `
CREATE TEMP TABLE selected (leaf oid, tid tid, demands bool, PRIMARY KEY (leaf, tid));
INSERT INTO selected SELECT tableoid, ctid, true FROM %s;
DO $$
DECLARE
	key record;
	before bigint;
	brought bigint;
BEGIN
	FOR demanded IN 0..1 LOOP -- first the children of rows that demand them, then the parents of all rows
		LOOP
			SELECT count(*) INTO before FROM selected;
			FOR key IN
				SELECT DISTINCT coalesce(pg_partition_root(conrelid), conrelid)::regclass AS child, confrelid::regclass AS parent, string_agg(format('c.%%I = p.%%I', ca.attname, pa.attname), ' AND ') AS condition
				FROM pg_constraint, unnest(conkey, confkey) AS k (c, p)
				JOIN pg_attribute ca ON ca.attnum = k.c JOIN pg_attribute pa ON pa.attnum = k.p
				WHERE contype = 'f' AND conparentid = 0 AND ca.attrelid = conrelid AND pa.attrelid = confrelid
				GROUP BY pg_constraint.oid, conrelid, confrelid
			LOOP
				IF demanded = 0 THEN
					EXECUTE format('INSERT INTO selected SELECT c.tableoid, c.ctid, true FROM %%s c JOIN %%s p ON %%s JOIN selected s ON s.leaf = p.tableoid AND s.tid = p.ctid
						WHERE s.demands ON CONFLICT DO NOTHING', key.child, key.parent, key.condition);
				ELSE
					EXECUTE format('INSERT INTO selected SELECT DISTINCT p.tableoid, p.ctid, false FROM %%s c JOIN %%s p ON %%s JOIN selected s ON s.leaf = c.tableoid AND s.tid = c.ctid
						ON CONFLICT DO NOTHING', key.child, key.parent, key.condition);
				END IF;
			END LOOP;
			SELECT count(*) INTO brought FROM selected;
			EXIT WHEN brought = before;
		END LOOP;
	END LOOP;
END $$;`

// closureCounts returns the number of selected rows of each table that holds rows.
const closureCounts = `SELECT c.oid::regclass || ' ' || count(s.tid) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
LEFT JOIN selected s ON s.leaf = c.oid
WHERE relkind = 'r' AND nspname <> 'information_schema' AND nspname NOT LIKE 'pg\_%' GROUP BY c.oid ORDER BY 1`

// rowCounts returns the number of rows of each table that holds rows.
const rowCounts = `SELECT c.oid::regclass || ' ' || (xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', c.oid::regclass), false, true, '')))[1]
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind = 'r' AND nspname NOT IN ('pg_catalog', 'information_schema', 'masker') ORDER BY 1`

// cycles has three cycles that share tables, two references of a table to itself, and a foreign key of two columns that
// are not the primary key.
const cycles = `
CREATE TABLE a (id int PRIMARY KEY, tenant int, code text, b int, boss int, mentor int, UNIQUE (tenant, code));
CREATE TABLE b (id int PRIMARY KEY, c int, a int);
CREATE TABLE c (id int PRIMARY KEY, a int, b int, tenant int, code text);
CREATE TABLE d (id int PRIMARY KEY, c int);
INSERT INTO a SELECT i, i % 7, 'code ' || i, hashint4(i) & 511, hashint4(i + 1000) & 511, CASE WHEN i % 3 = 0 THEN hashint4(i + 2000) & 511 END FROM generate_series(0, 511) i;
INSERT INTO b SELECT i, CASE WHEN i % 5 = 0 THEN hashint4(i + 3000) & 511 END, CASE WHEN i % 4 = 0 THEN hashint4(i + 4000) & 511 END FROM generate_series(0, 511) i;
INSERT INTO c SELECT i, CASE WHEN i % 6 = 0 THEN hashint4(i + 5000) & 511 END, CASE WHEN i % 7 = 0 THEN hashint4(i + 6000) & 511 END, i % 7, 'code ' || i FROM generate_series(0, 511) i;
INSERT INTO d SELECT i, hashint4(i + 7000) & 511 FROM generate_series(0, 2047) i;
ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE, ADD FOREIGN KEY (boss) REFERENCES a, ADD FOREIGN KEY (mentor) REFERENCES a;
ALTER TABLE b ADD FOREIGN KEY (c) REFERENCES c, ADD FOREIGN KEY (a) REFERENCES a;
ALTER TABLE c ADD FOREIGN KEY (a) REFERENCES a, ADD FOREIGN KEY (b) REFERENCES b, ADD FOREIGN KEY (tenant, code) REFERENCES a (tenant, code);
ALTER TABLE d ADD FOREIGN KEY (c) REFERENCES c;`

const cyclesRules = `
revision: 1
tables:
  public.a: {keep: measured, only: [id, tenant, code, b, boss, mentor]}
  public.b: {keep: measured, only: [id, c, a]}
  public.c: {keep: measured, only: [id, a, b, tenant, code]}
  public.d: {keep: measured, only: [id, c]}
`

// A subset has the rows that its roots demand, and no other row. The test selects the rows in plain SQL, and compares
// the numbers of rows. The subset is also closed, because PostgreSQL has checked its foreign keys. So both selections
// are the same.
func TestSubsetsAreMinimal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ table, where, children string }{
		"pagila":         {"public.film", "film_id < 20", `{table: "*"}`},
		"adventureworks": {"sales.salesorderheader", "salesorderid between 43700 and 43999", `{table: "*"}`},
		"parents":        {"public.d", "id = 9", ""},
		"cycles":         {"public.d", "id in (3, 700, 1999)", `{table: "*"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dst := newDatabaseURL(t, Server(t), "staging")
			var s *site
			if samples[name] != nil {
				s = newSite(t, sample(t, name), dst)
				s.rulesFrom(t, name+"/rules.yaml")
			} else {
				s = newSite(t, database(t, Server(t), "prod", cycles), dst).rules(t, cyclesRules)
			}
			s.flow["subset"] = fmt.Sprintf(`{roots: [{table: %s, where: %q}], children: [%s]}`, c.table, c.where, c.children)
			s.mustRefresh(t)
			plain := fmt.Sprintf(closure, c.table+" WHERE "+c.where)
			if c.children == "" {
				plain = strings.Replace(plain, "FOR demanded IN 0..1", "FOR demanded IN 1..1", 1)
			}
			want, got := askAll(t, s.source, plain+closureCounts), askAll(t, dst, rowCounts)
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("the subset has\n%q, want\n%q", got, want)
			}
		})
	}
}
