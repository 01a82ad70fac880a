package integration

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// fedColumns are the columns a sequence feeds, with the columns an insert has to give (nothing generated, nothing the
// sequence fills) and the order of the rows to copy.
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

// insertThousand makes 1,000 inserts into every table that a sequence feeds: existing rows again under fresh keys, in a
// transaction that is rolled back. Where other unique columns forbid that, or the table is empty, 1,000 numbers of the sequence
// must be fresh. It returns how many tables it inserted into.
func insertThousand(t *testing.T, url string) (inserted int) {
	t.Helper()
	conn := connect(t, url)
	for _, line := range askAll(t, url, fedColumns) {
		f := strings.Split(line, "|")
		table, column, seq, others := pgx.Identifier{f[0], f[1]}.Sanitize(), pgx.Identifier{f[2]}.Sanitize(), f[3], f[4]
		err := insertCopies(t, conn, table, others)
		if err == nil {
			inserted++
			continue
		}
		if !strings.Contains(err.Error(), "23505") && !strings.Contains(err.Error(), "no rows") {
			t.Errorf("inserting into %s: %v", table, err)
			continue
		}
		taken := ask(t, url, fmt.Sprintf("SELECT count(*) FROM (SELECT nextval('%s') AS fresh FROM generate_series(1, 1000)) s JOIN %s ON %s = fresh",
			strings.ReplaceAll(seq, "'", "''"), table, column))
		if taken != "0" {
			t.Errorf("%s gives %s numbers that %s.%s holds already", seq, taken, table, column)
		}
	}
	return inserted
}

func insertCopies(t *testing.T, conn *pgx.Conn, table, others string) error {
	t.Helper()
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context()) //nolint:errcheck // what is inserted is not to stay
	columns, values := "("+others+")", others
	if others == "" {
		return fmt.Errorf("no rows can be copied: the table has no other column")
	}
	tag, err := tx.Exec(t.Context(), fmt.Sprintf("INSERT INTO %s %s SELECT %s FROM (SELECT * FROM %s LIMIT 1000) r, generate_series(1, 1000) LIMIT 1000",
		table, columns, values, table))
	switch {
	case err != nil:
		return err
	case tag.RowsAffected() == 0:
		return fmt.Errorf("no rows to copy")
	case tag.RowsAffected() != 1000:
		t.Errorf("%s took %d rows, want 1000", table, tag.RowsAffected())
	}
	return nil
}
