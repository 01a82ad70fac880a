package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// firstUserOID is the first OID of objects that are not PostgreSQL's own (FirstNormalObjectId). A relation is listed by
// this number and not by its schema, because a superuser can put tables into every schema.
const firstUserOID = 16384

// storesRows is a condition on pg_class c: ordinary tables, partitions that store rows, and materialized views.
// Temporary relations belong to other sessions. A materialized view that is not populated has no rows and cannot be
// read.
var storesRows = fmt.Sprintf(`c.relkind IN ('r', 'm') AND c.relispopulated AND c.relpersistence <> 't' AND c.oid >= %d`, firstUserOID)

// relationRow is a relation as the server lists it.
type relationRow struct {
	OID          uint32
	Schema, Name string
	RootSchema   string
	RootName     string
	View, Heap   bool
	Blocks       int64
	Bytes        int64
	Primary      []string
}

// columnRow is a column as the server lists it.
type columnRow struct {
	Relation  uint32
	Name      string
	Type      uint32
	Format    string
	NotNull   bool
	Generated bool
}

// Relations implements probe.Database.
func (d *Database) Relations(ctx context.Context) (list []probe.Relation, err error) {
	err = d.onHolder(func(conn *pgx.Conn) error {
		list, err = relations(ctx, conn)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the relations of the loaded database: %w", err)
	}
	return list, nil
}

func relations(ctx context.Context, conn *pgx.Conn) ([]probe.Relation, error) {
	rows, err := collect[relationRow](ctx, conn, `SELECT c.oid, n.nspname::text, c.relname::text,
			COALESCE(rn.nspname, n.nspname)::text, COALESCE(rc.relname, c.relname)::text, c.relkind = 'm', COALESCE(a.amname = 'heap', false),
			(COALESCE(pg_relation_size(c.oid), 0) + current_setting('block_size')::int8 - 1) / current_setting('block_size')::int8,
			COALESCE(pg_table_size(c.oid), 0),
			ARRAY(SELECT t.attname::text FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(num, at)
				JOIN pg_attribute t ON t.attrelid = c.oid AND t.attnum = k.num
				WHERE i.indrelid = c.oid AND i.indisprimary AND k.at <= i.indnkeyatts ORDER BY k.at)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
		LEFT JOIN pg_class rc ON rc.oid = pg_partition_root(c.oid) LEFT JOIN pg_namespace rn ON rn.oid = rc.relnamespace
		WHERE `+storesRows+` ORDER BY n.nspname, c.relname`)
	if err != nil {
		return nil, err
	}
	columns, err := collect[columnRow](ctx, conn, `SELECT c.oid, a.attname::text, a.atttypid, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attgenerated <> ''
		FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
		WHERE a.attnum > 0 AND NOT a.attisdropped AND `+storesRows+` ORDER BY c.oid, a.attnum`)
	if err != nil {
		return nil, err
	}
	types, err := readTypes(ctx, conn)
	if err != nil {
		return nil, err
	}
	return assemble(rows, columns, types), nil
}

// assemble joins what the queries returned.
func assemble(rows []relationRow, columns []columnRow, types typeSet) []probe.Relation {
	list, at := make([]probe.Relation, len(rows)), make(map[uint32]int, len(rows))
	for i, r := range rows {
		at[r.OID] = i
		list[i] = probe.Relation{
			Name: catalog.Name{Schema: r.Schema, Name: r.Name}, Root: catalog.Name{Schema: r.RootSchema, Name: r.RootName}, View: r.View, Primary: r.Primary, Binary: true,
			Pages: uint32(r.Blocks), Bytes: r.Bytes, Cuttable: r.Heap,
		}
	}
	for _, c := range columns {
		i, ok := at[c.Relation]
		if !ok { // two queries read the relations and the columns. Both see one snapshot, so this cannot happen
			continue
		}
		t := types.resolve(c.Type, c.Format)
		r := &list[i]
		r.Columns = append(r.Columns, catalog.Column{Name: c.Name, Type: t, NotNull: c.NotNull, Generated: c.Generated})
		r.Binary = r.Binary && t.Binary
	}
	return list
}

// selects returns the list of a Want's columns in SQL.
func selects(w probe.Want) []string {
	list := catalog.QuoteAll(w.Columns)
	for _, c := range w.Texts {
		list = append(list, catalog.Quote(c)+"::text")
	}
	for i, c := range namesOf(w) {
		if slices.Contains(w.Missing, c) {
			list[i] = "NULL"
		}
	}
	return list
}

// from returns the part of a query that finds the rows of a Want. ONLY leaves out the rows of child tables, which are
// relations of their own.
func from(w probe.Want) string {
	var b strings.Builder
	fmt.Fprintf(&b, " FROM ONLY %s", w.Relation.Name)
	if w.From > 0 || w.To > 0 {
		fmt.Fprintf(&b, " WHERE ctid >= '(%d,0)'", w.From)
	}
	if w.To > 0 {
		fmt.Fprintf(&b, " AND ctid < '(%d,0)'", w.To)
	}
	return b.String()
}

// collect runs a query whose columns are the fields of T, in their order.
func collect[T any](ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]T, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}
