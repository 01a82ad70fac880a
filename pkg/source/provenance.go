package source

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
)

// Provenance is where a database says that it comes from. Nothing of it is proven here: whoever reads
// it holds Inclusion against the ledger's public key.
type Provenance struct {
	Database string // as the server names it now
	SystemID string
	Marker   *Marker // in the database's comment; nil where there is none
	Steps    []Step  // oldest first; none where masker did not make the database
}

// Marker is the line in a database's comment that says which refresh made it, for which name.
type Marker struct {
	State  string    `json:"state"`
	Target string    `json:"target"`
	Run    string    `json:"run"`
	At     time.Time `json:"at"`
}

// Step is one movement on the way from production to here.
type Step struct {
	Step      int
	Run       string
	Inclusion string // JSON of the ledger's record of its start, with the proof that the log holds it
	At        time.Time
}

// What a provenance table holds is read into memory, and anybody could have put it there.
const (
	mostSteps     = 1000
	longestProof  = 8 << 20
	markerPrefix  = "masker: {"
	provenanceAll = catalog.ProvenanceSchema + "." + catalog.ProvenanceTable
)

// ownTable is true of masker's own table among pg_class c and pg_namespace n. Somebody else's under
// that name is not left out but refused.
const ownTable = `(n.nspname = '` + catalog.ProvenanceSchema + `' AND c.relname = '` + catalog.ProvenanceTable + `' AND c.relkind = 'r'
	AND NOT c.relispartition AND COALESCE(obj_description(c.oid, 'pg_class') LIKE '` + catalog.ProvenanceComment + `%', false))`

// ownSchema is true of the schema n that holds masker's own table and nothing else: whatever a schema
// holds depends on it, but for what belongs to a table.
const ownSchema = `(n.nspname = '` + catalog.ProvenanceSchema + `'
	AND EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid AND ` + ownTable + `)
	AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.refclassid = 'pg_namespace'::regclass AND x.refobjid = n.oid
		AND NOT EXISTS (SELECT FROM pg_class c WHERE x.classid = 'pg_class'::regclass AND c.oid = x.objid AND c.relnamespace = n.oid AND ` + ownTable + `)))`

// own says what of masker's the database holds.
type own struct{ Table, Schema, Foreign bool }

// ours finds masker's own table, and refuses another's under its name: it could be neither moved nor left out.
func (r *reader) ours() own {
	list := rows[own](r, `SELECT
		EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE `+ownTable+`),
		EXISTS (SELECT FROM pg_namespace n WHERE `+ownSchema+`),
		EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
			WHERE n.nspname = '`+catalog.ProvenanceSchema+`' AND c.relname = '`+catalog.ProvenanceTable+`' AND NOT `+ownTable+`)
		OR EXISTS (SELECT FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
			WHERE n.nspname = '`+catalog.ProvenanceSchema+`' AND t.typname = '`+catalog.ProvenanceTable+`' AND t.typrelid = 0)`)
	if r.err != nil || len(list) == 0 {
		return own{}
	}
	if list[0].Foreign {
		r.err = &RefusedError{"the database has a " + provenanceAll + " of its own, and masker keeps under that name where a database comes from; rename it"}
	}
	return list[0]
}

// excluded tells pg_dump to leave out what is masker's own.
func (o own) excluded() []string {
	switch {
	case o.Schema:
		return []string{"--exclude-schema=" + catalog.ProvenanceSchema}
	case o.Table:
		return []string{"--exclude-table=" + provenanceAll}
	}
	return nil
}

// ReadProvenance reads what a database says of where it comes from. No steps mean that masker did not make
// it; a table of that name that is not masker's, or that the role may not read, is a RefusedError.
func ReadProvenance(ctx context.Context, url string) (Provenance, error) {
	conn, err := connectOnce(ctx, url, "provenance")
	if err != nil {
		return Provenance{}, err
	}
	defer closeSoon(conn)
	if err := begin(ctx, conn, ""); err != nil {
		return Provenance{}, err
	}
	return readProvenance(ctx, conn)
}

// Provenance is ReadProvenance of the very snapshot: a database that is a target itself may have been
// replaced since.
func (p *Postgres) Provenance(ctx context.Context) (found Provenance, err error) {
	err = p.aside(ctx, func(conn *pgx.Conn) error {
		found, err = readProvenance(ctx, conn)
		return err
	})
	return found, err
}

// aside asks something on the session that holds the snapshot, which an error must not end.
func (p *Postgres) aside(ctx context.Context, ask func(*pgx.Conn) error) error {
	p.holding.Lock()
	defer p.holding.Unlock()
	return p.sessions.why(lockless(ctx, p.holder, func() error { return ask(p.holder) }))
}

func readProvenance(ctx context.Context, conn *pgx.Conn) (Provenance, error) {
	r := reader{ctx: ctx, conn: conn}
	list := rows[struct {
		Database, SystemID, Comment string
	}](&r, `SELECT datname::text, (SELECT system_identifier::text FROM pg_control_system()), COALESCE(shobj_description(oid, 'pg_database'), '')
		FROM pg_database WHERE datname = current_database()`)
	found := r.ours()
	if r.err != nil {
		return Provenance{}, r.err
	}
	var p Provenance
	for _, f := range list {
		p = Provenance{Database: f.Database, SystemID: f.SystemID, Marker: parseMarker(f.Comment)}
	}
	if !found.Table {
		return p, nil
	}
	var err error
	p.Steps, err = readSteps(&r)
	return p, err
}

func readSteps(r *reader) ([]Step, error) {
	for _, s := range rows[struct {
		Readable, Shape bool
	}](r, `SELECT has_schema_privilege('`+catalog.ProvenanceSchema+`', 'USAGE') AND COALESCE((SELECT has_table_privilege(c.oid, 'SELECT')), false),
			(SELECT string_agg(a.attname || ' ' || format_type(a.atttypid, NULL), ',' ORDER BY a.attnum) FROM pg_attribute a
				WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)
				= 'step integer,run text,inclusion text,at timestamp with time zone'
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE `+ownTable) {
		switch {
		case !s.Readable:
			return nil, &RefusedError{fmt.Sprintf("the role may not read where the database comes from; GRANT USAGE ON SCHEMA %s TO PUBLIC; GRANT SELECT ON %s TO PUBLIC",
				catalog.ProvenanceSchema, provenanceAll)}
		case !s.Shape:
			return nil, &RefusedError{"somebody changed the columns of " + provenanceAll + ", or a newer masker made it; refresh the database again"}
		}
	}
	for _, s := range rows[struct{ Count, Longest int64 }](r, `SELECT count(*), COALESCE(max(octet_length(inclusion)), 0) FROM `+provenanceAll) {
		if s.Count > mostSteps || s.Longest > longestProof {
			return nil, &RefusedError{provenanceAll + " holds more than masker ever puts there; refresh the database again"}
		}
	}
	steps := rows[Step](r, `SELECT step, COALESCE(run, ''), COALESCE(inclusion, ''), COALESCE("at", 'epoch') FROM `+provenanceAll+` ORDER BY step`)
	return steps, r.err
}

// parseMarker finds the marker in a database's comment.
func parseMarker(comment string) *Marker {
	for line := range strings.Lines(comment) {
		if !strings.HasPrefix(line, markerPrefix) {
			continue
		}
		var m Marker
		if json.Unmarshal([]byte(line[len(markerPrefix)-1:]), &m) == nil && m.State != "" && m.Run != "" {
			return &m
		}
	}
	return nil
}
