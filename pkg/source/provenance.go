package source

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// Limits for the content of a provenance table. masker reads the content into memory, and anybody may have written it.
const (
	mostSteps     = 1000
	mostBytes     = 64 << 20 // of all rows together
	provenanceAll = provenance.Schema + "." + provenance.Table
)

// ownTable is a condition on pg_class c and pg_namespace n. It is true for the provenance table that masker made, but
// not for a table of that name that somebody else made.
const ownTable = `(n.nspname = '` + provenance.Schema + `' AND c.relname = '` + provenance.Table + `' AND c.relkind = 'r'
	AND NOT c.relispartition AND COALESCE(obj_description(c.oid, 'pg_class') LIKE '` + provenance.Comment + `%', false))`

// ownSchema is a condition on pg_namespace n. It is true for a schema that has only masker's own table. It checks all
// objects that depend on the schema. Indexes and other parts of the table do not depend on the schema, but on the
// table.
const ownSchema = `(n.nspname = '` + provenance.Schema + `'
	AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND ` + ownTable + `)
	AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.refclassid = 'pg_namespace'::regclass AND x.refobjid = n.oid
		AND NOT EXISTS (SELECT FROM pg_class c WHERE x.classid = 'pg_class'::regclass AND c.oid = x.objid AND c.relnamespace = n.oid AND ` + ownTable + `)))`

// own says which objects of masker the database has. Table means masker's table. Schema means a schema that contains
// only this table. Foreign means that another object has the name of masker's table.
type own struct{ Table, Schema, Foreign bool }

// findOwn finds masker's own objects. If another object has the name of masker's table, findOwn refuses the source.
// masker cannot copy this object, because masker needs the name for its own table. masker must not leave out the
// object, because it is a part of the source.
func (r *reader) findOwn() own {
	list := rows[own](r, `SELECT
		EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE `+ownTable+`),
		EXISTS (SELECT FROM pg_namespace n WHERE `+ownSchema+`),
		EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = '`+provenance.Schema+`' AND c.relname = '`+provenance.Table+`' AND NOT `+ownTable+`)
		OR EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
			WHERE n.nspname = '`+provenance.Schema+`' AND t.typname = '`+provenance.Table+`' AND t.typrelid = 0)`)
	if r.err != nil || len(list) == 0 {
		return own{}
	}
	if list[0].Foreign {
		r.err = sides.Refuse("the database has an object " + provenanceAll + " that masker did not make; masker needs the name for the provenance; rename the object")
	}
	return list[0]
}

// excluded returns the options that make pg_dump leave out masker's own objects.
func (o own) excluded() []string {
	switch {
	case o.Schema:
		return []string{"--exclude-schema=" + provenance.Schema}
	case o.Table:
		return []string{"--exclude-table=" + provenanceAll}
	}
	return nil
}

// ReadProvenance reads the provenance of a database. If masker did not make the database, the result has no steps. The
// error is a RefusedError in these cases: masker did not make the provenance table, somebody changed its columns, the
// table holds more than masker ever writes, or the role may not read the table.
func ReadProvenance(ctx context.Context, url string) (provenance.Claim, error) {
	return ReadProvenanceOf(ctx, url, "")
}

// ReadProvenanceOf does the work of ReadProvenance for another database on the server of the URL.
func ReadProvenanceOf(ctx context.Context, url, database string) (provenance.Claim, error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "provenance", Database: database})
	if err != nil {
		return provenance.Claim{}, err
	}
	defer closeSoon(conn)
	return ReadProvenanceOn(ctx, conn)
}

// ReadProvenanceOn does the work of ReadProvenance for the database of a session. The session must not be in a
// transaction.
func ReadProvenanceOn(ctx context.Context, conn *pgx.Conn) (found provenance.Claim, err error) {
	if err := begin(ctx, conn, ""); err != nil {
		return found, err
	}
	if found, err = readProvenance(ctx, conn); err != nil {
		return found, err
	}
	_, err = conn.Exec(ctx, "ROLLBACK", pgx.QueryExecModeSimpleProtocol)
	return found, pgsession.Safe(err)
}

// Provenance reads the provenance in the snapshot. The function ReadProvenance could read another database, because a
// source that is itself a target may be replaced after the snapshot was taken.
func (p *Postgres) Provenance(ctx context.Context) (found provenance.Claim, err error) {
	err = p.aside(ctx, func(conn *pgx.Conn) error {
		found, err = readProvenance(ctx, conn)
		return err
	})
	return found, err
}

// aside runs queries on the session that holds the snapshot. An error of the queries does not end the snapshot.
func (p *Postgres) aside(ctx context.Context, ask func(*pgx.Conn) error) error {
	p.holding.Lock()
	defer p.holding.Unlock()
	return p.sessions.why(inSavepoint(ctx, p.holder, func() error { return ask(p.holder) }))
}

func readProvenance(ctx context.Context, conn *pgx.Conn) (provenance.Claim, error) {
	r := reader{ctx: ctx, conn: conn}
	list := rows[struct {
		Database          string
		OID               uint32
		SystemID, Comment string
	}](&r, `SELECT datname::text, oid, (SELECT system_identifier::text FROM pg_control_system()), COALESCE(shobj_description(oid, 'pg_database'), '')
		FROM pg_database WHERE datname = current_database()`)
	found := r.findOwn()
	if r.err != nil {
		return provenance.Claim{}, r.err
	}
	var c provenance.Claim
	for _, f := range list {
		c = provenance.Claim{Database: f.Database, OID: f.OID, SystemID: f.SystemID}
		if m, ok := provenance.ParseMark(f.Comment); ok {
			c.Mark = &m
		}
	}
	if !found.Table {
		return c, nil
	}
	var err error
	c.Steps, err = readSteps(&r)
	return c, err
}

// noViews is a query after which the transaction can read no views and foreign tables except PostgreSQL's own.
// PostgreSQL knows the parameter since versions 14.13, 15.8, 16.4 and 17. On other servers, the query does nothing.
const noViews = `SELECT set_config(name, 'view, foreign-table', true) FROM pg_settings WHERE name = 'restrict_nonsystem_relation_kind'`

// readSteps reads the rows of the provenance table. The owner of the database can replace the table by a view at any
// moment. A view runs functions as the role that reads it, so the transaction may read no view until readSteps has
// ended.
func readSteps(r *reader) (steps []provenance.Step, err error) {
	err = inSavepoint(r.ctx, r.conn, func() error {
		if _, err := r.conn.Exec(r.ctx, noViews, pgx.QueryExecModeSimpleProtocol); err != nil {
			return pgsession.Safe(err)
		}
		steps, err = readTable(r)
		return err
	})
	return steps, err
}

func readTable(r *reader) ([]provenance.Step, error) {
	for _, s := range rows[struct {
		Readable, Shape bool
	}](r, `SELECT has_schema_privilege('`+provenance.Schema+`', 'USAGE') AND COALESCE((SELECT has_table_privilege(c.oid, 'SELECT')), false),
			(SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, NULL), ',' ORDER BY a.attnum) FROM pg_attribute a
				WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
				= 'step integer,run text,inclusion text,at timestamp with time zone'
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE `+ownTable) {
		switch {
		case !s.Readable:
			return nil, sides.Refuse(fmt.Sprintf("the role may not read the provenance of the database; GRANT USAGE ON SCHEMA %s TO PUBLIC; GRANT SELECT ON %s TO PUBLIC",
				provenance.Schema, provenanceAll))
		case !s.Shape:
			return nil, sides.Refuse("somebody changed the columns of " + provenanceAll + ", or a newer masker made it; refresh the database again")
		}
	}
	for _, s := range rows[struct{ Count, Bytes int64 }](r, fmt.Sprintf(`SELECT count(*), COALESCE(sum(octet_length(inclusion)::bigint + octet_length(run)), 0)::bigint
			FROM (SELECT COALESCE(inclusion, '') AS inclusion, COALESCE(run, '') AS run FROM ONLY %s LIMIT %d) t`, provenanceAll, mostSteps+1)) {
		if s.Count > mostSteps || s.Bytes > mostBytes {
			return nil, sides.Refuse(provenanceAll + " holds more than masker ever writes there; refresh the database again")
		}
	}
	steps := rows[provenance.Step](r, `SELECT step, COALESCE(run, ''), COALESCE(inclusion, ''), COALESCE("at", 'epoch') FROM ONLY `+provenanceAll+` ORDER BY step`)
	return steps, r.err
}
