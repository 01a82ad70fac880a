package source

import "github.com/masker-project/masker/pkg/catalog"

// loadRead is a row of loadsAfterQuery.
type loadRead struct {
	Table, Read   uint32
	Schema, Name  string
	MatView       bool
	By, Functions string
	Sure, Fails   bool
}

// loadsAfter finds the tables whose rows another table needs while it is loaded. The functions of generated columns and
// of partition keys run for each row that is loaded, and so do the functions in CHECK constraints of domains. Such a
// function may read other tables. The search is like the one of viewReadsQuery: it goes through operators, views and
// functions. PostgreSQL does not parse the bodies of most functions. masker assumes that such a function reads every
// relation whose name is a word in its body.
func (r *reader) loadsAfter(tables map[uint32]*catalog.Table) {
	for _, p := range rows[loadRead](r, loadsAfterQuery) {
		table, read := tables[p.Table], tables[p.Read]
		if table != nil && (p.MatView || read != nil) {
			table.LoadReads = append(table.LoadReads, catalog.LoadRead{
				Name: catalog.Name{Schema: p.Schema, Name: p.Name}, MatView: p.MatView, By: p.By, Functions: p.Functions, Sure: p.Sure, Fails: p.Fails,
			})
		}
	}
}

// loadsAfterQuery has a row for each relation that a generated column, a partition key or the domains of a table read.
//
// The column for Sure is true if the relation is surely read. If PostgreSQL does not parse a body, only a name after
// FROM or JOIN is surely read. The column for Fails is true if loading probably fails without the rows: the condition
// of a domain does not hold, a row fits no partition, a body with STRICT, RAISE or ASSERT raises an error, or a column
// that is NOT NULL gets NULL. A body with coalesce, count or exists gives a value in place of NULL.
const loadsAfterQuery = `WITH RECURSIVE inside(rel, typ) AS (
			SELECT a.attrelid, a.atttypid FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
				WHERE c.relkind IN ('r', 'p') AND c.oid >= 16384 AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid >= 16384
			UNION SELECT i.rel, x.typ FROM inside i CROSS JOIN LATERAL (
				SELECT unnest(ARRAY[y.typbasetype, y.typelem]) FROM pg_type y WHERE y.oid = i.typ
				UNION ALL SELECT rngsubtype FROM pg_range WHERE i.typ IN (rngtypid, rngmultitypid)
				UNION ALL SELECT a.atttypid FROM pg_type y JOIN pg_attribute a ON a.attrelid = y.typrelid AND a.attnum > 0 AND NOT a.attisdropped WHERE y.oid = i.typ) x(typ)
			WHERE x.typ >= 16384),
		seed(rel, col, class, obj) AS MATERIALIZED (
			SELECT s.rel, s.col, d.refclassid, CASE WHEN d.refclassid = 'pg_operator'::regclass THEN (SELECT oprcode FROM pg_operator o WHERE o.oid = d.refobjid) ELSE d.refobjid END FROM (
				SELECT v.adrelid, v.adnum, 'pg_attrdef'::regclass::oid, v.oid, 0 FROM pg_attrdef v JOIN pg_attribute a ON a.attrelid = v.adrelid AND a.attnum = v.adnum WHERE a.attgenerated = 's'
				UNION ALL SELECT a.attrelid, a.attnum, 'pg_class'::regclass, a.attrelid, a.attnum FROM pg_attribute a WHERE a.attgenerated = 's'
				UNION ALL SELECT partrelid, 0, 'pg_class'::regclass, partrelid, 0 FROM pg_partitioned_table
				UNION ALL SELECT i.rel, -1, 'pg_constraint'::regclass, k.oid, 0 FROM inside i JOIN pg_constraint k ON k.contypid = i.typ AND k.contype = 'c') s(rel, col, class, obj, sub)
			JOIN pg_depend d ON d.classid = s.class AND d.objid = s.obj AND d.objsubid = s.sub
			WHERE d.refobjid >= 16384 AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)),
		body(fn, text, lang) AS MATERIALIZED (
			SELECT p.oid, lower(p.prosrc), l.lanname FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
			WHERE p.oid >= 16384 AND p.prosqlbody IS NULL AND l.lanname NOT IN ('internal', 'c') AND EXISTS (SELECT FROM seed)),
		word(fn, word, sure) AS MATERIALIZED (
			SELECT fn, w.word, bool_or(w.sure) FROM body CROSS JOIN LATERAL (
				SELECT regexp_split_to_table(text, '\W+'), false
				UNION ALL SELECT m[1], true FROM regexp_matches(text, '\m(?:from|join)\s+(?:only\s+)?(?:"?[\w$]+"?\s*\.\s*)?"?([\w$]+)', 'g') m) w(word, sure)
			GROUP BY 1, 2),
		named(fn, class, obj, sure) AS MATERIALIZED (
			SELECT fn, 'pg_class'::regclass::oid, c.oid, sure FROM word JOIN pg_class c ON lower(c.relname) = word AND c.relkind IN ('r', 'p', 'v', 'm') AND c.oid >= 16384
			UNION ALL SELECT fn, 'pg_proc'::regclass, p.oid, true FROM word JOIN pg_proc p ON lower(p.proname) = word AND p.oid >= 16384),
		reach(rel, col, class, obj, sure) AS (
			SELECT rel, col, 'pg_proc'::regclass::oid, obj, true FROM seed
			UNION SELECT r.rel, r.col, x.class, x.obj, r.sure AND x.sure FROM reach r CROSS JOIN LATERAL (
				SELECT d.refclassid, d.refobjid, true FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
					WHERE r.class = 'pg_class'::regclass AND w.ev_class = r.obj AND NOT EXISTS (SELECT FROM pg_class v WHERE v.oid = r.obj AND v.relkind IN ('r', 'p'))
				UNION ALL SELECT d.refclassid, d.refobjid, true FROM pg_depend d WHERE r.class = 'pg_proc'::regclass AND d.classid = r.class AND d.objid = r.obj
				UNION ALL SELECT n.class, n.obj, n.sure FROM named n WHERE r.class = 'pg_proc'::regclass AND n.fn = r.obj
				UNION ALL SELECT 'pg_proc'::regclass, o.oprcode, true FROM pg_operator o WHERE r.class = 'pg_operator'::regclass AND o.oid = r.obj) x(class, obj, sure)
			WHERE x.obj >= 16384 AND x.class IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_class'::regclass)),
		loud(rel, col) AS (
			SELECT DISTINCT r.rel, r.col FROM reach r JOIN body b ON r.class = 'pg_proc'::regclass AND b.fn = r.obj
			WHERE b.lang <> 'sql' AND regexp_replace(b.text, '--[^\n]*', '', 'g') ~ '\m(strict|raise|assert)\M'),
		filled(rel, col) AS (
			SELECT DISTINCT r.rel, r.col FROM reach r JOIN pg_proc p ON r.class = 'pg_proc'::regclass AND p.oid = r.obj
			WHERE COALESCE(pg_get_function_sqlbody(p.oid), p.prosrc) ~* '\m(coalesce|count|exists)\M')
		SELECT r.rel, c.oid, n.nspname, c.relname, c.relkind = 'm',
			CASE r.col WHEN 0 THEN 'the partition key' WHEN -1 THEN 'a domain' ELSE 'generated column ' || quote_ident(a.attname) END,
			(SELECT string_agg(DISTINCT s.obj::regprocedure::text, ', ') FROM seed s WHERE (s.rel, s.col) = (r.rel, r.col)),
			bool_or(r.sure),
			r.col <= 0 OR a.attnotnull AND (r.rel, r.col) NOT IN (SELECT rel, col FROM filled) OR (r.rel, r.col) IN (SELECT rel, col FROM loud)
		FROM reach r JOIN pg_class c ON r.class = 'pg_class'::regclass AND c.oid = r.obj JOIN pg_namespace n ON n.oid = c.relnamespace
		LEFT JOIN pg_attribute a ON a.attrelid = r.rel AND a.attnum = r.col AND r.col > 0
		WHERE c.relkind IN ('r', 'p', 'm')
		GROUP BY r.rel, r.col, c.oid, n.nspname, c.relname, c.relkind, a.attname, a.attnotnull ORDER BY 1, 2, r.col`
