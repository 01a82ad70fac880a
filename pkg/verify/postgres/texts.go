package postgres

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// textQuery reads texts of a catalog. Its columns are Class, Object and Sub of probe.Text, and then one column for each
// kind.
type textQuery struct {
	kinds      []string
	sql        string
	expression bool // the texts are expressions
}

// Texts implements probe.Database. The server itself says which of its catalogs have texts, so the catalogs of a later
// version are read too. A dump cannot replace these queries: pg_dump leaves out texts such as the planner's statistics,
// and cannot read a server that is newer than itself.
func (d *Database) Texts(ctx context.Context, f func(probe.Text) error) error {
	var failed error
	err := d.onHolder(func(conn *pgx.Conn) error {
		columns, err := collect[catalogColumn](ctx, conn, catalogColumns)
		if err != nil {
			return err
		}
		for _, q := range append(append(stringQueries(columns), expressionQueries(columns)...), numberQueries()...) {
			if failed, err = eachText(ctx, conn, q, f); failed != nil || err != nil {
				return err
			}
		}
		failed, err = eachStatistic(ctx, conn, f)
		return err
	})
	switch {
	case failed != nil:
		return failed
	case err != nil:
		return fmt.Errorf("reading the definitions of the loaded database: %w", err)
	}
	return nil
}

// catalogColumn is a column of a system catalog.
type catalogColumn struct {
	Catalog, Column string
	Text            bool // the column holds texts
	Shared          bool // the catalog is the same for all databases of the server
}

// catalogColumns lists the columns of the system catalogs that the role may read. An anyarray (of statistics) holds
// values of a column, so it counts as text.
const catalogColumns = `SELECT c.relname::text, a.attname::text, a.atttypid IN ('name'::regtype, 'text'::regtype, 'text[]'::regtype, 'name[]'::regtype, 'anyarray'::regtype), c.relisshared
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	WHERE c.relnamespace = 'pg_catalog'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND has_column_privilege(c.oid, a.attnum, 'SELECT')
	ORDER BY c.relname, a.attnum`

// stringQueries returns a query for each catalog with texts. Texts of PostgreSQL's own objects are left out.
func stringQueries(columns []catalogColumn) (list []textQuery) {
	for len(columns) > 0 {
		n := slices.IndexFunc(columns, func(c catalogColumn) bool { return c.Catalog != columns[0].Catalog })
		if n < 0 {
			n = len(columns)
		}
		if q, ok := stringQuery(columns[:n]); ok {
			list = append(list, q)
		}
		columns = columns[n:]
	}
	return list
}

// stringQuery returns the query for the texts of one catalog.
func stringQuery(columns []catalogColumn) (q textQuery, ok bool) {
	name := columns[0].Catalog
	id, own := identify(columns)
	if own == "" {
		return q, false
	}
	var texts []string
	for _, c := range columns {
		if c.Text {
			q.kinds = append(q.kinds, name+"."+c.Column)
			texts = append(texts, catalog.Quote(c.Column)+"::text")
		}
	}
	q.sql = fmt.Sprintf("SELECT %s, %s FROM pg_catalog.%s WHERE %s", id, strings.Join(texts, ", "), name, own)
	return q, len(texts) > 0
}

// identify returns SQL expressions for Class, Object and Sub of the rows of a catalog, and an SQL condition. The
// condition leaves out rows that belong to PostgreSQL itself, and rows that belong to another database. The condition
// is "" if all rows of the catalog would be left out.
func identify(columns []catalogColumn) (id, own string) {
	name, shared := columns[0].Catalog, columns[0].Shared
	has := func(column string) bool {
		return slices.ContainsFunc(columns, func(c catalogColumn) bool { return c.Column == column })
	}
	const public = "(SELECT n.oid FROM pg_catalog.pg_namespace n WHERE n.nspname = 'public')" // the schema belongs to PostgreSQL itself, but somebody may have changed its comment
	const database = "(SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())"
	user := func(column string) string { return fmt.Sprintf("%s >= %d", column, firstUserOID) }
	switch {
	case name == "pg_db_role_setting":
		return "'pg_database'::regclass::oid, setdatabase, 0", "setdatabase = " + database
	case name == "pg_subscription":
		return "'pg_subscription'::regclass::oid, oid, 0", "subdbid = " + database
	case has("classoid") && has("objoid") && has("objsubid"): // comments and security labels
		return "classoid, objoid, objsubid", "(" + user("objoid") + " OR classoid = 'pg_largeobject'::regclass OR objoid = " + public + ")"
	case has("classoid") && has("objoid"):
		return "classoid, objoid, 0", "classoid = 'pg_database'::regclass AND objoid = " + database
	case shared, name == "pg_statistic": // eachStatistic reads pg_statistic through views that show it to the owner of a table
		return "", ""
	case name == "pg_attribute":
		return "'pg_class'::regclass::oid, attrelid, attnum::int4", user("attrelid") + " AND attnum > 0"
	case name == "pg_enum":
		return "'pg_type'::regclass::oid, enumtypid, 0", user("oid")
	case name == "pg_aggregate":
		return "'pg_proc'::regclass::oid, aggfnoid::oid, 0", user("aggfnoid::oid")
	case name == "pg_foreign_table":
		return "'pg_class'::regclass::oid, ftrelid, 0", user("ftrelid")
	case has("oid"):
		return fmt.Sprintf("'pg_catalog.%s'::regclass::oid, oid, 0", name), user("oid")
	}
	return fmt.Sprintf("'pg_class'::regclass::oid, 'pg_catalog.%s'::regclass::oid, 0", name), "true"
}

// expressions returns a select list for each column that holds a parsed expression: the object, the number 0, and the
// expression as SQL. The column pg_rewrite.ev_qual is left out, because pg_get_ruledef prints it too. The parsed form
// cannot be searched for texts, because it holds its constants as bytes.
func expressions() map[string]string {
	return map[string]string{
		"pg_attrdef.adbin":               "oid, 0, pg_get_expr(adbin, adrelid)",
		"pg_class.relpartbound":          "oid, 0, pg_get_expr(relpartbound, oid)",
		"pg_constraint.conbin":           "oid, 0, pg_get_constraintdef(oid)",
		"pg_index.indexprs":              "indexrelid, 0, CASE WHEN indexprs IS NOT NULL THEN pg_get_indexdef(indexrelid) END",
		"pg_index.indpred":               "indexrelid, 0, CASE WHEN indpred IS NOT NULL THEN pg_get_indexdef(indexrelid) END",
		"pg_partitioned_table.partexprs": "partrelid, 0, pg_get_partkeydef(partrelid)",
		"pg_policy.polqual":              "oid, 0, pg_get_expr(polqual, polrelid)",
		"pg_policy.polwithcheck":         "oid, 0, pg_get_expr(polwithcheck, polrelid)",
		"pg_proc.proargdefaults":         "oid, 0, pg_get_expr(proargdefaults, 0)",
		"pg_proc.prosqlbody":             "oid, 0, pg_get_function_sqlbody(oid)",
		"pg_publication_rel.prqual":      "oid, 0, pg_get_expr(prqual, prrelid)",
		"pg_rewrite.ev_action":           "oid, 0, pg_get_ruledef(oid)",
		"pg_statistic_ext.stxexprs":      "oid, 0, pg_get_statisticsobjdef(oid)",
		"pg_trigger.tgqual":              "oid, 0, CASE WHEN NOT tgisinternal THEN pg_get_triggerdef(oid) END",
		"pg_type.typdefaultbin":          "oid, 0, pg_get_expr(typdefaultbin, 0)",
	}
}

// expressionQueries returns the queries of expressions for the columns that this version of the server has.
func expressionQueries(columns []catalogColumn) (list []textQuery) {
	all := expressions()
	for _, c := range columns {
		kind := c.Catalog + "." + c.Column
		what, ok := all[kind]
		if !ok {
			continue
		}
		class, object := c.Catalog, strings.SplitN(what, ",", 2)[0]
		if object != "oid" {
			class = "pg_class"
		}
		list = append(list, textQuery{
			[]string{kind},
			fmt.Sprintf("SELECT '%s'::regclass::oid, %s FROM pg_catalog.%s WHERE %s >= %d", class, what, c.Catalog, object, firstUserOID),
			true,
		})
	}
	return list
}

// numberQueries returns the queries for the numbers of sequences. A number can be a telephone number or an account
// number.
func numberQueries() []textQuery {
	kinds := []string{"seqstart", "seqincrement", "seqmin", "seqmax", "seqcache"}
	sql := "SELECT 'pg_class'::regclass::oid, seqrelid, 0"
	for i, column := range kinds {
		sql += ", " + column + "::text"
		kinds[i] = "pg_sequence." + column
	}
	sql += fmt.Sprintf(", CASE WHEN has_sequence_privilege(seqrelid, 'SELECT, USAGE') THEN pg_sequence_last_value(seqrelid)::text END FROM pg_catalog.pg_sequence WHERE seqrelid >= %d", firstUserOID)
	return []textQuery{{append(kinds, lastValue), sql, false}}
}

// lastValue is the kind of a sequence's position.
const lastValue = "pg_sequence.last_value"

// eachText runs a query and calls f for its texts. The result failed is the error that f returned.
func eachText(ctx context.Context, conn *pgx.Conn, q textQuery, f func(probe.Text) error) (failed, err error) {
	rows, err := conn.Query(ctx, q.sql, pgx.QueryResultFormats{pgx.BinaryFormatCode})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.kinds[0], pgsession.Safe(err))
	}
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues()
		t := probe.Text{Class: binary.BigEndian.Uint32(raw[0]), Object: binary.BigEndian.Uint32(raw[1]), Sub: int32(binary.BigEndian.Uint32(raw[2])), Expression: q.expression}
		for i, kind := range q.kinds {
			if t.Kind, t.Text = kind, raw[3+i]; len(t.Text) == 0 {
				continue
			}
			if err := f(t); err != nil {
				return err, nil
			}
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("%s: %w", q.kinds[0], pgsession.Safe(err))
	}
	return nil, nil
}

// heldLists is SQL for the lists of values that a row of pg_stats or of pg_stats_ext_exprs has.
const heldLists = `LATERAL (SELECT most_common_vals::text::text[] UNION ALL SELECT histogram_bounds::text::text[] UNION ALL SELECT most_common_elems::text::text[]) l (held)`

// statistics selects the lists of values in the planner's statistics: those of columns, those of several columns
// together, and those of expressions. A list of several columns has a value of each column in turn. After the columns
// come the expressions, whose values count as values of the statistics object.
const statistics = `SELECT schemaname, tablename, attname, held FROM pg_catalog.pg_stats, ` + heldLists + `
	UNION ALL SELECT schemaname, tablename, COALESCE(attnames[n], statistics_name), ARRAY(SELECT v FROM unnest(most_common_vals) WITH ORDINALITY u (v, at) WHERE (at - n) % array_length(most_common_vals, 2) = 0)
		FROM pg_catalog.pg_stats_ext, LATERAL generate_series(1, array_length(most_common_vals, 2)) n
	UNION ALL SELECT schemaname, tablename, statistics_name, held FROM pg_catalog.pg_stats_ext_exprs, ` + heldLists

// eachStatistic calls f for each value that the planner's statistics quote. Such a value can be from a row that was
// deleted. Each value is looked up alone. Otherwise neighbouring values could look like one value: 1, 2, 3 are not the
// number 123.
func eachStatistic(ctx context.Context, conn *pgx.Conn, f func(probe.Text) error) (failed, err error) {
	rows, err := conn.Query(ctx, `SELECT schemaname::text, tablename::text, attname::text, value
		FROM (`+statistics+`) list (schemaname, tablename, attname, held), LATERAL unnest(held) value
		WHERE schemaname NOT IN ('pg_catalog', 'information_schema') AND value <> ''`)
	if err != nil {
		return nil, pgsession.Safe(err)
	}
	defer rows.Close()
	for rows.Next() {
		raw := rows.RawValues()
		t := probe.Text{Kind: "pg_stats", Table: catalog.Name{Schema: string(raw[0]), Name: string(raw[1])}, Column: string(raw[2]), Text: raw[3]}
		if err := f(t); err != nil {
			return err, nil
		}
	}
	return nil, pgsession.Safe(rows.Err())
}
