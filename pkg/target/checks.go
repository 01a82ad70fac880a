package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// postponed is a CHECK constraint that is dropped from the shadow and added again after all rows are loaded, because
// rows may violate it while they are loaded. A constraint is postponed if it calls functions that may read other tables
// or the clock, or if it reads a treated column.
type postponed struct {
	On      string // "TABLE public.account" or "DOMAIN public.mail"
	Schema  string // schema of the table
	Table   string // "" for a domain
	Name    string
	Defn    string
	Comment string
	Columns []string
	Late    bool // the constraint calls a function that is not built in, or one that is not immutable
}

// validChecks finds the CHECK constraints of tables and domains, except those that are NOT VALID.
const validChecks = `SELECT CASE WHEN k.contypid = 0 THEN 'TABLE ' || format('%I.%I', n.nspname, c.relname) ELSE 'DOMAIN ' || format('%I.%I', tn.nspname, t.typname) END,
	COALESCE(n.nspname::text, ''), COALESCE(c.relname::text, ''), k.conname::text, pg_get_constraintdef(k.oid), COALESCE(obj_description(k.oid, 'pg_constraint'), ''),
	COALESCE((SELECT array_agg(a.attname::text ORDER BY y.ord) FROM unnest(k.conkey) WITH ORDINALITY y(num, ord) JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = y.num), '{}'),
	EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass))
	OR k.conbin::text ~ 'SQLVALUEFUNCTION'
	OR EXISTS (SELECT FROM regexp_matches(k.conbin::text, ':(?:funcid|opfuncid) (\d+)', 'g') f(id) JOIN pg_proc p ON p.oid = f.id[1]::oid WHERE p.provolatile <> 'i')
FROM pg_constraint k LEFT JOIN pg_class c ON c.oid = k.conrelid LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_type t ON t.oid = k.contypid LEFT JOIN pg_namespace tn ON tn.oid = t.typnamespace
WHERE k.contype = 'c' AND k.convalidated AND k.oid >= 16384
AND (c.relkind IN ('r', 'p') AND k.conislocal OR k.contypid <> 0)
AND NOT EXISTS (SELECT FROM pg_depend m WHERE m.deptype = 'e' AND (m.classid, m.objid) IN (('pg_class'::regclass, k.conrelid), ('pg_type'::regclass, k.contypid)))`

// postponeChecks drops the CHECK constraints that are late or read treated columns. It does so after all tables are
// made and before rows are loaded.
func (s *Shadow) postponeChecks(ctx context.Context, conn *pgx.Conn) error {
	checks, err := findChecks(ctx, conn, validChecks)
	if err != nil {
		return err
	}
	for _, a := range checks {
		if !a.Late && len(s.treatedBy(a)) == 0 {
			continue
		}
		drop := "ALTER " + a.On + " DROP CONSTRAINT IF EXISTS " + catalog.Quote(a.Name)
		if a.Table == "" { // try in the same transaction whether the constraint can be added again
			drop += "; " + a.add() + "; " + drop
		}
		err := s.statement(ctx, conn, drop)
		if a.Table == "" && pgsession.Code(err) == inContainer {
			continue
		}
		if err != nil {
			return fmt.Errorf("dropping CHECK constraint %s of %s until the rows are loaded: %w", a.Name, a.On, err)
		}
		s.postponed = append(s.postponed, a)
	}
	return nil
}

// findChecks returns the constraints that a query like validChecks finds.
func findChecks(ctx context.Context, conn *pgx.Conn, query string, arguments ...any) ([]postponed, error) {
	found, err := conn.Query(ctx, query+" ORDER BY k.oid", arguments...)
	if err != nil {
		return nil, fmt.Errorf("looking for CHECK constraints of the shadow: %w", pgsession.Safe(err))
	}
	checks, err := pgx.CollectRows(found, pgx.RowToStructByPos[postponed])
	if err != nil {
		return nil, fmt.Errorf("looking for CHECK constraints of the shadow: %w", pgsession.Safe(err))
	}
	return checks, nil
}

// inContainer is the SQLSTATE with which PostgreSQL refuses to add a constraint to a domain that a column contains
// inside an array, a composite type or a range. PostgreSQL could not add such a constraint again after the rows. So the
// constraint stays, and PostgreSQL checks the rows while they are loaded. If a row breaks the constraint, takeOut drops
// it.
const inContainer = "0A000"

// treatedBy returns a text for each treated column that a constraint reads. The constraint of a domain reads every
// column of that domain.
func (s *Shadow) treatedBy(a postponed) []string {
	reads := slices.Clone(s.objectNamed(a.object()).Reads)
	for _, c := range a.Columns {
		reads = append(reads, catalog.ColumnName{Table: a.table(), Column: c})
	}
	return s.treatedAmong(reads)
}

// addChecks adds the constraints again. It first adds the constraints of domains, one after another, because any table
// may use a domain. Then it adds the constraints of tables in parallel. One connection adds all constraints of a table.
// A child comes before its parents. PostgreSQL can merge a parent's constraint into a constraint that the child already
// has. But it refuses to add a constraint to a partition that has inherited it.
func (s *Shadow) addChecks(ctx context.Context, conns []*pgx.Conn) error {
	of := map[catalog.Name][]postponed{}
	var tables []catalog.Name
	for _, a := range s.postponed {
		if a.Table == "" {
			if err := s.addCheck(ctx, conns[0], a); err != nil {
				return err
			}
			continue
		}
		if of[a.table()] == nil {
			tables = append(tables, a.table())
		}
		of[a.table()] = append(of[a.table()], a)
	}
	var jobs []job
	for i, name := range tables {
		j := job{id: i, do: func(ctx context.Context, t turn) error { return s.addTogether(ctx, conns[t.session], of[name]) }}
		lock := lockable{name, true}
		if table := s.spec.Source.Table(name); table != nil {
			lock.table, j.weight = table.Decider(), table.Size.Bytes
		}
		j.locks = map[lockable]bool{lock: true}
		for id, child := range tables {
			if s.descends(child, name) {
				j.deps = append(j.deps, id)
			}
		}
		jobs = append(jobs, j)
	}
	return runJobs(ctx, len(conns), jobs)
}

// descends reports whether a table inherits from another one, directly or through other tables.
func (s *Shadow) descends(child, from catalog.Name) bool {
	t := s.spec.Source.Table(child)
	return t != nil && slices.ContainsFunc(t.Inherits, func(parent catalog.Name) bool { return parent == from || s.descends(parent, from) })
}

// addTogether adds the constraints of one table in one statement, which reads the table once. If the statement fails,
// it adds them one after another.
func (s *Shadow) addTogether(ctx context.Context, conn *pgx.Conn, checks []postponed) error {
	adds := make([]string, len(checks))
	for i, a := range checks {
		adds[i] = a.clause()
	}
	s.target.opts.Progress("indexes and constraints", "CHECK CONSTRAINT "+checks[0].On+" "+checks[0].Name)
	together := len(checks) > 1 && s.statement(ctx, conn, "ALTER "+checks[0].On+" "+strings.Join(adds, ", ")) == nil
	for _, a := range checks {
		var err error
		if together {
			err = s.commentCheck(ctx, conn, a)
		} else {
			err = s.addCheck(ctx, conn, a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a postponed) table() catalog.Name { return catalog.Name{Schema: a.Schema, Name: a.Table} }

// object returns the name under which rules can leave out the constraint.
func (a postponed) object() string {
	_, on, _ := strings.Cut(a.On, " ")
	return on + "." + catalog.Quote(a.Name)
}

func (a postponed) clause() string { return "ADD CONSTRAINT " + catalog.Quote(a.Name) + " " + a.Defn }

func (a postponed) add() string { return "ALTER " + a.On + " " + a.clause() }

// addCheck adds a constraint and its comment.
func (s *Shadow) addCheck(ctx context.Context, conn *pgx.Conn, a postponed) error {
	s.target.opts.Progress("indexes and constraints", "CHECK CONSTRAINT "+a.On+" "+a.Name)
	o := s.objectNamed(a.object())
	f := failed{a.add(), fmt.Sprintf("CHECK constraint %s of %s", a.Name, a.commented()), o, len(s.treatedBy(a)) > 0}
	if err := s.notValid(ctx, conn, f, s.statement(ctx, conn, a.add())); err != nil {
		return s.blame(fmt.Errorf("adding CHECK constraint %s of %s: %w", a.Name, a.On, err), o)
	}
	return s.commentCheck(ctx, conn, a)
}

// failed describes a CHECK constraint for notValid, which adds it as NOT VALID if the first attempt has failed.
type failed struct {
	add     string // the statement that adds it
	label   string
	object  catalog.Object
	treated bool // the constraint reads a treated column
}

// notValid decides what becomes of a constraint after an attempt to add it, which returned err. If rows violate the
// constraint, notValid adds it as NOT VALID, and PostgreSQL then checks only new rows. A note says whether rows of the
// source or results of rules violate it. notValid does the same in three other cases: a function of the constraint does
// not find something that only the source has, a child has the same constraint as NOT VALID, or PostgreSQL cannot
// validate a domain's constraint inside a container. If the constraint reads no treated column, notValid tries NOT
// VALID after every error that is not a fault of the server.
func (s *Shadow) notValid(ctx context.Context, conn *pgx.Conn, f failed, err error) error {
	code := pgsession.Code(err)
	unchecked := strings.HasPrefix(code, "42") && code != childNotValid // a function lacks an object, a setting or a right
	if err == nil || conn.IsClosed() || ctx.Err() != nil {
		return err
	}
	if !ofValues(err) && !unchecked && code != childNotValid && code != inContainer && (f.treated || faultOfServer(code)) {
		return err
	}
	rows, broken, rules := "rows of the source break ", "it", ""
	switch {
	case unchecked || !f.treated && !ofValues(err):
		rows, broken = "PostgreSQL could not check ", fmt.Sprintf("it (SQLSTATE %s)", code)
	case f.treated:
		rows, broken, rules = "rows break ", fmt.Sprintf("it (SQLSTATE %s)", code), s.rulesFor(f.object)
	}
	if code == inContainer {
		broken = "this or another constraint of a table, and PostgreSQL cannot validate it inside arrays, composite types and ranges"
	}
	if err = s.statement(ctx, conn, f.add+" NOT VALID"); err == nil {
		s.note("%s is NOT VALID: %s", f.label, rows+broken+rules)
	}
	return err
}

// checkEntry decides what becomes of an entry after err, if the entry is a CHECK constraint. pg_dump writes a
// constraint as an entry of its own, after the rows, if it is NOT VALID, or if its function takes the row type of the
// table.
func (s *Shadow) checkEntry(ctx context.Context, conn *pgx.Conn, e archive.Entry, err error) error {
	add := strings.TrimSuffix(e.Defn, ";\n")
	if err == nil || e.Desc != "CHECK CONSTRAINT" || strings.HasSuffix(add, " NOT VALID") {
		return err
	}
	o := s.objectOf(e)
	label := "CHECK" + strings.TrimPrefix(label(e), "check")
	return s.notValid(ctx, conn, failed{add, label, o, len(s.treatedAmong(o.Reads)) > 0}, err)
}

// childNotValid is the SQLSTATE with which PostgreSQL refuses a valid constraint for a table if a child has the same
// constraint as NOT VALID.
const childNotValid = "42P17"

func (s *Shadow) commentCheck(ctx context.Context, conn *pgx.Conn, a postponed) error {
	if a.Comment == "" {
		return nil
	}
	if err := s.statement(ctx, conn, "COMMENT ON CONSTRAINT "+catalog.Quote(a.Name)+" ON "+a.commented()+" IS "+catalog.Literal(a.Comment)); err != nil {
		return fmt.Errorf("adding the comment on CHECK constraint %s of %s: %w", a.Name, a.On, err)
	}
	return nil
}

// commented returns the name of the constraint's table or domain as COMMENT ON CONSTRAINT … ON wants it: with the word
// DOMAIN before a domain, and without a word before a table.
func (a postponed) commented() string { return strings.TrimPrefix(a.On, "TABLE ") }
