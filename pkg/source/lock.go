package source

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// How often take tries, and the pause between two attempts. An attempt can fail because a table is created or dropped
// between listing and locking. It can also fail because vacuum holds the exclusive lock for a moment, to truncate a
// table.
const (
	takeAttempts = 20
	takePause    = 100 * time.Millisecond
)

// errMoved says that the list of tables changed between listing and locking.
var errMoved = errors.New("tables are being created or dropped faster than they can be locked; run again at a quieter moment")

// take locks all tables, exports the snapshot and reads the catalog in it. It locks with NOWAIT, and tries again if
// that fails. It never waits in a lock queue, because every later session would wait behind it.
func (p *Postgres) take(ctx context.Context) error {
	var err error
	for range takeAttempts {
		if err = p.tryTake(ctx); err == nil || !retryTake(err) {
			return err
		}
		if _, rollback := p.holder.Exec(ctx, "ROLLBACK"); rollback != nil {
			return pgsession.Safe(rollback)
		}
		if err := pgsession.Pause(ctx, takePause); err != nil {
			return err
		}
	}
	if pgsession.Code(err) == "55P03" {
		return fmt.Errorf("cannot lock the tables to read them%s: %w", lockedElsewhere(ctx, p.holder), err)
	}
	return err
}

// retryTake reports whether tryTake may succeed after a pause, although it returned err.
func retryTake(err error) bool {
	code := pgsession.Code(err)
	return errors.Is(err, errMoved) || code == "55P03" || code == "42P01" || code == "3F000"
}

func (p *Postgres) tryTake(ctx context.Context) error {
	tables, err := p.snapshot(ctx)
	if err != nil {
		return err
	}
	r := reader{ctx: ctx, conn: p.holder}
	if p.own = r.findOwn(); r.err != nil {
		return r.err
	}
	if p.opt.Archive {
		p.ahead = p.startDump(ctx)
	}
	if p.database, err = p.read(ctx); err != nil {
		p.ahead.end()
		p.ahead = nil
		return err
	}
	p.locked, p.filters = make(map[catalog.Name]bool, len(tables)), map[catalog.Name]string{}
	for _, t := range tables {
		p.locked[t.name()] = true
		if t.Filter != "" {
			p.filters[t.name()] = t.Filter
		}
	}
	return nil
}

// snapshot exports a snapshot, and returns the tables that it sees. It locks them first. With Look it locks nothing.
func (p *Postgres) snapshot(ctx context.Context) ([]lockable, error) {
	if p.opt.Look {
		if err := begin(ctx, p.holder, ""); err != nil {
			return nil, err
		}
		if err := p.export(ctx); err != nil {
			return nil, err
		}
		return p.readable(ctx)
	}
	before, err := p.readable(ctx)
	if err != nil {
		return nil, err
	}
	if err := begin(ctx, p.holder, ""); err != nil {
		return nil, err
	}
	if err := lock(ctx, p.holder, before); err != nil {
		return nil, err
	}
	if err := p.export(ctx); err != nil {
		return nil, err
	}
	after, err := p.lockable(ctx)
	if err != nil {
		return nil, err
	}
	same := func(a, b lockable) bool { return a.OID == b.OID && a.Schema == b.Schema && a.Table == b.Table }
	if !slices.EqualFunc(before, after, same) {
		return nil, errMoved
	}
	return after, nil
}

// readable lists the tables to lock. It refuses the source if the role may not read all of it. With Partial, it refuses
// nothing.
func (p *Postgres) readable(ctx context.Context) ([]lockable, error) {
	list, err := p.lockable(ctx)
	if err != nil || p.opt.Partial {
		return list, err
	}
	if err := refusals(list, p.role()); err != nil {
		return nil, err
	}
	return list, p.readableSequences(ctx)
}

// lockable is a table to lock, with the facts that limit which of its rows masker can read.
type lockable struct {
	OID           uint32
	Schema, Table string
	Denied        bool   // the role may not read the table
	Hidden        bool   // row security hides rows from the role
	Filter        string // "WHERE …" of an extension's configuration table; else ""
}

func (t lockable) name() catalog.Name { return catalog.Name{Schema: t.Schema, Name: t.Table} }

// lockable lists the tables to lock. It leaves out tables that an extension makes and fills itself.
func (p *Postgres) lockable(ctx context.Context) ([]lockable, error) {
	r := reader{ctx: ctx, conn: p.holder}
	list := rows[lockable](&r, `SELECT c.oid, n.nspname::text, c.relname::text,
			NOT (has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')), row_security_active(c.oid),
			COALESCE((SELECT x.extcondition[array_position(x.extconfig, c.oid)] FROM pg_extension x WHERE c.oid = ANY (x.extconfig) LIMIT 1), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND `+userRelation+` AND NOT EXISTS (SELECT FROM pg_depend m JOIN pg_extension x ON x.oid = m.refobjid
			WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid AND m.refclassid = 'pg_extension'::regclass
			AND m.deptype = 'e' AND NOT COALESCE(c.oid = ANY (x.extconfig), false))
		ORDER BY c.oid`)
	return list, r.err
}

// readableSequences refuses the source if there are sequences whose values the role may not read.
func (p *Postgres) readableSequences(ctx context.Context) error {
	r := reader{ctx: ctx, conn: p.holder}
	denied := r.names(`SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind = 'S' AND ` + userRelation + ` AND NOT (has_schema_privilege(n.oid, 'USAGE') AND has_sequence_privilege(c.oid, 'SELECT'))
		AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.classid = 'pg_class'::regclass AND m.objid = c.oid AND m.deptype = 'e') ORDER BY 1`)
	if r.err != nil || len(denied) == 0 {
		return r.err
	}
	return sides.Refuse(fmt.Sprintf("the source role may not read sequence %s; GRANT pg_read_all_data TO %s, or SELECT on each", several(denied), p.role()))
}

// refusals refuses the source if the role cannot read all rows of all tables. The error names the tables that it cannot
// read completely.
func refusals(tables []lockable, role string) error {
	var denied, hidden []string
	for _, t := range tables {
		switch {
		case t.Denied:
			denied = append(denied, t.name().String())
		case t.Hidden:
			hidden = append(hidden, t.name().String())
		}
	}
	switch {
	case denied != nil:
		return sides.Refuse(fmt.Sprintf("the source role may not read %s; GRANT pg_read_all_data TO %s, or SELECT and USAGE on each", several(denied), role))
	case hidden != nil:
		return sides.Refuse(fmt.Sprintf("row security would hide rows of %s from the source role; ALTER ROLE %s BYPASSRLS lets the role read all rows", several(hidden), role))
	}
	return nil
}

// role returns the name of the source role, quoted for SQL.
func (p *Postgres) role() string { return catalog.Quote(p.holder.Config().User) }

// several joins names. If there are more than 20, it returns the first 20 and the number of the others.
func several(names []string) string {
	const most = 20
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// lock locks all tables in ACCESS SHARE mode, in one statement. It fails at once if it would have to wait.
func lock(ctx context.Context, conn *pgx.Conn, tables []lockable) error {
	if len(tables) == 0 {
		return nil
	}
	var b strings.Builder
	for i, t := range tables {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString("ONLY " + t.name().String())
	}
	_, err := conn.Exec(ctx, "LOCK TABLE "+b.String()+" IN ACCESS SHARE MODE NOWAIT")
	if pgsession.Code(err) == "53200" {
		return fmt.Errorf("locking %d tables: raise max_locks_per_transaction: %w", len(tables), pgsession.Safe(err))
	}
	return pgsession.Safe(err)
}

// export exports the snapshot, and reads the facts about it. The transaction takes its
// snapshot with this statement, so the snapshot is later than the locks.
func (p *Postgres) export(ctx context.Context) error {
	f := &p.facts
	var clock time.Time
	asked := time.Now()
	err := p.holder.QueryRow(ctx, `SELECT pg_export_snapshot(), pg_is_in_recovery(),
			CASE WHEN pg_is_in_recovery() THEN COALESCE(pg_last_wal_replay_lsn()::text, '') ELSE pg_current_wal_lsn()::text END,
			(SELECT system_identifier::text FROM pg_control_system()), current_database()::text, session_user::text, clock_timestamp()`).
		Scan(&f.SnapshotID, &f.Standby, &f.LSN, &f.SystemID, &f.Database, &f.SessionUser, &clock)
	f.ClockOffset = clock.Sub(asked.Add(time.Since(asked) / 2))
	return pgsession.Safe(err)
}

// lockedElsewhere names the tables and catalogs on which somebody holds or waits for an exclusive lock. It returns ""
// if there are none, or if the server does not answer.
func lockedElsewhere(ctx context.Context, conn *pgx.Conn) string {
	r := reader{ctx: ctx, conn: conn}
	list := r.names(`SELECT DISTINCT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_locks l
		JOIN pg_class c ON c.oid = l.relation JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE l.mode = 'AccessExclusiveLock' AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_(toast|temp)'
		AND (l.database = 0 AND c.relisshared OR l.database = (SELECT m.database FROM pg_locks m WHERE m.pid = pg_backend_pid() AND m.database <> 0 LIMIT 1))`)
	if len(list) == 0 {
		return ""
	}
	return " (somebody holds or waits for " + several(list) + ")"
}
