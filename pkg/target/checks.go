package target

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// postponed is a CHECK constraint that is dropped from the shadow and added again after all rows are loaded. It calls functions
// that may read other tables or the clock. Other tables may not be loaded yet, and rows may have been written years ago.
type postponed struct {
	On      string // "TABLE public.account" or "DOMAIN public.mail"
	Schema  string // schema of the table
	Table   string // "" for a domain
	Name    string
	Defn    string
	Comment string
	Columns []string
}

// postponedQuery finds CHECK constraints that call a function that is not PostgreSQL's own, or one that is not immutable. It
// leaves out domains that a composite type, an array or a range contains, because PostgreSQL cannot add constraints to these
// later.
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
func (s *Shadow) postponeChecks(ctx context.Context) error {
	conn, err := s.connect(ctx, "checks", "")
	if err != nil {
		return err
	}
	defer closeConn(conn)
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

// checkJobs returns jobs that add the constraints again.
func (s *Shadow) checkJobs(conns []*pgx.Conn) []job {
	jobs := make([]job, 0, len(s.postponed))
	for i, a := range s.postponed {
		j := job{id: i, do: func(ctx context.Context, t turn) error { return s.addCheck(ctx, conns[t.session], a) }}
		lock := lockable{catalog.Name{Schema: a.Schema, Name: a.Table}, true} // the table has no name if the constraint belongs to a domain
		if table := s.spec.Source.Table(lock.table); table != nil {
			lock.table, j.weight = table.Decider(), table.Size.Bytes
		}
		j.locks = map[lockable]bool{lock: true}
		if a.Table == "" { // any table may use the domain, so no other job may run at the same time
			j.deps = earlier(i)
		} else if i > 0 {
			j.deps = domainsBefore(s.postponed[:i])
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// earlier returns the ids of all jobs before i.
func earlier(i int) []int {
	ids := make([]int, i)
	for j := range ids {
		ids[j] = j
	}
	return ids
}

// domainsBefore returns the ids of the jobs for constraints of domains.
func domainsBefore(list []postponed) (ids []int) {
	for i, a := range list {
		if a.Table == "" {
			ids = append(ids, i)
		}
	}
	return ids
}

// addCheck adds a constraint and its comment. If rows of the source break the constraint of a table and no treated column is
// involved, it adds the constraint as NOT VALID. PostgreSQL then checks only new rows.
func (s *Shadow) addCheck(ctx context.Context, conn *pgx.Conn, a postponed) error {
	add := "ALTER " + a.On + " ADD CONSTRAINT " + catalog.Quote(a.Name) + " " + a.Defn
	s.target.opts.Progress("indexes and constraints", "CHECK CONSTRAINT "+a.On+" "+a.Name)
	err := s.statement(ctx, conn, add)
	if err != nil && !conn.IsClosed() && ctx.Err() == nil && a.Table != "" && !s.treats(catalog.Name{Schema: a.Schema, Name: a.Table}, a.Columns...) {
		if err = s.statement(ctx, conn, add+" NOT VALID"); err == nil {
			s.note("CHECK constraint %s of %s is NOT VALID: rows of the source break it", a.Name, strings.TrimPrefix(a.On, "TABLE "))
		}
	}
	if err != nil {
		return fmt.Errorf("adding CHECK constraint %s of %s: %w", a.Name, a.On, err)
	}
	if a.Comment == "" {
		return nil
	}
	on := strings.TrimPrefix(a.On, "TABLE ")
	if err := s.statement(ctx, conn, "COMMENT ON CONSTRAINT "+catalog.Quote(a.Name)+" ON "+on+" IS "+literal(a.Comment)); err != nil {
		return fmt.Errorf("adding the comment on CHECK constraint %s of %s: %w", a.Name, a.On, err)
	}
	return nil
}

// treats reports whether one of a table's columns has values other than the source's, because of a treatment or because the
// table's rows are skipped.
func (s *Shadow) treats(table catalog.Name, columns ...string) bool {
	if t := s.spec.Source.Table(table); t != nil {
		table = t.Decider()
	}
	for _, c := range columns {
		if s.spec.Treated[catalog.Fed{Table: table, Column: c}] {
			return true
		}
	}
	return false
}
