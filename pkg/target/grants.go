package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
)

// carryGrants calls reapplyGrants, unless an earlier call has succeeded.
func (s *Shadow) carryGrants(ctx context.Context) error {
	if s.granted {
		return nil
	}
	err := s.reapplyGrants(ctx)
	s.granted = err == nil
	return err
}

// reapplyGrants makes the database's owner the owner of every object of the shadow. Then it grants the roles of the
// target the privileges that they have in the old database. It finds the objects by name and signature. If a privilege
// cannot be granted, because the object is gone or belongs to another role, there is a note.
func (s *Shadow) reapplyGrants(ctx context.Context) error {
	conn, err := s.connect(ctx, "grants", "")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if err := s.reown(ctx, conn); err != nil || s.target.old == nil {
		return err
	}
	lost, err := s.regrant(ctx, conn)
	for _, label := range lost {
		s.note("grant not carried over: %s", label)
	}
	return err
}

// reown makes the old database's owner the owner of the shadow and its objects. It alters object by object, because
// REASSIGN OWNED would also change the owner of other databases and shared objects.
func (s *Shadow) reown(ctx context.Context, conn *pgx.Conn) error {
	if s.owner == s.target.server.role {
		return nil
	}
	owner := catalog.Quote(s.owner)
	if err := s.target.exec(ctx, "ALTER DATABASE "+catalog.Quote(s.name)+" OWNER TO "+owner); err != nil {
		return fmt.Errorf("giving the shadow to %s: %w", s.owner, err)
	}
	rows, err := conn.Query(ctx, ownedQuery, owner)
	if err != nil {
		return fmt.Errorf("reading who owns what in the shadow: %w", pgsession.Safe(err))
	}
	alter, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("reading who owns what in the shadow: %w", pgsession.Safe(err))
	}
	for batch := range slices.Chunk(alter, batchSize) {
		if err := s.statement(ctx, conn, strings.Join(batch, ";\n")); err != nil {
			return fmt.Errorf("giving the shadow's objects to %s: %w", s.owner, err)
		}
	}
	return nil
}

// ownedQuery returns ALTER … OWNER TO $1 for every object of masker's role. Schemas come first, because the new owner
// of an object needs CREATE on its schema. It leaves out the members of extensions. It leaves out sequences and types
// that get the owner of their table. It also leaves out event triggers, which only superusers can own.
const ownedQuery = `WITH mine(step, classid, objid, keyword) AS (
	SELECT 0, 'pg_namespace'::regclass, oid, 'SCHEMA' FROM pg_namespace WHERE nspowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_class'::regclass, c.oid, CASE relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW'
			WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END
		FROM pg_class c WHERE relowner = current_user::regrole AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
		AND NOT (relkind = 'S' AND EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
			AND refclassid = 'pg_class'::regclass AND refobjsubid > 0 AND deptype IN ('a', 'i')))
	UNION ALL SELECT 1, 'pg_type'::regclass, t.oid, 'TYPE' FROM pg_type t LEFT JOIN pg_class c ON c.oid = t.typrelid
		WHERE typowner = current_user::regrole AND typtype IN ('b', 'c', 'd', 'e', 'r') AND (typrelid = 0 OR c.relkind = 'c')
		AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid)
	UNION ALL SELECT 1, 'pg_proc'::regclass, oid, 'ROUTINE' FROM pg_proc WHERE proowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_operator'::regclass, oid, 'OPERATOR' FROM pg_operator WHERE oprowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_opclass'::regclass, oid, 'OPERATOR CLASS' FROM pg_opclass WHERE opcowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_opfamily'::regclass, oid, 'OPERATOR FAMILY' FROM pg_opfamily WHERE opfowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_collation'::regclass, oid, 'COLLATION' FROM pg_collation WHERE collowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_conversion'::regclass, oid, 'CONVERSION' FROM pg_conversion WHERE conowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_ts_dict'::regclass, oid, 'TEXT SEARCH DICTIONARY' FROM pg_ts_dict WHERE dictowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_ts_config'::regclass, oid, 'TEXT SEARCH CONFIGURATION' FROM pg_ts_config WHERE cfgowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_statistic_ext'::regclass, oid, 'STATISTICS' FROM pg_statistic_ext WHERE stxowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_foreign_server'::regclass, oid, 'SERVER' FROM pg_foreign_server WHERE srvowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_language'::regclass, oid, 'LANGUAGE' FROM pg_language WHERE lanowner = current_user::regrole
	UNION ALL SELECT 1, 'pg_largeobject'::regclass, oid, 'LARGE OBJECT' FROM pg_largeobject_metadata WHERE lomowner = current_user::regrole
)
SELECT format('ALTER %s %s OWNER TO %s', keyword, i.identity, $1::text)
FROM mine, pg_identify_object(classid, objid, 0) i
WHERE (objid >= 16384 OR keyword = 'LARGE OBJECT') AND coalesce(i.schema, '') NOT IN ('pg_toast', 'pg_catalog', 'information_schema')
AND i.identity NOT LIKE 'pg_temp%' AND i.identity NOT LIKE 'pg_toast_temp%'
AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = mine.classid AND d.objid = mine.objid AND d.deptype = 'e')
ORDER BY step, mine.objid`

// grant is the privileges on one object, or on one column, in the old database.
type grant struct {
	label string   // for messages: "TABLE public.a", "COLUMN public.a.b"
	sql   []string // statements that grant the privileges in the shadow
}

// regrant grants the privileges of the old database. It returns the labels of the objects for which it could not grant
// them.
func (s *Shadow) regrant(ctx context.Context, conn *pgx.Conn) (lost []string, err error) {
	if !s.target.old.allowConn {
		s.note("the old database takes no connections, so the grants on its objects were not carried over")
		return nil, nil
	}
	grants, err := s.target.readGrants(ctx, s.owner)
	if err != nil {
		return nil, err
	}
	for _, g := range grants {
		err := s.statement(ctx, conn, strings.Join(g.sql, ";\n"))
		switch pgsession.Code(err) {
		case "42P01", "42883", "42703", "3F000", "42704", "42809", "42501":
			lost = append(lost, g.label)
			continue
		}
		if err != nil {
			return lost, fmt.Errorf("carrying over the grants on %s: %w", g.label, err)
		}
	}
	slices.Sort(lost)
	return lost, nil
}

// readGrants reads the privileges on all objects of the old database.
func (p *Postgres) readGrants(ctx context.Context, owner string) ([]grant, error) {
	old, err := p.connect(ctx, pgsession.Options{Name: "grants", Database: p.name, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("entering the old database to read its grants: %w", err)
	}
	defer closeConn(old)
	rows, err := old.Query(ctx, grantsQuery, owner)
	if err != nil {
		return nil, fmt.Errorf("reading the old database's grants: %w", pgsession.Safe(err))
	}
	grants, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (g grant, err error) {
		var fresh string
		if err := row.Scan(&g.label, &fresh, &g.sql); err != nil {
			return g, err
		}
		if fresh != "" {
			g.sql = append([]string{fresh}, g.sql...)
		}
		return g, nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the old database's grants: %w", pgsession.Safe(err))
	}
	return grants, nil
}

// grantsQuery returns one row for each object that has privileges other than the default, or an owner other than $1.
// The row has a label, a REVOKE of the default privileges of PUBLIC, and the GRANTs. It leaves out privileges that have
// not changed since initdb or CREATE EXTENSION set them (pg_init_privs). It also leaves out the objects that Provenance
// makes. The query returns further rows for ALTER DEFAULT PRIVILEGES.
const grantsQuery = `WITH listed(classid, objid, sub, keyword, code, owner, acl) AS (
	SELECT 'pg_class'::regclass, oid, 0, CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
		CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", relowner, relacl FROM pg_class WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
	UNION ALL SELECT 'pg_class'::regclass, attrelid, attnum, 'TABLE', 'c', relowner, attacl
		FROM pg_attribute JOIN pg_class c ON c.oid = attrelid WHERE attacl IS NOT NULL AND NOT attisdropped
	UNION ALL SELECT 'pg_namespace'::regclass, oid, 0, 'SCHEMA', 'n', nspowner, nspacl FROM pg_namespace
	UNION ALL SELECT 'pg_proc'::regclass, oid, 0, 'ROUTINE', 'f', proowner, proacl FROM pg_proc
	UNION ALL SELECT 'pg_type'::regclass, oid, 0, 'TYPE', 'T', typowner, typacl FROM pg_type t
		WHERE typrelid = 0 AND NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = t.oid) AND typtype <> 'm'
	UNION ALL SELECT 'pg_language'::regclass, oid, 0, 'LANGUAGE', 'l', lanowner, lanacl FROM pg_language
	UNION ALL SELECT 'pg_foreign_server'::regclass, oid, 0, 'FOREIGN SERVER', 'S', srvowner, srvacl FROM pg_foreign_server
	UNION ALL SELECT 'pg_foreign_data_wrapper'::regclass, oid, 0, 'FOREIGN DATA WRAPPER', 'F', fdwowner, fdwacl FROM pg_foreign_data_wrapper
), named AS (
	SELECT l.*, i.identity, o.identity AS whole, CASE WHEN sub > 0 THEN format(' (%I)', a.attname) ELSE '' END AS col
	FROM listed l CROSS JOIN LATERAL pg_identify_object(l.classid, l.objid, l.sub) i
	CROSS JOIN LATERAL pg_identify_object(l.classid, l.objid, 0) o
	LEFT JOIN pg_attribute a ON l.sub > 0 AND a.attrelid = l.objid AND a.attnum = l.sub
	LEFT JOIN pg_init_privs p ON p.classoid = l.classid AND p.objoid = l.objid AND p.objsubid = l.sub
	WHERE (l.objid >= 16384 OR l.classid = 'pg_namespace'::regclass AND o.identity = 'public')
	AND coalesce(o.schema, '') NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND o.identity !~ '^pg_(toast_)?temp'
	AND NOT (o.identity IN ('` + provenance.Schema + `', '` + provenanceName + `') AND coalesce(obj_description(l.objid, l.classid::regclass::text::name) LIKE '` + provenance.Comment + `%', false))
	AND CASE WHEN p.initprivs IS NOT NULL THEN l.acl IS DISTINCT FROM p.initprivs
		ELSE l.acl IS NOT NULL OR l.owner <> (SELECT oid FROM pg_roles WHERE rolname = $1)
			AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = l.classid AND d.objid = l.objid AND d.deptype = 'e') END
), objects AS (
	SELECT keyword || ' ' || identity AS label,
		CASE WHEN sub = 0 THEN format('REVOKE ALL ON %s %s FROM PUBLIC', keyword, whole) ELSE '' END AS fresh,
		array_agg(format('GRANT %s%s ON %s %s TO %s%s', a.privilege_type, col, keyword, whole,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
			CASE WHEN a.is_grantable AND a.grantee <> 0 THEN ' WITH GRANT OPTION' ELSE '' END))
			FILTER (WHERE a.grantee = 0 OR pg_get_userbyid(a.grantee) <> $1) AS sql
	FROM named CROSS JOIN LATERAL aclexplode(coalesce(acl, acldefault(code, owner))) a
	GROUP BY classid, objid, sub, keyword, identity, whole, col
), defaults AS (
	SELECT format('default privileges of %s%s on %s', pg_get_userbyid(defaclrole), coalesce(' in schema ' || nspname, ''), k.word) AS label,
		CASE WHEN defaclnamespace = 0 THEN h.head || ' REVOKE ALL ON ' || k.word || ' FROM PUBLIC' ELSE '' END AS fresh,
		array_agg(format('%s GRANT %s ON %s TO %s%s', h.head, a.privilege_type, k.word,
			CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
			CASE WHEN a.is_grantable AND a.grantee <> 0 THEN ' WITH GRANT OPTION' ELSE '' END)) AS sql
	FROM pg_default_acl d LEFT JOIN pg_namespace n ON n.oid = defaclnamespace
	CROSS JOIN LATERAL (SELECT CASE defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES'
		WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END AS word) k
	CROSS JOIN LATERAL (SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s', pg_get_userbyid(defaclrole), CASE WHEN nspname IS NULL THEN '' ELSE format(' IN SCHEMA %I', nspname) END) AS head) h
	CROSS JOIN LATERAL aclexplode(defaclacl) a GROUP BY 1, 2, d.oid
)
SELECT label, fresh, coalesce(sql, '{}') FROM objects UNION ALL SELECT label, fresh, sql FROM defaults ORDER BY 1`
