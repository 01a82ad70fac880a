package source

import "github.com/masker-project/masker/pkg/catalog"

// pathOf returns an SQL expression for the search path that finds unqualified names in a function or view of an owner.
// The path is the first of these settings that exists: the owner's setting in this database, the owner's setting, the
// database's setting, PostgreSQL's default. The owner's name replaces "$user".
func pathOf(owner string) string {
	return `replace(COALESCE(` + pathSetting(owner) + `, '"$user", public'), '"$user"', quote_ident(pg_get_userbyid(` + owner + `)))`
}

// pathSetting returns an SQL expression for the search_path that applies to an owner in this database. It is NULL if no
// search_path is set.
func pathSetting(owner string) string {
	return `(SELECT substr(kept, length('search_path=') + 1) FROM pg_db_role_setting s CROSS JOIN unnest(s.setconfig) kept
			WHERE kept LIKE 'search_path=%' AND (s.setdatabase = 0 OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
			AND (s.setrole = 0 AND s.setdatabase <> 0 OR s.setrole = ` + owner + `)
			ORDER BY s.setrole <> 0 DESC, s.setdatabase <> 0 DESC LIMIT 1)`
}

// functions reads the functions that set no search path themselves, and that can run while the shadow is built. CHECK
// constraints, generated columns, index expressions, extended statistics, partition keys, operator classes and
// materialized views can call such functions. The list has only functions that PostgreSQL records as dependencies.
// Functions that these functions call in their bodies run with the search path of the caller. Before PostgreSQL 15, the
// dependency of a generated column on a function is recorded for the column itself. Later versions record it for the
// column's expression.
//
// An index can call an SQL function that is not immutable if the server puts the function's body in the place of the
// call. The server does not do this with a function that has a setting, so the list does not have these functions.
//
// Extensions have such functions too, such as ll_to_earth of earthdistance. The path of such a function begins with the
// schemas of its extension and of the extensions that its extension requires.
func (r *reader) functions(d *catalog.Database) {
	d.Functions = rows[catalog.Function](r, `WITH RECURSIVE reach(class, obj) AS (
			(SELECT DISTINCT d.classid, d.objid FROM pg_depend d JOIN pg_index i ON i.indexrelid = d.objid
				WHERE d.classid = 'pg_class'::regclass AND d.refobjid >= 16384
				AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
			UNION ALL SELECT 'pg_constraint'::regclass, oid FROM pg_constraint WHERE contype IN ('c', 'x')
			UNION ALL SELECT 'pg_attrdef'::regclass, v.oid FROM pg_attrdef v JOIN pg_attribute a ON a.attrelid = v.adrelid AND a.attnum = v.adnum WHERE a.attgenerated <> ''
			UNION ALL SELECT d.refclassid, d.refobjid FROM pg_depend d JOIN pg_attribute a ON a.attrelid = d.objid AND a.attnum = d.objsubid
				WHERE d.classid = 'pg_class'::regclass AND d.refobjid >= 16384 AND a.attgenerated <> ''
			UNION ALL SELECT 'pg_statistic_ext'::regclass, oid FROM pg_statistic_ext
			UNION ALL SELECT 'pg_class'::regclass, partrelid FROM pg_partitioned_table
			UNION ALL SELECT 'pg_class'::regclass, oid FROM pg_class WHERE relkind = 'm')
			UNION
			SELECT x.class, x.obj FROM reach r CROSS JOIN LATERAL (
				SELECT d.refclassid, d.refobjid FROM pg_depend d WHERE d.classid = r.class AND d.objid = r.obj
				UNION ALL SELECT d.refclassid, d.refobjid FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
					WHERE r.class = 'pg_class'::regclass AND w.ev_class = r.obj
				UNION ALL SELECT 'pg_proc'::regclass, p.amproc FROM pg_opclass o JOIN pg_amproc p ON p.amprocfamily = o.opcfamily
					WHERE r.class = 'pg_opclass'::regclass AND o.oid = r.obj
				UNION ALL SELECT 'pg_operator'::regclass, p.amopopr FROM pg_opclass o JOIN pg_amop p ON p.amopfamily = o.opcfamily
					WHERE r.class = 'pg_opclass'::regclass AND o.oid = r.obj
			) x(class, obj)
			WHERE x.obj >= 16384 AND (x.class IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass)
				OR x.class = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c WHERE c.oid = x.obj AND c.relkind IN ('v', 'm'))))
		SELECT (pg_identify_object('pg_proc'::regclass, p.oid, 0)).identity, concat_ws(', ', `+extensionSchemas+`, `+pathOf("p.proowner")+`)
		FROM reach r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.obj JOIN pg_language l ON l.oid = p.prolang
		WHERE p.prokind IN ('f', 'w') AND l.lanname NOT IN ('c', 'internal') AND to_jsonb(p)->>'prosqlbody' IS NULL
			AND NOT EXISTS (SELECT FROM unnest(p.proconfig) c WHERE c LIKE 'search_path=%')
			AND NOT (l.lanname = 'sql' AND p.provolatile <> 'i' AND EXISTS (SELECT FROM pg_depend d JOIN pg_index i ON i.indexrelid = d.objid
				WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid))
		ORDER BY 1`)
}

// extensionSchemas is an SQL expression for the schemas of the extension that function p belongs
// to, and of the extensions that p's extension requires. It is NULL if p belongs to no extension.
const extensionSchemas = `(SELECT string_agg(DISTINCT quote_ident(n.nspname), ', ') FROM pg_depend m
			JOIN pg_extension e ON e.oid = m.refobjid OR EXISTS (SELECT FROM pg_depend r WHERE r.classid = 'pg_extension'::regclass
				AND r.objid = m.refobjid AND r.refclassid = 'pg_extension'::regclass AND r.refobjid = e.oid)
			JOIN pg_namespace n ON n.oid = e.extnamespace
			WHERE m.classid = 'pg_proc'::regclass AND m.objid = p.oid AND m.refclassid = 'pg_extension'::regclass AND m.deptype = 'e'
				AND n.nspname <> 'pg_catalog')`
