package target

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

// Provenance writes the provenance into the shadow. Everybody may read it, because it has no values. Call Provenance
// before Publish, but after the rows are loaded and the hooks have run. Then no hook and no loaded row can be a part of
// the provenance.
func (s *Shadow) Provenance(ctx context.Context, steps []provenance.Step) error {
	conn, err := s.connect(ctx, "provenance", "")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	tx, err := conn.Begin(ctx)
	if err != nil {
		return fmt.Errorf("writing the provenance of %s: %w", s.target.name, pgsession.Safe(err))
	}
	if err := s.writeProvenance(ctx, tx, steps); err != nil {
		return fmt.Errorf("writing the provenance of %s: %w", s.target.name, err) // the end of the session rolls the transaction back
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("writing the provenance of %s: %w", s.target.name, pgsession.Safe(err))
	}
	return nil
}

// writeProvenance makes the provenance table and writes the steps into it.
func (s *Shadow) writeProvenance(ctx context.Context, tx pgx.Tx, steps []provenance.Step) error {
	var schema, taken bool
	err := tx.QueryRow(ctx, `SELECT to_regnamespace($1) IS NOT NULL, to_regclass($2) IS NOT NULL OR to_regtype($2) IS NOT NULL`,
		provenance.Schema, provenance.Schema+"."+provenance.Table).Scan(&schema, &taken)
	switch {
	case err != nil:
		return pgsession.Safe(err)
	case taken:
		return fmt.Errorf("%w: the source or a hook made an object %s.%s, and masker needs the name for the provenance; rename the object", sides.ErrRefused,
			provenance.Schema, provenance.Table)
	}
	if _, err := tx.Exec(ctx, provenanceDDL(schema), pgx.QueryExecModeSimpleProtocol); err != nil {
		return pgsession.Safe(err)
	}
	if schema {
		s.note("schema %s comes from the source and its privileges were not changed; GRANT USAGE ON SCHEMA %[1]s TO the roles that should read the provenance", provenance.Schema)
	}
	for _, step := range steps {
		if err := addStep(ctx, tx.Conn(), step); err != nil {
			return err
		}
	}
	_, err = tx.Exec(ctx, "ANALYZE "+provenanceName) // Finish has analyzed the other tables
	return pgsession.Safe(err)
}

func addStep(ctx context.Context, conn *pgx.Conn, step provenance.Step) error {
	_, err := conn.Exec(ctx, `INSERT INTO `+provenanceName+` (step, run, inclusion, "at") VALUES ($1, $2, $3, $4)`,
		step.Step, step.Run, inASCII(step.Inclusion), step.At)
	return pgsession.Safe(err)
}

// AddStep adds a step to the provenance table of the database of a session. It refuses a table to which somebody has
// added code, such as a trigger, because AddStep would run this code. Its only index must be the primary key, because
// another index can have an expression, which runs for each new row.
func AddStep(ctx context.Context, conn *pgx.Conn, step provenance.Step) error {
	var changed bool
	err := conn.QueryRow(ctx, `SELECT c.relrowsecurity OR c.relkind <> 'r'
			OR EXISTS (SELECT FROM pg_trigger WHERE tgrelid = c.oid) OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = c.oid)
			OR EXISTS (SELECT FROM pg_attrdef WHERE adrelid = c.oid) OR EXISTS (SELECT FROM pg_constraint WHERE conrelid = c.oid AND contype NOT IN ('p', 'n'))
			OR (SELECT count(*) FROM pg_index WHERE indrelid = c.oid) <> 1 OR NOT EXISTS (SELECT FROM pg_index WHERE indrelid = c.oid AND indisprimary)
			OR EXISTS (SELECT FROM pg_inherits WHERE c.oid IN (inhrelid, inhparent))
		FROM pg_class c WHERE c.oid = to_regclass($1)`, provenanceName).Scan(&changed)
	switch {
	case err != nil:
		return fmt.Errorf("looking at the table %s: %w", provenanceName, pgsession.Safe(err))
	case changed:
		return fmt.Errorf("%w: somebody changed the table %s; refresh the target again", sides.ErrRefused, provenanceName)
	}
	if err := addStep(ctx, conn, step); err != nil {
		return fmt.Errorf("writing into the table %s: %w", provenanceName, err)
	}
	return nil
}

const provenanceName = provenance.Schema + "." + provenance.Table

// provenanceDDL returns statements that make the table. They also make its schema if hasSchema is false.
func provenanceDDL(hasSchema bool) string {
	var sql []string
	if !hasSchema {
		sql = append(sql,
			"CREATE SCHEMA "+provenance.Schema,
			"COMMENT ON SCHEMA "+provenance.Schema+" IS '"+provenance.Comment+"'",
			"GRANT USAGE ON SCHEMA "+provenance.Schema+" TO PUBLIC")
	}
	return strings.Join(append(sql,
		"CREATE TABLE "+provenanceName+` (step int PRIMARY KEY, run text NOT NULL, inclusion text NOT NULL, "at" timestamptz NOT NULL)`,
		"COMMENT ON TABLE "+provenanceName+" IS '"+provenance.Comment+"; the command masker provenance shows it'",
		"GRANT SELECT ON "+provenanceName+" TO PUBLIC"), "; ")
}

// inASCII escapes the characters of a JSON text that are not ASCII, because the encoding of the target may lack them.
// Such characters can only be in the strings of the JSON text, for example in names of people and tables.
func inASCII(json string) string {
	var b strings.Builder
	for _, r := range json {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xFFFF:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
