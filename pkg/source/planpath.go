package source

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// planPaths finds the tables for which the server needs a search path to plan a query. Planning a query of a table
// reads the expressions and predicates of all indexes and extended statistics of the table. It inlines the bodies of
// SQL functions, and calls functions whose arguments are constants. If such a function sets no search path, its body
// can hold names that only the path of the owner finds.
//
// The path has the schemas that the owner's sessions look in, and then the schemas of the functions and of the table.
func (r *reader) planPaths(tables map[uint32]*catalog.Table) {
	for _, p := range rows[struct {
		Table uint32
		Path  string
	}](r, `WITH computed(rel, class, obj) AS (
			SELECT indrelid, 'pg_class'::regclass::oid, indexrelid FROM pg_index WHERE indexrelid >= 16384
			UNION ALL SELECT stxrelid, 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext),
		calls(rel, func) AS (
			SELECT c.rel, CASE WHEN d.refclassid = 'pg_proc'::regclass THEN d.refobjid ELSE o.oprcode END
			FROM computed c JOIN pg_depend d ON d.classid = c.class AND d.objid = c.obj AND d.refobjid >= 16384
			LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
			WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))
		SELECT t.oid, concat_ws(', ', NULLIF(`+pathOf("t.relowner")+`, ''), string_agg(DISTINCT quote_ident(f.nspname), ', '), quote_ident(n.nspname))
		FROM calls c JOIN pg_class t ON t.oid = c.rel JOIN pg_namespace n ON n.oid = t.relnamespace
		JOIN pg_proc p ON p.oid = c.func JOIN pg_namespace f ON f.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
		WHERE l.lanname NOT IN ('c', 'internal') AND to_jsonb(p)->>'prosqlbody' IS NULL
			AND NOT EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=%')
		GROUP BY t.oid, t.relowner, n.nspname`) {
		if t := tables[p.Table]; t != nil {
			t.PlanPath = p.Path
		}
	}
}

// usePath appends the PlanPath of a table to the search path of the session, until the transaction ends. PostgreSQL
// still looks for names in pg_catalog first.
func (c *copier) usePath(ctx context.Context, table catalog.Name) error {
	t := c.snapshot.database.Table(table)
	if t == nil || t.PlanPath == "" {
		return nil
	}
	_, err := c.conn.Exec(ctx, `SELECT set_config('search_path', concat_ws(', ', NULLIF(NULLIF(current_setting('search_path'), ''), '""'), $1::text), true)`,
		pgx.QueryExecModeSimpleProtocol, t.PlanPath)
	return pgsession.Safe(err)
}
