package source

import "github.com/masker-project/masker/pkg/catalog"

// matViews reads materialized views, and finds out whether filling them would read something outside the database. The
// search follows views, other materialized views, child tables, and the dependencies that PostgreSQL records for
// functions. It looks in the text of a function for names of extensions and tables that reach outside. A function also
// reads outside if its language is untrusted, or if an extension such as dblink made it.
func (r *reader) matViews(d *catalog.Database) {
	list := rows[struct {
		Schema, Name string
		Populated    bool
		Outside      string
		Path         string
	}](r, `WITH RECURSIVE reach(view, class, obj) AS (
			SELECT c.oid, 'pg_class'::regclass::oid, c.oid FROM pg_class c WHERE c.relkind = 'm'
			UNION
			SELECT r.view, x.class, x.obj FROM reach r CROSS JOIN LATERAL (
				SELECT d.refclassid, d.refobjid FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
					WHERE r.class = 'pg_class'::regclass AND w.ev_class = r.obj
				UNION ALL SELECT 'pg_class'::regclass, i.inhrelid FROM pg_inherits i WHERE r.class = 'pg_class'::regclass AND i.inhparent = r.obj
				UNION ALL SELECT d.refclassid, d.refobjid FROM pg_depend d WHERE r.class = 'pg_proc'::regclass AND d.classid = 'pg_proc'::regclass AND d.objid = r.obj
				UNION ALL SELECT 'pg_proc'::regclass, o.oprcode FROM pg_operator o WHERE r.class = 'pg_operator'::regclass AND o.oid = r.obj
			) x(class, obj)
			WHERE x.class IN ('pg_class'::regclass, 'pg_proc'::regclass, 'pg_operator'::regclass)),
		outside(view, what) AS (
			SELECT r.view, 'foreign table ' || quote_ident(n.nspname) || '.' || quote_ident(f.relname)
			FROM reach r JOIN pg_class f ON r.class = 'pg_class'::regclass AND f.oid = r.obj JOIN pg_namespace n ON n.oid = f.relnamespace
			WHERE f.relkind = 'f'
			UNION ALL
			SELECT r.view, 'function ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname)
			FROM reach r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.obj
			JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
			WHERE n.nspname <> 'pg_catalog' AND (
				p.prosrc ~* 'dblink|postgres_fdw'
				OR NOT l.lanpltrusted AND l.lanname NOT IN ('internal', 'c', 'sql')
				OR EXISTS (SELECT FROM pg_class f WHERE f.relkind = 'f' AND position(lower(f.relname) IN lower(p.prosrc)) > 0)
				OR EXISTS (SELECT FROM pg_depend m JOIN pg_extension e ON e.oid = m.refobjid WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid
					AND m.refclassid = 'pg_extension'::regclass AND m.deptype = 'e'
					AND (e.extname IN ('dblink', 'http', 'pg_net', 'plproxy') OR EXISTS (SELECT FROM pg_depend w WHERE w.refobjid = e.oid
						AND w.refclassid = 'pg_extension'::regclass AND w.classid = 'pg_foreign_data_wrapper'::regclass AND w.deptype = 'e')))))
		SELECT n.nspname::text, c.relname::text, c.relispopulated, COALESCE((SELECT min(o.what) FROM outside o WHERE o.view = c.oid), ''), `+pathOf("c.relowner")+`
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND `+userRelation+` ORDER BY n.nspname, c.relname`)
	d.MatViews = make([]catalog.MatView, 0, len(list))
	for _, v := range list {
		d.MatViews = append(d.MatViews, catalog.MatView{
			Name: catalog.Name{Schema: v.Schema, Name: v.Name}, Populated: v.Populated, Outside: v.Outside, Path: v.Path,
		})
	}
}
