package target

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// postponed is a CHECK constraint that is dropped from the shadow and added again after all rows are loaded. The
// constraint calls functions that may read other tables or the clock. Other tables may not be loaded yet, and old rows
// may no longer satisfy a constraint that reads the clock.
type postponed struct {
	On      string // "TABLE public.account" or "DOMAIN public.mail"
	Schema  string // schema of the table
	Table   string // "" for a domain
	Name    string
	Defn    string
	Comment string
	Columns []string
}

// postponedQuery finds CHECK constraints that call a function that is not PostgreSQL's own, or one that is not
// immutable. It leaves out a domain if a composite type, an array or a range contains the domain. PostgreSQL cannot add
// a constraint to such a domain later.
const postponedQuery = `SELECT CASE WHEN k.contypid = 0 THEN 'TABLE ' || format('%I.%I', n.nspname, c.relname) ELSE 'DOMAIN ' || format('%I.%I', tn.nspname, t.typname) END,
	COALESCE(n.nspname::text, ''), COALESCE(c.relname::text, ''), k.conname::text, pg_get_constraintdef(k.oid), COALESCE(obj_description(k.oid, 'pg_constraint'), ''),
	COALESCE((SELECT array_agg(a.attname::text ORDER BY y.ord) FROM unnest(k.conkey) WITH ORDINALITY y(num, ord) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.num), '{}')
FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_type t ON t.oid = k.contypid LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
WHERE k.contype = 'c' AND k.convalidated AND k.oid >= 16384
AND (c.relkind IN ('r', 'p') AND k.conislocal OR k.contypid <> 0
	AND NOT EXISTS (SELECT FROM pg_attribute a JOIN pg_class x ON x.oid = a.attrelid WHERE a.atttypid = t.oid AND x.relkind = 'c' OR a.atttypid = t.typarray AND t.typarray <> 0)
	AND NOT EXISTS (SELECT FROM pg_range r WHERE r.rngsubtype = t.oid))
AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.deptype = 'e' AND (m.classid, m.objid) IN (('pg_class'::regclass, k.conrelid), ('pg_type'::regclass, k.contypid)))
AND (EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))
	OR k.conbin::text ~ 'SQLVALUEFUNCTION'
	OR EXISTS (SELECT FROM regexp_matches(k.conbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') f(id) JOIN pg_proc p ON p.oid = f.id[1]::oid WHERE p.provolatile <> 'i'))
ORDER BY k.oid`

// postponeChecks drops the constraints, after all tables are made and before rows are loaded.
func (s *Shadow) postponeChecks(ctx context.Context, conn *pgx.Conn) error {
	found, err := conn.Query(ctx, postponedQuery)
	if err != nil {
		return fmt.Errorf("looking for CHECK constraints of the shadow: %w", pgsession.Safe(err))
	}
	if s.postponed, err = pgx.CollectRows(found, pgx.RowToStructByPos[postponed]); err != nil {
		return fmt.Errorf("looking for CHECK constraints of the shadow: %w", pgsession.Safe(err))
	}
	for _, a := range s.postponed {
		if err := s.statement(ctx, conn, "ALTER "+a.On+" DROP CONSTRAINT IF EXISTS "+catalog.Quote(a.Name)); err != nil {
			return fmt.Errorf("dropping CHECK constraint %s of %s until the rows are loaded: %w", a.Name, a.On, err)
		}
	}
	return nil
}

// readsTreated reports whether a constraint reads a treated column. A constraint of a domain reads every column of that type.
func (s *Shadow) readsTreated(a postponed) bool {
	return len(s.treatedAmong(s.objectNamed(a.object()).Reads)) > 0 ||
		a.Table != "" && s.treats(catalog.Name{Schema: a.Schema, Name: a.Table}, a.Columns...)
}

// addChecks adds the constraints again. It first adds the constraints of domains, one after another, because any table
// may use a domain. Then it adds the constraints of tables in parallel.
func (s *Shadow) addChecks(ctx context.Context, conns []*pgx.Conn) error {
	var jobs []job
	for i, a := range s.postponed {
		if a.Table == "" {
			if err := s.addCheck(ctx, conns[0], a); err != nil {
				return err
			}
			continue
		}
		j := job{id: i, do: func(ctx context.Context, t turn) error { return s.addCheck(ctx, conns[t.session], a) }}
		lock := lockable{catalog.Name{Schema: a.Schema, Name: a.Table}, true}
		if table := s.spec.Source.Table(lock.table); table != nil {
			lock.table, j.weight = table.Decider(), table.Size.Bytes
		}
		j.locks = map[lockable]bool{lock: true}
		jobs = append(jobs, j)
	}
	return runJobs(ctx, len(conns), jobs)
}

// object returns the name under which rules can leave out the constraint.
func (a postponed) object() string {
	_, on, _ := strings.Cut(a.On, " ")
	return on + "." + catalog.Quote(a.Name)
}

// addCheck adds a constraint and its comment. If rows violate the constraint and no column that it reads is treated, it
// adds the constraint as NOT VALID. PostgreSQL then checks only new rows.
func (s *Shadow) addCheck(ctx context.Context, conn *pgx.Conn, a postponed) error {
	add := "ALTER " + a.On + " ADD CONSTRAINT " + catalog.Quote(a.Name) + " " + a.Defn
	on := strings.TrimPrefix(a.On, "TABLE ") // COMMENT ON CONSTRAINT has the word DOMAIN before a domain, but no word before a table
	s.target.opts.Progress("indexes and constraints", "CHECK CONSTRAINT "+a.On+" "+a.Name)
	err := s.statement(ctx, conn, add)
	if err != nil && !conn.IsClosed() && ctx.Err() == nil && !s.readsTreated(a) {
		if err = s.statement(ctx, conn, add+" NOT VALID"); err == nil {
			s.note("CHECK constraint %s of %s is NOT VALID: rows of the source break it", a.Name, on)
		}
	}
	if err != nil {
		return s.blame(fmt.Errorf("adding CHECK constraint %s of %s: %w", a.Name, a.On, err), s.objectNamed(a.object()))
	}
	if a.Comment == "" {
		return nil
	}
	if err := s.statement(ctx, conn, "COMMENT ON CONSTRAINT "+catalog.Quote(a.Name)+" ON "+on+" IS "+literal(a.Comment)); err != nil {
		return fmt.Errorf("adding the comment on CHECK constraint %s of %s: %w", a.Name, a.On, err)
	}
	return nil
}
