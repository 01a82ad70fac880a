package target

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/sides"
)

const (
	decisionKeep  = "keep"
	decisionEmpty = "empty"
)

// Shadow is the database being built. Write may be called from several goroutines, each with a
// worker number of its own; everything else belongs to one goroutine, after all Writes ended.
type Shadow struct {
	target *Postgres
	spec   sides.Shadow
	name   string
	oid    uint32 // of the database
	owner  string // who owns everything in the end
	ddl    *ddl

	previous string // name of the replaced database
	aside    []setAside
	pathed   []string // functions that carry a search path until the shadow is finished

	mu      sync.Mutex
	workers map[int]*loader

	dropped []string // objects that were left out because they need something a decision drops
	notes   []string // for the operator
}

// LeftOut names the objects that were left out because they need something a decision drops.
func (s *Shadow) LeftOut() []string { return s.dropped }

// Notes are for the operator: materialized views left empty, sequences near their end, comments not set,
// grants that Publish could not give again.
func (s *Shadow) Notes() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.notes)
}

// Name is the shadow's database name.
func (s *Shadow) Name() string { return s.name }

// Create makes the shadow with every object that has to be there before the rows. Everything that
// can be refused is refused before the database is made.
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
	if s.ddl, err = selectDDL(spec); err != nil {
		return nil, err
	}
	s.dropped = s.ddl.dropped
	p.opts.Progress("create", name)
	if s.oid, err = p.createDatabase(ctx, name, spec.Source); err != nil {
		return nil, err // nothing of ours to drop: a database of that name would be somebody else's
	}
	if err := s.prepare(ctx); err != nil {
		return nil, discardAfter(ctx, s, err)
	}
	return s, nil
}

// prepare makes of the new database a shadow that rows can go into.
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
	if err := s.target.rehearse(ctx, "ALTER DATABASE "+catalog.Quote(s.name)+" OWNER TO "+catalog.Quote(s.owner)); err != nil {
		return fmt.Errorf("the new database could not be given to %s, who owns the present one: %w", s.owner, err)
	}
	if err := s.preData(ctx); err != nil {
		return err
	}
	if err := s.setPaths(ctx); err != nil {
		return err
	}
	if err := s.setChecksAside(ctx); err != nil {
		return err
	}
	s.target.opts.Fault("pre-data")
	return nil
}

// discardAfter drops the shadow though ctx may be done, and keeps the first error first.
func discardAfter(ctx context.Context, s *Shadow, err error) error {
	if derr := s.Discard(ctx); derr != nil {
		return fmt.Errorf("%w; and its shadow %s could not be dropped, the next run will: %w", err, s.name, derr)
	}
	return err
}

// Discard drops the shadow, also where ctx has ended.
func (s *Shadow) Discard(ctx context.Context) error {
	s.closeWorkers()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), discardPatience)
	defer cancel()
	if s.target.alive(ctx) {
		s.empty(ctx)
	}
	return s.target.dropAnyway(ctx, existing{name: s.name, oid: s.oid})
}

const discardPatience = time.Minute

// empty drops the largest tables before the shadow itself is dropped: DROP DATABASE wants a checkpoint, which fails on a disk that
// those very tables have filled, and leaves a database that nobody can enter any more. Where it cannot, dropping is tried anyway.
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

// createDatabase makes an empty database that sorts, compares and encodes like the source's.
// It is closed: nobody but its owner and superusers may enter until it is published. It returns the new database's OID.
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
	p.mu.Lock()
	defer p.mu.Unlock()
	if err == nil {
		look, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opts.Patience)
		defer cancel()
		oid, err = oidOf(look, p.conn, name)
	}
	switch {
	case err != nil && (pgsession.Code(err) == "" || p.conn.IsClosed()): // the answer was lost
		return 0, fmt.Errorf("creating the shadow database %s: %w: %w", name, err, sides.ErrUnsure)
	case err != nil:
		return 0, fmt.Errorf("creating the shadow database %s: %w", name, err)
	}
	return oid, nil
}

func localeName(l catalog.Locale) string {
	if l.ICULocale != "" {
		return l.ICULocale
	}
	return l.Collate
}

// localeOptions spells the source's locale for a target of some version; the keywords grew over the years.
func localeOptions(src *catalog.Database, version int) (string, error) {
	l := src.Locale
	out := " ENCODING " + literal(src.Encoding) + " LC_COLLATE " + literal(l.Collate) + " LC_CTYPE " + literal(l.Ctype)
	if version < 150000 {
		return out, nil // the source is not newer than its target, and 14 knows libc only
	}
	switch l.Provider {
	case "", "libc":
		return out + " LOCALE_PROVIDER libc", nil
	case "icu":
		out += " LOCALE_PROVIDER icu ICU_LOCALE " + literal(l.ICULocale)
		if l.ICURules != "" {
			out += " ICU_RULES " + literal(l.ICURules)
		}
		return out, nil
	case "builtin":
		return out + " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + literal(l.ICULocale), nil
	}
	return "", fmt.Errorf("the source's locale provider %q is not known to this version of masker", l.Provider)
}

// mark closes the shadow to PUBLIC, says whose it is, and only then lets sessions in, all in one transaction.
func (s *Shadow) mark(ctx context.Context) error {
	db := catalog.Quote(s.name)
	m := provenance.Mark{State: provenance.Shadow, Target: s.target.name, Run: s.spec.Run, Ledger: s.spec.Ledger, At: time.Now().UTC()}
	err := s.target.exec(ctx, strings.Join([]string{ // one message, one transaction
		"REVOKE ALL ON DATABASE " + db + " FROM PUBLIC",
		"COMMENT ON DATABASE " + db + " IS " + literal(m.Line()),
		"ALTER DATABASE " + db + " ALLOW_CONNECTIONS true",
	}, "; "))
	if err != nil {
		return fmt.Errorf("marking the shadow database %s: %w", s.name, err)
	}
	return nil
}

// checkRoles refuses roles that policies name and nobody mapped, or that the target lacks.
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
		return fmt.Errorf("%w: roles: maps to roles the target does not have: %s; create them there", sides.ErrRefused, strings.Join(missing, ", "))
	}
	return nil
}

// connect opens a session in the shadow, set up as pg_dump's DDL expects.
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
	// Durability comes with the publishing transaction, whose commit flushes all WAL before it.
	_, err = conn.Exec(ctx, `SET synchronous_commit = off; SET check_function_bodies = off; SET client_min_messages = error;
		SET default_tablespace = ''; SET default_table_access_method = 'heap'; SET jit = off; `+settings)
	if err != nil {
		closeConn(conn)
		return nil, fmt.Errorf("setting up a session in the shadow: %w", pgsession.Safe(err))
	}
	if err := s.inside(ctx, conn); err != nil {
		closeConn(conn)
		return nil, err
	}
	return conn, nil
}
