package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

const (
	decisionKeep  = "keep"
	decisionEmpty = "empty"
)

// Shadow is the database that is being built. Several goroutines may call Write, each with its own worker number. Only
// one goroutine may call the other methods, after all calls of Write have ended.
type Shadow struct {
	target *Postgres
	spec   sides.Shadow
	name   string
	oid    uint32 // OID of the database
	owner  string // the role that owns the published database and all its objects
	ddl    *ddl

	previous  string    // name of the replaced database
	template  *template // nil unless Template has made one
	granted   bool      // carryGrants has succeeded. Notes name the privileges that it could not carry over
	postponed []postponed
	withPath  []catalog.Function // functions that have a search path until the shadow is finished

	mu      sync.Mutex
	workers map[int]*loader

	takingOut sync.Mutex // held while a worker takes constraints out
	takenOut  bool       // takeOut has dropped a constraint; takingOut guards it

	dropped []string // objects that were left out because they need an object that a decision drops
	notes   []string
	unbuilt []int // entries of indexes that were left out, because they could not be made
}

// LeftOut returns the objects that were left out because they need an object that a decision drops. It also returns the
// number of comments that were left out.
func (s *Shadow) LeftOut() []string {
	if s.ddl.comments == 0 {
		return s.dropped
	}
	return append(slices.Clone(s.dropped), spell.Count(s.ddl.comments, "comment"))
}

// Notes returns the notes for the operator. Examples are materialized views that were left empty, sequences that are
// almost used up, and grants that were not carried over.
func (s *Shadow) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// Name returns the name of the shadow's database.
func (s *Shadow) Name() string { return s.name }

// Create makes the shadow, with every object that has to exist before the rows. Before it makes the database, it checks
// the source, the decisions and the roles. If a later step fails, it drops the database again.
func (p *Postgres) Create(ctx context.Context, spec sides.Shadow) (*Shadow, error) {
	left, err := p.check(ctx, spec.Source, spec.Decisions, spec.Roles)
	if err != nil {
		return nil, err
	}
	name, err := ShadowName(p.name, spec.Run)
	if err != nil {
		return nil, err
	}
	spec.Decisions.DropExtensions = slices.Concat(spec.Decisions.DropExtensions, left)
	s := &Shadow{target: p, spec: spec, name: name, owner: p.server.role, workers: map[int]*loader{}}
	for _, e := range left {
		s.note("extension %s left out: the target cannot make it, and nothing in the database needs it", e)
	}
	if p.old != nil {
		s.owner = p.old.owner
	}
	if s.ddl, err = selectDDL(spec, p.server.version); err != nil {
		return nil, err
	}
	s.dropped = s.ddl.dropped
	p.opts.Progress("create", name)
	if s.oid, err = p.createDatabase(ctx, name, spec.Source); err != nil {
		return nil, err // there is nothing to drop: if a database of that name exists, this run did not make it
	}
	if err := s.prepare(ctx); err != nil {
		return nil, discardAfter(ctx, s, err)
	}
	return s, nil
}

// prepare turns the new database into a shadow that rows can be loaded into.
func (s *Shadow) prepare(ctx context.Context) error {
	s.target.opts.Fault("created")
	if s.spec.Made != nil {
		if err := s.spec.Made(s.name, s.oid); err != nil {
			return err
		}
	}
	if err := s.mark(ctx); err != nil {
		return err
	}
	s.target.opts.Fault("marked")
	if err := s.target.rehearse(ctx, "ALTER DATABASE "+catalog.Quote(s.name)+" OWNER TO "+catalog.Quote(s.owner)); err != nil {
		return fmt.Errorf("cannot make %s, who owns the present database, the owner of the new one: %w", s.owner, err)
	}
	if err := s.preData(ctx); err != nil {
		return err
	}
	s.target.opts.Fault("pre-data")
	return nil
}

// discardAfter drops the shadow because of err, even if ctx has ended. The error that it returns begins with err.
func discardAfter(ctx context.Context, s *Shadow, err error) error {
	if derr := s.Discard(ctx); derr != nil {
		return fmt.Errorf("%w; the shadow %s could not be dropped, and the next run tries again: %w", err, s.name, derr)
	}
	return err
}

// Discard drops the shadow and its template, even if ctx has ended.
func (s *Shadow) Discard(ctx context.Context) error {
	s.closeWorkers()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardPatience)
	defer cancel()
	if s.target.alive(ctx) {
		s.empty(ctx)
	}
	dropped := s.target.dropAnyway(ctx, existing{name: s.name, oid: s.oid})
	return errors.Join(dropped, s.dropTemplate(ctx))
}

// discardPatience is how long Discard may take.
const discardPatience = time.Minute

// empty drops the largest tables, to free disk space before the shadow itself is dropped. DROP DATABASE needs a
// checkpoint. If the tables have filled the disk, the checkpoint fails and leaves a database that nobody can enter.
// empty returns no error, because Discard drops the database even if empty fails.
func (s *Shadow) empty(ctx context.Context) {
	conn, err := s.connectAs(ctx, pgsession.Options{Name: "cleanup", Attempts: 1, LockTimeout: 2 * time.Second}, "")
	if err != nil {
		return
	}
	defer closeConn(conn)
	_, _ = conn.Exec(ctx, `DO $$ DECLARE largest text; BEGIN
		SELECT string_agg(t::text, ', ') INTO largest FROM (SELECT oid::regclass AS t FROM pg_class
			WHERE relkind = 'r' AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)' ORDER BY pg_table_size(oid) DESC LIMIT 20) x;
		IF largest IS NOT NULL THEN EXECUTE 'DROP TABLE ' || largest || ' CASCADE'; END IF;
	END $$`)
}

// createDatabase makes an empty database with the source's encoding and locale, and returns its OID. The database takes
// no connections yet.
func (p *Postgres) createDatabase(ctx context.Context, name string, src *catalog.Database) (oid uint32, err error) {
	opts, err := localeOptions(src, p.server.version)
	if err != nil {
		return 0, err
	}
	err = p.exec(ctx, "CREATE DATABASE "+catalog.Quote(name)+" TEMPLATE template0 ALLOW_CONNECTIONS false"+opts)
	switch pgsession.Code(err) {
	case "":
	case "22023", "42809", "42704", "0A000":
		return 0, fmt.Errorf("the target server cannot make a database with the source's encoding %s and locale %s (%s); install that locale there: %w",
			src.Encoding, localeName(src.Locale), src.Locale.Provider, err)
	}
	return p.madeDatabase(ctx, "creating the shadow database", name, err)
}

// madeDatabase returns the OID of a new database. The argument err is the answer to CREATE DATABASE, and doing is a
// part of the text of errors.
func (p *Postgres) madeDatabase(ctx context.Context, doing, name string, err error) (oid uint32, _ error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opts.Patience)
		defer cancel()
		oid, err = oidOf(look, p.conn, name)
	}
	switch {
	case err != nil && (pgsession.Code(err) == "" || p.conn.IsClosed()): // the server's answer was lost
		return 0, fmt.Errorf("%s %s: %w: %w", doing, name, err, sides.ErrUnsure)
	case err != nil:
		return 0, fmt.Errorf("%s %s: %w", doing, name, err)
	}
	return oid, nil
}

func localeName(l catalog.Locale) string {
	if l.ICULocale != "" {
		return l.ICULocale
	}
	return l.Collate
}

// localeOptions returns the options of CREATE DATABASE for the source's encoding and locale. version is the version of
// the target's server, because newer versions have more options.
func localeOptions(src *catalog.Database, version int) (string, error) {
	l := src.Locale
	out := " ENCODING " + catalog.Literal(src.Encoding) + " LC_COLLATE " + catalog.Literal(l.Collate) + " LC_CTYPE " + catalog.Literal(l.Ctype)
	if version < 150000 {
		return out, nil // the source is not newer than the target, and PostgreSQL 14 has only libc
	}
	switch l.Provider {
	case "", "libc":
		return out + " LOCALE_PROVIDER libc", nil
	case "icu":
		out += " LOCALE_PROVIDER icu ICU_LOCALE " + catalog.Literal(l.ICULocale)
		if l.ICURules != "" {
			out += " ICU_RULES " + catalog.Literal(l.ICURules)
		}
		return out, nil
	case "builtin":
		return out + " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + catalog.Literal(l.ICULocale), nil
	}
	return "", fmt.Errorf("the source's locale provider %q is not known to this version of masker", l.Provider)
}

// mark revokes all privileges on the shadow from PUBLIC, writes masker's mark and allows connections, in one
// transaction.
func (s *Shadow) mark(ctx context.Context) error {
	db := catalog.Quote(s.name)
	m := provenance.Mark{State: provenance.Shadow, Target: s.target.name, Run: s.spec.Run, Ledger: s.spec.Ledger, At: time.Now().UTC()}
	err := s.target.exec(ctx, strings.Join([]string{ // statements in one message run in one transaction
		"REVOKE ALL ON DATABASE " + db + " FROM PUBLIC",
		"COMMENT ON DATABASE " + db + " IS " + catalog.Literal(m.Line()),
		"ALTER DATABASE " + db + " ALLOW_CONNECTIONS true",
	}, "; "))
	if err != nil {
		return fmt.Errorf("marking the shadow database %s: %w", s.name, err)
	}
	return nil
}

// checkRoles refuses in two cases: a policy names a role that the setting roles: does not map, or the target does not
// have the role that roles: maps it to.
func (p *Postgres) checkRoles(ctx context.Context, policies []catalog.Policy, mapped map[string]string) error {
	var needed, unmapped, wanted []string
	for _, policy := range policies {
		needed = append(needed, policy.Roles...)
	}
	slices.Sort(needed)
	for _, r := range slices.Compact(needed) {
		if to, ok := mapped[r]; ok {
			wanted = append(wanted, to)
		} else {
			unmapped = append(unmapped, r)
		}
	}
	if len(unmapped) > 0 {
		var lines strings.Builder
		for _, r := range unmapped {
			fmt.Fprintf(&lines, "\n  - {from: %q, to: %[1]q}", r)
		}
		return fmt.Errorf("%w: row security policies name roles that roles: does not map; add these lines under roles:, each with the target's own role as to:%s", sides.ErrRefused, &lines)
	}
	if len(wanted) == 0 {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	rows, err := p.conn.Query(ctx, "SELECT r FROM unnest($1::text[]) r WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r)", wanted)
	if err != nil {
		return fmt.Errorf("reading the target's roles: %w", pgsession.Safe(err))
	}
	missing, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("reading the target's roles: %w", pgsession.Safe(err))
	}
	if len(missing) > 0 {
		return fmt.Errorf("%w: roles: maps to roles that the target does not have: %s; create them there", sides.ErrRefused, strings.Join(missing, ", "))
	}
	return nil
}

// connect opens a session in the shadow, with the settings that the statements of pg_dump need. The argument settings
// is SQL that changes further settings, and purpose becomes a part of the session's application_name.
func (s *Shadow) connect(ctx context.Context, purpose, settings string) (*pgx.Conn, error) {
	return s.connectAs(ctx, pgsession.Options{Name: purpose}, settings)
}

func (s *Shadow) connectAs(ctx context.Context, o pgsession.Options, settings string) (*pgx.Conn, error) {
	o.Database = s.name
	if o.LockTimeout == 0 {
		o.LockTimeout = s.target.opts.Patience
	}
	conn, err := s.target.connect(ctx, o)
	if err != nil {
		return nil, fmt.Errorf("entering the shadow %s: %w", s.name, err)
	}
	// Commits in the shadow need not wait for the disk. The commit of the publishing transaction flushes the whole
	// write-ahead log up to this point.
	_, err = conn.Exec(ctx, `SET synchronous_commit = off; SET check_function_bodies = off; SET client_min_messages = error;
		SET default_tablespace = ''; SET default_table_access_method = 'heap'; SET jit = off; `+settings)
	if err != nil {
		closeConn(conn)
		return nil, fmt.Errorf("setting up a session in the shadow: %w", pgsession.Safe(err))
	}
	if err := s.checkInside(ctx, conn); err != nil {
		closeConn(conn)
		return nil, err
	}
	return conn, nil
}
