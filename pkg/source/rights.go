package source

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// mostExamples is the maximum number of examples of each kind of privilege.
const mostExamples = "3"

// Writes returns examples of what the source's role can write. It returns nil if the role can write nothing. masker's
// own sessions are read-only. But another program that has the role's password can open sessions that write.
func (p *Postgres) Writes(ctx context.Context) (list []string, err error) {
	err = p.aside(ctx, func(conn *pgx.Conn) error {
		list, err = writes(ctx, conn)
		return err
	})
	return list, err
}

// Writes returns examples of what the role in a URL can write, as Postgres.Writes does. It opens a connection of its
// own.
func Writes(ctx context.Context, url string) ([]string, error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "rights"})
	if err != nil {
		return nil, err
	}
	defer closeSoon(conn)
	if err := begin(ctx, conn, ""); err != nil {
		return nil, err
	}
	return writes(ctx, conn)
}

func writes(ctx context.Context, conn *pgx.Conn) ([]string, error) {
	r := reader{ctx: ctx, conn: conn}
	list := r.names(writesQuery)
	switch {
	case r.err != nil:
		return nil, r.err
	case len(list) == 0:
		return nil, nil
	}
	return list, nil
}

// columnRights is a condition on pg_class c. It is true if there are privileges on columns of the table. The queries
// test it first, because asking for column privileges of every table would take longer than everything else.
const columnRights = `c.oid IN (SELECT attrelid FROM pg_attribute WHERE attacl IS NOT NULL)`

// sharedByExtension is true for a relation that its extension lets everybody read, such as the view pg_stat_statements
// or a list of coordinate systems. Such relations show nothing of other roles.
const sharedByExtension = `EXISTS (SELECT FROM pg_init_privs i CROSS JOIN LATERAL aclexplode(i.initprivs) a
				WHERE i.classoid = 'pg_class'::regclass AND i.objoid = c.oid AND i.objsubid = 0 AND i.privtype = 'e' AND a.grantee = 0 AND a.privilege_type = 'SELECT')`

// writesQuery looks at the session's role and at every role that it inherits from or can switch to with SET ROLE. For a
// superuser, the only result is that the role is a superuser. The query leaves out catalogs, because only superusers
// can write them. It also leaves out the rights that PostgreSQL gives to everybody: temporary tables, new large objects
// and advisory locks.
const writesQuery = `WITH login AS (SELECT oid, rolname FROM pg_roles WHERE rolname = session_user),
	me AS (SELECT r.oid, r.rolname, r.rolsuper, r.rolcreaterole, r.rolcreatedb FROM pg_roles r, login WHERE pg_has_role(login.oid, r.oid, 'MEMBER')),
	super AS (SELECT bool_or(rolsuper) AS yes FROM me),
	plain AS (SELECT me.* FROM me, super WHERE NOT super.yes),
	found(rank, what) AS (
		(SELECT 0, CASE WHEN me.oid = login.oid THEN 'it is a superuser' ELSE 'it can become the superuser ' || quote_ident(me.rolname) END
			FROM me, login WHERE rolsuper ORDER BY me.oid <> login.oid, me.rolname LIMIT 1)
		UNION ALL (SELECT 1, a.what FROM plain, LATERAL (VALUES ('CREATEROLE', rolcreaterole), ('CREATEDB', rolcreatedb),
				(rolname::text, rolname IN ('pg_write_all_data', 'pg_write_server_files', 'pg_execute_server_program'))) a(what, has)
			WHERE a.has GROUP BY a.what ORDER BY a.what LIMIT ` + mostExamples + `)
		UNION ALL (SELECT 2, 'owner of ' || i.type || ' ' || i.identity FROM pg_shdepend d JOIN plain ON plain.oid = d.refobjid
			CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) i
			WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'o' AND (d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
				OR d.classid = 'pg_database'::regclass AND d.objid = (SELECT oid FROM pg_database WHERE datname = current_database()))
			ORDER BY d.classid = 'pg_class'::regclass DESC, i.identity LIMIT ` + mostExamples + `)
		UNION ALL (SELECT 3, (SELECT string_agg(v.priv, ', ' ORDER BY v.ord)
				FROM (VALUES (1, 'INSERT'), (2, 'UPDATE'), (3, 'DELETE'), (4, 'TRUNCATE'), (5, 'TRIGGER')) v(ord, priv)
				WHERE EXISTS (SELECT FROM plain WHERE has_table_privilege(plain.oid, t.oid, v.priv)
					OR v.priv IN ('INSERT', 'UPDATE') AND has_any_column_privilege(plain.oid, t.oid, v.priv)))
				|| ' on ' || quote_ident(t.nspname) || '.' || quote_ident(t.relname)
			FROM (SELECT c.oid, n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
				WHERE c.relkind IN ('r', 'p', 'v', 'f') AND ` + userRelation + `
				AND EXISTS (SELECT FROM plain WHERE has_schema_privilege(plain.oid, n.oid, 'USAGE')
					AND (has_table_privilege(plain.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE, TRIGGER')
						OR ` + columnRights + ` AND has_any_column_privilege(plain.oid, c.oid, 'INSERT, UPDATE')))
				ORDER BY n.nspname, c.relname LIMIT ` + mostExamples + `) t)
		UNION ALL (SELECT 4, 'nextval on sequence ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND ` + userRelation + `
			AND EXISTS (SELECT FROM plain WHERE has_schema_privilege(plain.oid, n.oid, 'USAGE') AND has_sequence_privilege(plain.oid, c.oid, 'USAGE, UPDATE'))
			ORDER BY n.nspname, c.relname LIMIT ` + mostExamples + `)
		UNION ALL (SELECT 5, 'CREATE on database ' || quote_ident(current_database())
			WHERE EXISTS (SELECT FROM plain WHERE has_database_privilege(plain.oid, current_database(), 'CREATE')))
		UNION ALL (SELECT 6, 'CREATE on schema ' || quote_ident(n.nspname) FROM pg_namespace n WHERE n.nspname !~ '^pg_(temp|toast)'
			AND EXISTS (SELECT FROM plain WHERE has_schema_privilege(plain.oid, n.oid, 'CREATE')) ORDER BY n.nspname LIMIT ` + mostExamples + `)
		UNION ALL (SELECT 7, 'UPDATE on large object ' || l.oid FROM (SELECT oid, lomacl FROM pg_largeobject_metadata WHERE lomacl IS NOT NULL) l
			WHERE EXISTS (SELECT FROM aclexplode(l.lomacl) a WHERE a.privilege_type = 'UPDATE'
				AND EXISTS (SELECT FROM plain WHERE a.grantee IN (0, plain.oid)))
			ORDER BY l.oid LIMIT ` + mostExamples + `)
		UNION ALL (SELECT 8, 'EXECUTE on ' || p.oid::regprocedure || ', which runs with its owner''s rights' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
			WHERE p.prosecdef AND p.provolatile = 'v' AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
			AND n.nspname NOT IN ('pg_catalog', 'information_schema')
			AND EXISTS (SELECT FROM plain WHERE plain.oid <> p.proowner AND has_schema_privilege(plain.oid, n.oid, 'USAGE') AND has_function_privilege(plain.oid, p.oid, 'EXECUTE'))
			ORDER BY 2 LIMIT ` + mostExamples + `)
	)
	SELECT what FROM found ORDER BY rank, what`

// Readable reports whether the target's credentials can read the source, and how. It first reads in the source's
// catalog whether a role with the same name may read anything. Only then does it try the credentials on the source,
// once.
func (p *Postgres) Readable(ctx context.Context, targetURL string) (yes bool, how string, err error) {
	err = p.aside(ctx, func(conn *pgx.Conn) error {
		how, err = mayRead(ctx, conn, targetURL)
		return err
	})
	return try(ctx, p.url, targetURL, how, err)
}

// Readable does the work of Postgres.Readable for a database without a snapshot.
func Readable(ctx context.Context, sourceURL, targetURL string) (yes bool, how string, err error) {
	conn, err := connectOnce(ctx, sourceURL, pgsession.Options{Name: "rights"})
	if err != nil {
		return false, "", err
	}
	how, err = mayRead(ctx, conn, targetURL)
	closeSoon(conn)
	return try(ctx, sourceURL, targetURL, how, err)
}

// try tries the target's credentials on the source. If the argument how is "", it tries nothing.
func try(ctx context.Context, sourceURL, targetURL, how string, err error) (bool, string, error) {
	if err != nil || how == "" {
		return false, "", err
	}
	yes, err := pgsession.Accepts(ctx, sourceURL, targetURL)
	if err != nil {
		return false, "", fmt.Errorf("masker could not find out whether the source accepts the target's credentials: %w", err)
	}
	if !yes {
		return false, "", nil
	}
	return true, how, nil
}

// mayRead says by which privilege a role with the name of the target's role could read the source. It returns "" if
// there is no such privilege, or no role of that name that may log in.
func mayRead(ctx context.Context, conn *pgx.Conn, targetURL string) (how string, err error) {
	user, err := pgsession.User(targetURL)
	if err != nil {
		return "", fmt.Errorf("target: %w", err)
	}
	err = conn.QueryRow(ctx, readsQuery, user).Scan(&how)
	return how, pgsession.Safe(err)
}

const readsQuery = `WITH login AS (SELECT oid FROM pg_roles WHERE rolname = $1::text AND rolcanlogin
		AND has_database_privilege(oid, current_database(), 'CONNECT')),
	me AS (SELECT r.oid, r.rolname, r.rolsuper, r.rolreplication, login.oid AS login FROM pg_roles r, login WHERE pg_has_role(login.oid, r.oid, 'MEMBER')),
	found(rank, what) AS (
		SELECT 0, 'it is, or can become, a superuser there' WHERE EXISTS (SELECT FROM me WHERE rolsuper)
		UNION ALL SELECT 1, 'it has REPLICATION there' WHERE EXISTS (SELECT FROM me WHERE oid = login AND rolreplication)
		UNION ALL SELECT 1, 'it can give itself roles there (CREATEROLE)' WHERE EXISTS (SELECT FROM me JOIN pg_roles r USING (oid) WHERE r.rolcreaterole)
		UNION ALL SELECT 2, 'it is a member of ' || rolname || ' there' FROM me WHERE rolname IN ('pg_read_all_data', 'pg_read_server_files', 'pg_execute_server_program')
		UNION ALL (SELECT 3, 'it has SELECT on ' || quote_ident(n.nspname) || '.' || quote_ident(c.relname)
			FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND ` + userRelation + ` AND NOT ` + sharedByExtension + `
			AND EXISTS (SELECT FROM me WHERE has_schema_privilege(me.oid, n.oid, 'USAGE')
				AND (has_table_privilege(me.oid, c.oid, 'SELECT') OR ` + columnRights + ` AND has_any_column_privilege(me.oid, c.oid, 'SELECT')))
			ORDER BY n.nspname, c.relname LIMIT 1)
	)
	SELECT COALESCE((SELECT what FROM found ORDER BY rank, what LIMIT 1), '')`
