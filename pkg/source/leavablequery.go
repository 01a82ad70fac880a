package source

// wholeRow finds a reference to a whole row in the text of a parsed expression. PostgreSQL records no column for such a
// reference.
const wholeRow = `':varattno 0 '`

// indexReads is a query for the numbers of the columns that an index i reads, in its keys, its expressions and its
// condition. The number 0 stands for all columns.
const indexReads = `SELECT num FROM unnest(i.indkey::int2[]) num WHERE num > 0
	UNION SELECT y.refobjsubid FROM pg_depend y WHERE y.classid = 'pg_class'::regclass AND y.objid = i.indexrelid
		AND y.refclassid = 'pg_class'::regclass AND y.refobjid = i.indrelid AND y.refobjsubid > 0
	UNION SELECT 0 WHERE concat(i.indexprs::text, i.indpred::text) ~ ` + wholeRow

// leavableQuery reads indexes, constraints, triggers, materialized views, extended statistics, casts, operator classes
// and operator families.
const leavableQuery = `WITH member AS (SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'),
	rel AS (SELECT c.oid, n.nspname::text AS schema, c.relname::text AS name, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'm') AND ` + userRelation + `
		AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_class'::regclass AND objid = c.oid))
	SELECT 'pg_class'::regclass::oid, x.oid, 'index', rel.schema, rel.name, x.relname::text, '', '', '',
			CASE WHEN k.oid IS NOT NULL THEN 'pg_constraint'::regclass::oid WHEN h.inhparent IS NOT NULL THEN 'pg_class'::regclass::oid ELSE 0 END,
			COALESCE(k.oid, h.inhparent, 0), false, false,
			CASE WHEN i.indnatts = 1 AND i.indexprs IS NULL AND i.indpred IS NULL THEN ARRAY[i.indrelid || ' ' || i.indkey[0]]
				ELSE ARRAY(SELECT i.indrelid || ' ' || num FROM (` + indexReads + `) u) END
		FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN rel ON rel.oid = i.indrelid
		LEFT JOIN pg_constraint k ON k.conindid = x.oid AND k.conrelid = rel.oid AND k.contype IN ('p', 'u', 'x')
		LEFT JOIN pg_inherits h ON h.inhrelid = x.oid
		WHERE i.indisvalid OR rel.relkind = 'p'
	UNION ALL SELECT 'pg_constraint'::regclass, k.oid, CASE k.contype WHEN 'c' THEN 'check' WHEN 'p' THEN 'primary key' WHEN 'u' THEN 'unique constraint'
			WHEN 'x' THEN 'exclusion constraint' ELSE 'foreign key' END, rel.schema, rel.name, k.conname::text, '', '', '',
			CASE WHEN k.conparentid <> 0 OR p.oid IS NOT NULL THEN 'pg_constraint'::regclass::oid ELSE 0 END,
			COALESCE(NULLIF(k.conparentid, 0), p.oid, 0), k.contype = 'c' AND k.conislocal, false,
			CASE WHEN one.indnatts = 1 THEN ARRAY[k.conrelid || ' ' || k.conkey[1]]
				ELSE ARRAY(SELECT k.conrelid || ' ' || num FROM unnest(k.conkey) num WHERE num > 0
				UNION SELECT k.confrelid || ' ' || num FROM unnest(k.confkey) num
				UNION SELECT k.conrelid || ' 0' WHERE k.conbin::text ~ ` + wholeRow + `
				UNION SELECT i.indrelid || ' ' || u.num FROM pg_index i CROSS JOIN LATERAL (` + indexReads + `) u WHERE i.indexrelid = k.conindid AND k.contype <> 'f') END
		FROM pg_constraint k JOIN rel ON rel.oid = k.conrelid
		LEFT JOIN pg_index one ON one.indexrelid = k.conindid AND k.contype IN ('p', 'u')
		LEFT JOIN LATERAL (SELECT min(p.oid::int8)::oid AS oid FROM pg_inherits h JOIN pg_constraint p ON p.conrelid = h.inhparent
			WHERE k.contype = 'c' AND k.coninhcount > 0 AND h.inhrelid = k.conrelid AND p.contype = 'c' AND p.conname = k.conname) p ON true
		WHERE k.contype IN ('c', 'p', 'u', 'x', 'f')
	UNION ALL SELECT 'pg_constraint'::regclass, k.oid, 'domain check', n.nspname::text, t.typname::text, k.conname::text, '', '', '', 0, 0, false, false,
			ARRAY(WITH RECURSIVE holds(typ) AS (SELECT k.contypid UNION SELECT x.typ FROM holds, LATERAL (
					SELECT y.oid FROM pg_type y WHERE y.typbasetype = holds.typ OR y.typelem = holds.typ AND y.typcategory = 'A'
					UNION ALL SELECT y.rngtypid FROM pg_range y WHERE y.rngsubtype = holds.typ
					UNION ALL SELECT y.rngmultitypid FROM pg_range y WHERE y.rngtypid = holds.typ
					UNION ALL SELECT c.reltype FROM pg_class c JOIN pg_attribute y ON y.attrelid = c.oid WHERE c.relkind = 'c' AND y.atttypid = holds.typ) x(typ))
				SELECT a.attrelid || ' ' || a.attnum FROM pg_attribute a JOIN rel ON rel.oid = a.attrelid AND rel.relkind <> 'm' JOIN holds ON holds.typ = a.atttypid WHERE NOT a.attisdropped)
		FROM pg_constraint k JOIN pg_type t ON t.oid = k.contypid JOIN pg_namespace n ON n.oid = t.typnamespace
		WHERE k.contype = 'c' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
			AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)
	UNION ALL SELECT 'pg_trigger'::regclass, g.oid, 'trigger', rel.schema, rel.name, g.tgname::text, '', '', '',
			CASE WHEN g.tgparentid <> 0 THEN 'pg_trigger'::regclass::oid ELSE 0 END, g.tgparentid, false, false, '{}'
		FROM pg_trigger g JOIN rel ON rel.oid = g.tgrelid WHERE (NOT g.tgisinternal OR g.tgparentid <> 0)
			AND NOT EXISTS (SELECT FROM pg_constraint k WHERE k.oid = g.tgconstraint AND k.contype <> 't')
	UNION ALL SELECT 'pg_class'::regclass, rel.oid, 'materialized view', rel.schema, '', rel.name, '', '', '', 0, 0, false, false, '{}' FROM rel WHERE rel.relkind = 'm'
	UNION ALL SELECT 'pg_statistic_ext'::regclass, s.oid, 'statistics object', n.nspname::text, '', s.stxname::text, '', '', '', 0, 0, false, false,
			ARRAY(SELECT y.refobjid || ' ' || y.refobjsubid FROM pg_depend y WHERE y.classid = 'pg_statistic_ext'::regclass AND y.objid = s.oid
				AND y.refclassid = 'pg_class'::regclass AND y.refobjsubid > 0)
		FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace JOIN rel ON rel.oid = s.stxrelid AND rel.relkind <> 'm'
	UNION ALL SELECT 'pg_cast'::regclass, k.oid, 'cast', '', '', '', format_type(k.castsource, NULL), format_type(k.casttarget, NULL), '', 0, 0, false,
			k.castmethod = 'b' OR NOT EXISTS (SELECT FROM pg_type t WHERE t.oid IN (k.castsource, k.casttarget) AND t.oid >= 16384
				AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)), '{}'
		FROM pg_cast k WHERE k.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_cast'::regclass AND objid = k.oid)
	UNION ALL SELECT 'pg_opclass'::regclass, o.oid, 'operator class', n.nspname::text, '', o.opcname::text, '', '', m.amname::text, 0, 0, false, true, '{}'
		FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am m ON m.oid = o.opcmethod
		WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_opclass'::regclass AND objid = o.oid)
	UNION ALL SELECT 'pg_opfamily'::regclass, o.oid, 'operator family', n.nspname::text, '', o.opfname::text, '', '', m.amname::text, 0, 0, false, true, '{}'
		FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace JOIN pg_am m ON m.oid = o.opfmethod
		WHERE o.oid >= 16384 AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_opfamily'::regclass AND objid = o.oid)`

// viewReadsQuery finds the columns that each materialized view reads: through views, other materialized views and
// functions. It stops at tables. If no single column is recorded for a table in a query, the query may read all
// columns. PostgreSQL does not parse the bodies of most functions. masker assumes that such a function reads every
// relation, and calls every function, whose name is a word in its body. The columns that it reads are then those whose
// names are words in its body. If there are none, or if the body has a *, they are all columns.
const viewReadsQuery = `WITH RECURSIVE word(fn, word) AS MATERIALIZED (
		SELECT p.oid, w FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang CROSS JOIN LATERAL regexp_split_to_table(lower(p.prosrc), '\W+') w
		WHERE p.oid >= 16384 AND p.prosqlbody IS NULL AND l.lanname NOT IN ('internal', 'c') AND EXISTS (SELECT FROM pg_class WHERE relkind = 'm')
			AND NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e')
		GROUP BY 1, 2),
	named(fn, class, obj) AS MATERIALIZED (
		SELECT fn, 'pg_class'::regclass::oid, c.oid FROM word JOIN pg_class c ON lower(c.relname) = word AND c.relkind IN ('r', 'p', 'v', 'm') AND c.oid >= 16384
		UNION ALL SELECT fn, 'pg_proc'::regclass, p.oid FROM word JOIN pg_proc p ON lower(p.proname) = word AND p.oid >= 16384),
	reach(view, class, obj) AS (
		SELECT c.oid, 'pg_class'::regclass::oid, c.oid FROM pg_class c WHERE c.relkind = 'm'
		UNION
		SELECT r.view, x.class, x.obj FROM reach r CROSS JOIN LATERAL (
			SELECT d.refclassid, d.refobjid FROM pg_rewrite w JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
				WHERE r.class = 'pg_class'::regclass AND w.ev_class = r.obj
			UNION ALL SELECT d.refclassid, d.refobjid FROM pg_depend d WHERE r.class = 'pg_proc'::regclass AND d.classid = 'pg_proc'::regclass AND d.objid = r.obj
			UNION ALL SELECT n.class, n.obj FROM named n WHERE r.class = 'pg_proc'::regclass AND n.fn = r.obj
			UNION ALL SELECT 'pg_proc'::regclass, o.oprcode FROM pg_operator o WHERE r.class = 'pg_operator'::regclass AND o.oid = r.obj
		) x(class, obj)
		WHERE x.class = 'pg_proc'::regclass OR x.class = 'pg_operator'::regclass
			OR x.class = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class c WHERE c.oid = x.obj AND c.relkind IN ('v', 'm'))),
	columns(view, rel, num) AS (
		SELECT r.view, d.refobjid, CASE WHEN w.ev_action::text ~ ` + wholeRow + ` THEN 0 ELSE d.refobjsubid END
			FROM reach r JOIN pg_rewrite w ON r.class = 'pg_class'::regclass AND w.ev_class = r.obj
			JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass
		UNION SELECT r.view, d.refobjid, d.refobjsubid
			FROM reach r JOIN pg_depend d ON r.class = 'pg_proc'::regclass AND d.classid = 'pg_proc'::regclass AND d.objid = r.obj AND d.refclassid = 'pg_class'::regclass
		UNION SELECT r.view, n.obj, COALESCE(a.attnum, 0)
			FROM reach r JOIN named n ON r.class = 'pg_proc'::regclass AND n.fn = r.obj AND n.class = 'pg_class'::regclass
			LEFT JOIN (word w JOIN pg_attribute a ON lower(a.attname) = w.word AND a.attnum > 0) ON w.fn = n.fn AND a.attrelid = n.obj
				AND NOT EXISTS (SELECT FROM pg_proc p WHERE p.oid = n.fn AND strpos(p.prosrc, '*') > 0))
	SELECT view, array_agg(rel || ' ' || num ORDER BY rel, num) FROM columns
	WHERE EXISTS (SELECT FROM pg_class c WHERE c.oid = rel AND c.relkind IN ('r', 'p')) GROUP BY view`

// needsQuery finds the objects that need an object that can be left out. A rule of a view counts as the view. The row
// type of a materialized view counts as the materialized view.
const needsQuery = `WITH dep AS (
		SELECT CASE WHEN c.oid IS NULL THEN d.refclassid ELSE 'pg_class'::regclass::oid END AS class, COALESCE(c.oid, d.refobjid) AS oid,
			CASE WHEN v.ev_class IS NULL THEN d.classid ELSE 'pg_class'::regclass::oid END AS byclass, COALESCE(v.ev_class, d.objid) AS byoid
		FROM pg_depend d
		LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
		LEFT JOIN pg_type e ON e.oid = t.typelem AND t.typcategory = 'A'
		LEFT JOIN pg_class c ON c.oid = COALESCE(NULLIF(t.typrelid, 0), e.typrelid) AND c.relkind = 'm'
		LEFT JOIN pg_rewrite v ON d.classid = 'pg_rewrite'::regclass AND v.oid = d.objid AND v.rulename = '_RETURN'
		WHERE d.refobjid >= 16384 AND (d.deptype = 'n' OR d.deptype = 'a' AND d.refclassid = 'pg_opfamily'::regclass AND d.classid = 'pg_opclass'::regclass)
			AND (c.oid IS NOT NULL OR d.refclassid IN ('pg_constraint'::regclass, 'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_cast'::regclass, 'pg_proc'::regclass,
					'pg_language'::regclass, 'pg_am'::regclass, 'pg_ts_parser'::regclass, 'pg_ts_template'::regclass, 'pg_transform'::regclass)
				OR d.refclassid = 'pg_class'::regclass AND EXISTS (SELECT FROM pg_class r WHERE r.oid = d.refobjid AND r.relkind IN ('i', 'I', 'm'))))
	SELECT DISTINCT class, oid, byclass, byoid, i.type, i.identity FROM dep CROSS JOIN LATERAL pg_identify_object(byclass, byoid, 0) i
	WHERE (class, oid) <> (byclass, byoid) AND i.identity IS NOT NULL ORDER BY class, oid, i.type, i.identity`
