package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify/probe"
)

// planPaths finds the relations for which the server needs a search path. The path is needed to plan any query of such
// a relation. Planning reads the expressions and predicates of all indexes and extended statistics, and inlines the
// bodies of SQL functions. If such a function sets no search path, its body can hold names that an empty path does not
// find. The result has the path of the owner, with the schemas of the functions and of the relation.
func planPaths(ctx context.Context, conn *pgx.Conn) (map[catalog.Name]string, error) {
	list, err := collect[struct{ Schema, Name, Path string }](ctx, conn, `WITH computed(rel, class, obj) AS (
			SELECT indrelid, 'pg_class'::regclass::oid, indexrelid FROM pg_index WHERE indexrelid >= 16384
			UNION ALL SELECT stxrelid, 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext),
		called AS (
			SELECT c.rel, CASE WHEN d.refclassid = 'pg_proc'::regclass THEN d.refobjid ELSE o.oprcode END func
			FROM computed c JOIN pg_depend d ON d.classid = c.class AND d.objid = c.obj AND d.refobjid >= 16384
			LEFT JOIN pg_operator o ON d.refclassid = 'pg_operator'::regclass AND o.oid = d.refobjid
			WHERE d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)),
		set_for AS (SELECT s.setdatabase, s.setrole, substr(kept, length('search_path=') + 1) path
			FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) kept
			WHERE kept LIKE 'search_path=%' AND s.setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
		SELECT n.nspname::text, t.relname::text, concat_ws(', ',
			NULLIF(replace(COALESCE((SELECT path FROM set_for s WHERE s.setrole = t.relowner OR s.setrole = 0 AND s.setdatabase <> 0
				ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1), '"$user", public'), '"$user"', quote_ident(pg_get_userbyid(t.relowner))), ''),
			string_agg(DISTINCT quote_ident(f.nspname), ', '), quote_ident(n.nspname))
		FROM called c JOIN pg_class t ON t.oid = c.rel JOIN pg_namespace n ON n.oid = t.relnamespace
		JOIN pg_proc p ON p.oid = c.func JOIN pg_namespace f ON f.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
		WHERE l.lanname NOT IN ('c', 'internal') GROUP BY n.nspname, t.relname, t.relowner`)
	if err != nil {
		return nil, err
	}
	paths := map[catalog.Name]string{}
	for _, p := range list {
		paths[catalog.Name{Schema: p.Schema, Name: p.Name}] = p.Path
	}
	return paths, nil
}

// usePath sets the search path that queries of a relation need, for the rest of the transaction or savepoint.
func (r *reader) usePath(ctx context.Context, rel *probe.Relation) error {
	path := r.db.paths[rel.Name]
	if path == "" {
		return nil
	}
	_, err := r.conn.Exec(ctx, "SELECT set_config('search_path', $1, true)", pgx.QueryExecModeSimpleProtocol, path)
	return pgsession.Safe(err)
}
