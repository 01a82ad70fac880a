package integration

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// fedColumns is a query for the columns with a default from a sequence. It also returns the other columns for which
// an insert has to give a value. Generated columns are not among them.
const fedColumns = `
SELECT n.nspname, c.relname, a.attname, s.seq::text,
	coalesce((SELECT string_agg(quote_ident(o.attname), ', ' ORDER BY o.attnum) FROM pg_attribute o
		WHERE o.attrelid = c.oid AND o.attnum > 0 AND NOT o.attisdropped AND o.attgenerated = '' AND o.attidentity <> 'a' AND o.attnum <> a.attnum), '')
FROM pg_class c
	JOIN pg_namespace n ON n.oid = c.relnamespace
	JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
	LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
	CROSS JOIN LATERAL (SELECT p.refobjid::regclass AS seq FROM pg_depend p JOIN pg_class q ON q.oid = p.refobjid AND q.relkind = 'S'
			WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass
		UNION SELECT p.objid::regclass FROM pg_depend p
			WHERE p.refobjid = c.oid AND p.refobjsubid = a.attnum AND p.deptype = 'i' AND p.classid = 'pg_class'::regclass) s
WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1, 2, 3`

// insertThousand inserts 1,000 copies of rows into every table with a default from a sequence. The copies get new
// keys from the sequence. insertThousand rolls the transaction back. For an empty table, it checks only that the
// sequence's next 1,000 numbers are not in the column. It returns the number of tables that accepted the inserts, and
// the number of empty tables.
func insertThousand(t *testing.T, url string) (inserted, empty int) {
	t.Helper()
	conn := connect(t, url)
	for _, line := range askAll(t, url, fedColumns) {
		f := strings.Split(line, "|")
		table, column, seq, others := pgx.Identifier{f[0], f[1]}.Sanitize(), pgx.Identifier{f[2]}.Sanitize(), f[3], f[4]
		err := insertCopies(t, conn, table, f[2], others)
		switch {
		case err == nil:
			inserted++
			continue
		case !errors.Is(err, errNoRows):
			t.Errorf("inserting into %s: %v", table, err)
			continue
		}
		empty++
		taken := ask(t, url, fmt.Sprintf("SELECT count(*) FROM (SELECT nextval('%s') AS fresh FROM generate_series(1, 1000)) s JOIN %s ON %s = fresh",
			strings.ReplaceAll(seq, "'", "''"), table, column))
		if taken != "0" {
			t.Errorf("%s gives %s numbers that %s.%s already holds", seq, taken, table, column)
		}
	}
	return inserted, empty
}

var errNoRows = errors.New("no rows to copy")

// otherKeys returns statements that drop unique indexes of a table. It drops an index if the column with the default
// from the sequence is not in the index. A copied row would always violate this index.
const otherKeys = `
SELECT CASE WHEN k.oid IS NULL THEN format('DROP INDEX %s', x.indexrelid::regclass)
	ELSE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', x.indrelid::regclass, k.conname) END
FROM pg_index x LEFT JOIN pg_constraint k ON k.conindid = x.indexrelid AND k.contype IN ('p', 'u', 'x') AND k.conrelid = x.indrelid
WHERE x.indisunique AND x.indrelid = $1::regclass
	AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = x.indrelid AND a.attname = $2 AND a.attnum = ANY (x.indkey))`

func insertCopies(t *testing.T, conn *pgx.Conn, table, fed, others string) error {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context()) //nolint:errcheck // the inserted rows must not stay
	rows, err := tx.Query(t.Context(), otherKeys, table, fed)
	if err != nil {
		t.Fatal(err)
	}
	drops, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for _, drop := range drops {
		if _, err := tx.Exec(t.Context(), drop); err != nil {
			t.Fatal(err)
		}
	}
	insert := fmt.Sprintf("INSERT INTO %[1]s (%[2]s) SELECT %[2]s FROM (SELECT * FROM %[1]s LIMIT 1000) r, generate_series(1, 1000) LIMIT 1000", table, others)
	if others == "" {
		insert = fmt.Sprintf("INSERT INTO %s (%s) SELECT nextval(pg_get_serial_sequence('%[1]s', '%[3]s')) FROM generate_series(1, 1000)",
			table, pgx.Identifier{fed}.Sanitize(), fed)
	}
	tag, err := tx.Exec(t.Context(), insert)
	switch {
	case err != nil:
		return err
	case tag.RowsAffected() == 0:
		return errNoRows
	case tag.RowsAffected() != 1000:
		t.Errorf("%s accepted %d rows, want 1000", table, tag.RowsAffected())
	}
	return nil
}

// A sequence can also be the default of text and numeric columns, and of several columns. After each of two
// refreshes, inserts with the default succeed, whatever results the treatment gives for the keys.
func TestInsertsTakeTheDefaultOfTreatedKeysOfAnyType(t *testing.T) {
	t.Parallel()
	src := database(t, Server(t), "prod", `
CREATE SEQUENCE lot_no; CREATE SEQUENCE shared; CREATE SEQUENCE ten;
CREATE TABLE tens (id int PRIMARY KEY DEFAULT nextval('ten') * 10, n int); INSERT INTO tens (n) SELECT g FROM generate_series(1, 50) g;
CREATE TABLE lots (lot text PRIMARY KEY DEFAULT lpad(nextval('lot_no')::text, 5, '0'), n int);
CREATE TABLE boxes (box numeric(9,2) PRIMARY KEY DEFAULT nextval('shared'), n int);
CREATE TABLE bags (bag varchar(9) PRIMARY KEY DEFAULT nextval('shared'), n int);
INSERT INTO lots (n) SELECT g FROM generate_series(1, 500) g; INSERT INTO boxes (n) SELECT g FROM generate_series(1, 300) g;
INSERT INTO bags SELECT g::text, g FROM generate_series(1000, 1999) g; INSERT INTO bags VALUES ('sample', 0);`)
	s := newSite(t, src, newDatabaseURL(t, Server(t), "staging")).rules(t, `
revision: 1
tables:
  public.lots:
    columns:
      lot: {treat: permute, alphabet: digits}
      n: {keep: number}
  public.boxes:
    columns:
      box: {keep: key}
      n: {keep: number}
  public.bags:
    columns:
      bag: {keep: key}
      n: {keep: number}
  public.tens:
    columns:
      id: {keep: key}
      n: {keep: number}
`)
	for range 2 {
		s.mustRefresh(t)
		if got := ask(t, s.target, "INSERT INTO tens (n) VALUES (51) RETURNING id"); got != "510" { // 50 numbers are used, and the largest id is 500
			t.Errorf("the next id of tens is %s, want 510", got)
		}
		if got := ask(t, s.target, "SELECT count(*) FROM lots WHERE lot ~ '^[0-9]{5}$' AND lot::int > 500"); got == "0" {
			t.Fatal("no lot was treated")
		}
		do(t, s.target, `INSERT INTO lots (n) SELECT g FROM generate_series(1, 20) g; INSERT INTO boxes (n) SELECT g FROM generate_series(1, 1000) g;
			INSERT INTO bags (n) SELECT g FROM generate_series(1, 1000) g`)
	}
}

// P1: some sequences give values only to treated columns, or to columns of skipped tables. The position of such a
// sequence depends only on the rows of the target, because the source's position would tell the last number that
// production used. Inserts into the target succeed.
func TestP1SequencesOfTreatedKeysTellNothing(t *testing.T) {
	t.Parallel()
	src := database(t, Server(t), "prod", `
CREATE SEQUENCE codes START 100; CREATE SEQUENCE shared;
CREATE TABLE people (id serial PRIMARY KEY, n int);
CREATE TABLE coded (code text PRIMARY KEY DEFAULT 'C' || nextval('codes'), n int);
CREATE TABLE logs (id bigint GENERATED ALWAYS AS IDENTITY, n int);
CREATE TABLE kept (id serial PRIMARY KEY, n int);
CREATE TABLE one (id int PRIMARY KEY DEFAULT nextval('shared'), n int);
CREATE TABLE two (id int PRIMARY KEY DEFAULT nextval('shared'), n int);
CREATE TABLE emptied (id int GENERATED ALWAYS AS IDENTITY (START 7) PRIMARY KEY, n int);
INSERT INTO people (n) SELECT g FROM generate_series(1, 50) g; INSERT INTO coded (n) SELECT g FROM generate_series(1, 50) g;
INSERT INTO logs (n) SELECT g FROM generate_series(1, 50) g; INSERT INTO kept (n) SELECT g FROM generate_series(1, 50) g;
INSERT INTO one (n) SELECT g FROM generate_series(1, 50) g; INSERT INTO two (n) SELECT g FROM generate_series(1, 50) g;
INSERT INTO emptied (n) VALUES (1); DELETE FROM emptied;
SELECT setval(s, 1234567) FROM unnest(ARRAY['people_id_seq', 'codes', 'logs_id_seq', 'kept_id_seq', 'shared', 'emptied_id_seq']) s;`)
	s := newSite(t, src, newDatabaseURL(t, Server(t), "staging")).rules(t, `
revision: 1
tables:
  public.people: {columns: {id: {treat: token, range: [1, 1000000]}, n: {keep: number}}}
  public.coded: {columns: {code: {treat: token}, n: {keep: number}}}
  public.logs: {skip: operational}
  public.kept: {keep: test, only: [id, n]}
  public.one: {columns: {id: {treat: token, range: [1, 1000000]}, n: {keep: number}}}
  public.two: {columns: {id: {treat: token, range: [1, 1000000]}, n: {keep: number}}}
  public.emptied: {columns: {id: {treat: token, range: [1, 1000000]}, n: {keep: number}}}
`)
	s.mustRefresh(t)
	for sequence, want := range map[string]string{
		"people_id_seq":  ask(t, s.target, "SELECT max(id) || ' true' FROM people"),
		"codes":          "100 false",
		"logs_id_seq":    "1 false",
		"kept_id_seq":    "1234567 true",
		"shared":         ask(t, s.target, "SELECT max(id) || ' true' FROM (TABLE one UNION TABLE two) t"),
		"emptied_id_seq": "7 false",
	} {
		if got := ask(t, s.target, "SELECT last_value || ' ' || is_called FROM "+sequence); got != want {
			t.Errorf("%s is at %s, want %s", sequence, got, want)
		}
	}
	do(t, s.target, `INSERT INTO people (n) VALUES (0); INSERT INTO coded (n) VALUES (0); INSERT INTO logs (n) VALUES (0); INSERT INTO kept (n) VALUES (0);
		INSERT INTO one (n) VALUES (0); INSERT INTO two (n) VALUES (0); INSERT INTO emptied (n) VALUES (0)`)
}
