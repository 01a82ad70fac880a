package source

import "github.com/masker-project/masker/pkg/catalog"

// definitions reads the texts of the schema that can quote data. It leaves out the objects of extensions: CREATE EXTENSION
// makes them, and pg_dump does not write them. It also leaves out the bodies of internal and C functions, which are only
// names.
func (r *reader) definitions(d *catalog.Database) {
	list := rows[struct {
		Kind, Schema, Object, Column, Name, Text string
		Plain                                    bool
	}](r, definitionsQuery)
	for _, t := range list {
		d.Definitions = append(d.Definitions, catalog.Definition{
			Kind: t.Kind, Object: catalog.Name{Schema: t.Schema, Name: t.Object}, Column: t.Column, Name: t.Name, Text: t.Text, Plain: t.Plain,
		})
	}
}

// definitionsQuery leaves out constraints that a partition inherits, because the parent's constraint is in the list. It
// leaves out primary keys, which have no text.
const definitionsQuery = `WITH own AS (SELECT n.oid, n.nspname::text AS schema FROM pg_namespace n
		WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'),
	member AS (SELECT classid, objid FROM pg_depend WHERE refclassid = 'pg_extension'::regclass AND deptype = 'e'),
	rel AS (SELECT c.oid, own.schema, c.relname::text AS name, c.relkind, c.relispartition, c.relpartbound FROM pg_class c JOIN own ON own.oid = c.relnamespace
		JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'i', 'I', 'S', 'c') AND c.relpersistence <> 't' AND NOT ` + ownTable + `
		AND NOT EXISTS (SELECT FROM member WHERE classid = 'pg_class'::regclass AND objid = c.oid)),
	typ AS (SELECT t.oid, own.schema, t.typname::text AS name, t.typtype, t.typdefault FROM pg_type t JOIN own ON own.oid = t.typnamespace
		WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_type'::regclass AND objid = t.oid)),
	fun AS (SELECT p.oid, own.schema, p.proname::text AS name, p.prosrc, to_jsonb(p)->>'prosqlbody' IS NOT NULL AS parsed, l.lanname, p.proargdefaults IS NOT NULL AS defaults, p.prokind
		FROM pg_proc p JOIN own ON own.oid = p.pronamespace JOIN pg_language l ON l.oid = p.prolang
		WHERE NOT EXISTS (SELECT FROM member WHERE classid = 'pg_proc'::regclass AND objid = p.oid)),
	found(kind, schema, object, col, name, text, plain) AS (
		SELECT CASE WHEN k.contype = 'c' THEN 'check' ELSE 'exclusion' END, rel.schema, rel.name, '', k.conname::text, pg_get_constraintdef(k.oid), false
			FROM pg_constraint k JOIN rel ON rel.oid = k.conrelid WHERE k.contype IN ('c', 'x') AND k.coninhcount = 0
		UNION ALL SELECT 'domain check', typ.schema, typ.name, '', k.conname::text, pg_get_constraintdef(k.oid), false
			FROM pg_constraint k JOIN typ ON typ.oid = k.contypid
		UNION ALL SELECT 'default', rel.schema, rel.name, a.attname::text, '', pg_get_expr(x.adbin, x.adrelid), false
			FROM pg_attrdef x JOIN rel ON rel.oid = x.adrelid JOIN pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum
		UNION ALL SELECT 'domain default', typ.schema, typ.name, '', '', typ.typdefault, true FROM typ WHERE typ.typtype = 'd' AND typ.typdefault IS NOT NULL
		UNION ALL SELECT 'enum label', typ.schema, typ.name, '', '', e.enumlabel::text, true FROM pg_enum e JOIN typ ON typ.oid = e.enumtypid
		UNION ALL SELECT 'partition bound', rel.schema, rel.name, '', '', pg_get_expr(rel.relpartbound, rel.oid), false FROM rel WHERE rel.relispartition AND rel.relkind <> 'I' AND rel.relpartbound IS NOT NULL
		UNION ALL SELECT 'index', rel.schema, rel.name, '', x.relname::text, concat_ws(' ', pg_get_expr(i.indpred, i.indrelid), pg_get_expr(i.indexprs, i.indrelid)), false
			FROM pg_index i JOIN rel ON rel.oid = i.indrelid JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indpred IS NOT NULL OR i.indexprs IS NOT NULL
		UNION ALL SELECT CASE rel.relkind WHEN 'v' THEN 'view' ELSE 'materialized view' END, rel.schema, rel.name, '', '', pg_get_viewdef(rel.oid), false
			FROM rel WHERE rel.relkind IN ('v', 'm')
		UNION ALL SELECT 'rule', rel.schema, rel.name, '', w.rulename::text, pg_get_ruledef(w.oid), false
			FROM pg_rewrite w JOIN rel ON rel.oid = w.ev_class WHERE w.rulename <> '_RETURN'
		UNION ALL SELECT 'trigger', rel.schema, rel.name, '', t.tgname::text, pg_get_triggerdef(t.oid), false
			FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid WHERE NOT t.tgisinternal
		UNION ALL SELECT 'policy', rel.schema, rel.name, '', p.polname::text, concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)), false
			FROM pg_policy p JOIN rel ON rel.oid = p.polrelid
		UNION ALL SELECT 'function', fun.schema, fun.name, '', '', concat_ws(' ', CASE WHEN fun.parsed THEN pg_get_functiondef(fun.oid) ELSE fun.prosrc END,
				CASE WHEN fun.defaults THEN pg_get_function_arguments(fun.oid) END), false
			FROM fun WHERE fun.lanname NOT IN ('internal', 'c') AND fun.prokind <> 'a'
		UNION ALL SELECT 'comment', rel.schema, rel.name, COALESCE(a.attname::text, ''), '', x.description, true FROM pg_description x JOIN rel ON rel.oid = x.objoid
			LEFT JOIN pg_attribute a ON a.attrelid = rel.oid AND a.attnum = x.objsubid AND x.objsubid > 0 WHERE x.classoid = 'pg_class'::regclass
		UNION ALL SELECT 'comment', typ.schema, typ.name, '', '', x.description, true FROM pg_description x JOIN typ ON typ.oid = x.objoid WHERE x.classoid = 'pg_type'::regclass
		UNION ALL SELECT 'comment', fun.schema, fun.name, '', '', x.description, true FROM pg_description x JOIN fun ON fun.oid = x.objoid WHERE x.classoid = 'pg_proc'::regclass
		UNION ALL SELECT 'comment', own.schema, '', '', '', x.description, true FROM pg_description x JOIN own ON own.oid = x.objoid WHERE x.classoid = 'pg_namespace'::regclass
		UNION ALL SELECT 'comment', rel.schema, rel.name, '', k.conname::text, x.description, true FROM pg_description x
			JOIN pg_constraint k ON k.oid = x.objoid JOIN rel ON rel.oid = k.conrelid WHERE x.classoid = 'pg_constraint'::regclass
		UNION ALL SELECT 'comment', rel.schema, rel.name, '', t.tgname::text, x.description, true FROM pg_description x
			JOIN pg_trigger t ON t.oid = x.objoid JOIN rel ON rel.oid = t.tgrelid WHERE x.classoid = 'pg_trigger'::regclass
		UNION ALL SELECT 'comment', rel.schema, rel.name, '', p.polname::text, x.description, true FROM pg_description x
			JOIN pg_policy p ON p.oid = x.objoid JOIN rel ON rel.oid = p.polrelid WHERE x.classoid = 'pg_policy'::regclass
		UNION ALL SELECT 'comment', COALESCE(i.schema, ''), COALESCE(i.name, substr(i.identity, length(quote_ident(i.schema)) + 2), i.identity), '', '', x.description, true
			FROM pg_description x CROSS JOIN LATERAL pg_identify_object(x.classoid, x.objoid, 0) i
			WHERE x.objoid >= 16384 AND x.classoid NOT IN ('pg_class'::regclass, 'pg_type'::regclass, 'pg_proc'::regclass, 'pg_namespace'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass)
			AND NOT EXISTS (SELECT FROM pg_constraint k WHERE x.classoid = 'pg_constraint'::regclass AND k.oid = x.objoid AND k.conrelid <> 0)
			AND NOT EXISTS (SELECT FROM member m WHERE m.classid = x.classoid AND m.objid = x.objoid) AND x.classoid <> 'pg_extension'::regclass)
	SELECT kind, schema, object, col, name, text, plain FROM found WHERE text <> '' ORDER BY kind, schema, object, col, name, text`
