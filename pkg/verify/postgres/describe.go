package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// Describe implements probe.Database. If a text belongs to a function or type, the table of its place has the name of
// this function or type, so that a waiver can name it.
func (d *Database) Describe(ctx context.Context, t probe.Text) (place verify.Place, err error) {
	if t.Class == 0 {
		return d.describeStatistic(ctx, t)
	}
	var object string
	err = d.onHolder(func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT COALESCE(pg_describe_object($1, $2, $3), ''), COALESCE(n.nspname, '')::text, COALESCE(c.relname, p.proname, y.typname, '')::text
			FROM (SELECT $1::oid, $2::oid) o(class, object)
			LEFT JOIN pg_class c ON c.oid = COALESCE(
				(SELECT i.indrelid FROM pg_index i WHERE o.class = 'pg_class'::regclass AND i.indexrelid = o.object),
				(SELECT o.object WHERE o.class = 'pg_class'::regclass),
				(SELECT x.adrelid FROM pg_attrdef x WHERE o.class = 'pg_attrdef'::regclass AND x.oid = o.object),
				(SELECT x.conrelid FROM pg_constraint x WHERE o.class = 'pg_constraint'::regclass AND x.oid = o.object),
				(SELECT x.tgrelid FROM pg_trigger x WHERE o.class = 'pg_trigger'::regclass AND x.oid = o.object),
				(SELECT x.polrelid FROM pg_policy x WHERE o.class = 'pg_policy'::regclass AND x.oid = o.object),
				(SELECT x.ev_class FROM pg_rewrite x WHERE o.class = 'pg_rewrite'::regclass AND x.oid = o.object),
				(SELECT x.stxrelid FROM pg_statistic_ext x WHERE o.class = 'pg_statistic_ext'::regclass AND x.oid = o.object))
			LEFT JOIN pg_proc p ON o.class = 'pg_proc'::regclass AND p.oid = o.object
			LEFT JOIN pg_type y ON y.oid = COALESCE(
				(SELECT o.object WHERE o.class = 'pg_type'::regclass),
				(SELECT x.contypid FROM pg_constraint x WHERE o.class = 'pg_constraint'::regclass AND x.oid = o.object AND x.contypid <> 0))
			LEFT JOIN pg_namespace n ON n.oid = COALESCE(c.relnamespace, p.pronamespace, y.typnamespace)`, t.Class, t.Object, t.Sub).Scan(&object, &place.Table.Schema, &place.Table.Name)
	})
	if err != nil {
		return verify.Place{}, fmt.Errorf("describing an object of the loaded database: %w", err)
	}
	if place.Table.Name == "" {
		place.Table = catalog.Name{}
	}
	place.Path = wordFor(t.Kind) + " " + object
	return place, nil
}

// wordFor says what a text of a catalog is.
func wordFor(kind string) string {
	switch kind {
	case "pg_description.description", "pg_shdescription.description":
		return "comment on"
	case "pg_enum.enumlabel":
		return "label of"
	case lastValue:
		return "position of"
	}
	return "definition of"
}

// describeStatistic returns the place of a value in the planner's statistics. The statistics of an expression belong to
// an index or to a statistics object. The place then has the name of this object and its table, and no column.
func (d *Database) describeStatistic(ctx context.Context, t probe.Text) (verify.Place, error) {
	var table catalog.Name
	var object string
	err := d.onHolder(func(conn *pgx.Conn) error {
		return conn.QueryRow(ctx, `SELECT n.nspname::text, c.relname::text, x.object FROM (
			SELECT i.indrelid, 'index ' || o.relname FROM pg_index i JOIN pg_class o ON o.oid = i.indexrelid WHERE i.indexrelid = to_regclass($1)
			UNION ALL SELECT s.stxrelid, 'statistics object ' || s.stxname FROM pg_statistic_ext s WHERE s.stxrelid = to_regclass($1) AND s.stxname = $2
				AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = s.stxrelid AND a.attname = $2)) x(rel, object)
			JOIN pg_class c ON c.oid = x.rel JOIN pg_namespace n ON n.oid = c.relnamespace`, t.Table.String(), t.Column).Scan(&table.Schema, &table.Name, &object)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return verify.Place{Table: t.Table, Column: t.Column, Path: verify.Statistics}, nil
	}
	if err != nil {
		return verify.Place{}, fmt.Errorf("describing statistics of the loaded database: %w", pgsession.Safe(err))
	}
	return verify.Place{Table: table, Path: fmt.Sprintf("%s of %s on %s", verify.Statistics, object, table)}, nil
}
