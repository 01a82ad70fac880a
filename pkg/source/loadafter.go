package source

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// loadsAfter finds the tables whose rows another table needs while it is loaded. The functions of generated columns and
// of partition keys run for each row that is loaded, and so do the functions in CHECK constraints of domains. Such a
// function may read other tables. The search is like the one of viewReadsQuery: it goes through operators, views and
// functions. PostgreSQL does not parse the bodies of most functions. masker assumes that such a function reads every
// relation whose name is a word in its body.
func (r *reader) loadsAfter(tables map[uint32]*catalog.Table) {
	for _, p := range rows[struct{ Table, Read uint32 }](r, `WITH RECURSIVE inside(rel, typ) AS (
			SELECT a.attrelid, a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
				WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
			UNION SELECT i.rel, x.typ FROM inside i CROSS JOIN LATERAL (
				SELECT unnest(ARRAY[y.typbasetype, y.typelem]) FROM pg_type y WHERE y.oid = i.typ
				UNION ALL SELECT rngsubtype FROM pg_range WHERE i.typ IN (rngtypid, rngmultitypid)
				UNION ALL SELECT a.atttypid FROM pg_type y JOIN pg_attribute a ON a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped WHERE y.oid = i.typ) x(typ)
			WHERE x.typ >= 16384),
		seed(rel, class, obj) AS MATERIALIZED (
			SELECT s.rel, d.refclassid, d.refobjid FROM (
				SELECT v.adrelid, 'pg_attrdef'::regclass::oid, v.oid, 0 FROM pg_attrdef v JOIN pg_attribute a ON a.attrelid = v.adrelid AND a.attnum = v.adnum WHERE a.attgenerated = 's'
				UNION ALL SELECT a.attrelid, 'pg_class'::regclass, a.attrelid, a.attnum FROM pg_attribute a WHERE a.attgenerated = 's'
				UNION ALL SELECT partrelid, 'pg_class'::regclass, partrelid, 0 FROM pg_partitioned_table
				UNION ALL SELECT i.rel, 'pg_constraint'::regclass, k.oid, 0 FROM inside i JOIN pg_constraint k ON k.contypid = i.typ AND k.contype = 'c') s(rel, class, obj, sub)
			JOIN pg_depend d ON d.classid = s.class AND d.objid = s.obj AND d.objsubid = s.sub
			WHERE d.refobjid >= 16384 AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)),
		word(fn, word) AS MATERIALIZED (
			SELECT p.oid, w FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang CROSS JOIN LATERAL regexp_split_to_table(lower(p.prosrc), '\W+') w
			WHERE p.oid >= 16384 AND p.prosqlbody IS NULL AND l.lanname NOT IN ('internal', 'c') AND EXISTS (SELECT FROM seed)
			GROUP BY 1, 2),
		named(fn, class, obj) AS MATERIALIZED (
			SELECT fn, 'pg_class'::regclass::oid, c.oid FROM word JOIN pg_class c ON lower(c.relname) = word AND c.relkind IN ('r', 'p', 'v') AND c.oid >= 16384
			UNION ALL SELECT fn, 'pg_proc'::regclass, p.oid FROM word JOIN pg_proc p ON lower(p.proname) = word AND p.oid >= 16384),
		reach(rel, class, obj) AS (
			SELECT rel, class, obj FROM seed
			UNION SELECT r.rel, x.class, x.obj FROM reach r CROSS JOIN LATERAL (
				SELECT d.refclassid, d.refobjid FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
					WHERE r.class = 'pg_class'::regclass AND w.ev_class = r.obj
				UNION ALL SELECT d.refclassid, d.refobjid FROM pg_depend d WHERE r.class = 'pg_proc'::regclass AND d.classid = r.class AND d.objid = r.obj
				UNION ALL SELECT n.class, n.obj FROM named n WHERE r.class = 'pg_proc'::regclass AND n.fn = r.obj
				UNION ALL SELECT 'pg_proc'::regclass, o.oprcode FROM pg_operator o WHERE r.class = 'pg_operator'::regclass AND o.oid = r.obj) x(class, obj)
			WHERE x.obj >= 16384 AND x.class IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_class'::regclass))
		SELECT DISTINCT r.rel, c.oid FROM reach r JOIN pg_class c ON r.class = 'pg_class'::regclass AND c.oid = r.obj
		WHERE c.relkind IN ('r', 'p') AND c.oid <> r.rel ORDER BY 1, 2`) {
		table, read := tables[p.Table], tables[p.Read]
		if table != nil && read != nil && !slices.Contains(table.LoadAfter, read.Name) {
			table.LoadAfter = append(table.LoadAfter, read.Name)
		}
	}
}
