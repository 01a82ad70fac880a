package target

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
)

// batchSize is how many entries go to the server in one message, which is one transaction. If a batch fails, its
// entries are executed one by one, to find out which one fails.
const batchSize = 100

// extents returns the name of the schema with the table that records which extents were written. The schema is dropped
// before the shadow is published.
func (s *Shadow) extents() string { return catalog.Quote("_masker_" + truncate(s.spec.Run, 40)) }

// preData executes the entries that have to come before the rows.
func (s *Shadow) preData(ctx context.Context) error {
	conn, err := s.connect(ctx, "ddl", "")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	if !slices.Contains(s.spec.Source.Schemas, "public") {
		if _, err := conn.Exec(ctx, "DROP SCHEMA public"); err != nil {
			return fmt.Errorf("dropping schema public, which the source does not have: %w", pgsession.Safe(err))
		}
	}
	if err := s.run(ctx, conn, "schema", s.ddl.pre); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "CREATE SCHEMA "+s.extents()+"; CREATE TABLE "+s.extents()+
		".extent (relation text, index int, rows bigint, PRIMARY KEY (relation, index))")
	if err != nil {
		return fmt.Errorf("making the table that records the written extents: %w", pgsession.Safe(err))
	}
	if err := s.dropLeftOut(ctx, conn); err != nil {
		return err
	}
	if err := s.setPaths(ctx, conn); err != nil {
		return err
	}
	return s.postponeChecks(ctx, conn)
}

// run executes entries in their order, on one session. It uses phase only in messages.
//
// PostgreSQL computes a function without arguments when it makes a table with a generated column that calls the function.
// pg_dump does not know what the function reads, such as a view that comes later. Therefore run executes entries again that
// missed a name, after all others, until none is left or no more can be executed.
func (s *Shadow) run(ctx context.Context, conn *pgx.Conn, phase string, entries []archive.Entry) error {
	for len(entries) > 0 {
		early, err := s.runOnce(ctx, conn, phase, entries)
		if err == nil || len(early) == 0 || len(early) == len(entries) {
			return err
		}
		entries = early
	}
	return nil
}

// runOnce executes entries. If entries miss a name, runOnce goes on, and returns them with the first of their errors.
func (s *Shadow) runOnce(ctx context.Context, conn *pgx.Conn, phase string, entries []archive.Entry) (early []archive.Entry, first error) {
	for batch := range slices.Chunk(entries, batchSize) {
		s.target.opts.Progress(phase, label(batch[0]))
		if err := s.statement(ctx, conn, script(batch)); err == nil {
			continue
		} else if ctx.Err() != nil || conn.IsClosed() {
			return nil, fmt.Errorf("%s: %w", phase, err)
		}
		for _, e := range batch {
			alone := func() error { return s.whileLocked(ctx, conn, func() error { return s.single(ctx, conn, e) }) }
			err := alone()
			// PostgreSQL reads the bodies of SQL functions that a generated column or a partition key calls. Without
			// their search paths, these functions may not find names.
			if missesName(err) && !conn.IsClosed() {
				if err = s.setPaths(ctx, conn); err == nil {
					err = alone()
				}
			}
			if e.Desc == "TABLE" && err != nil && ofValues(err) {
				err = s.withStandIns(ctx, conn, e, err)
			}
			if missesName(err) && !conn.IsClosed() {
				early, first = append(early, e), cmp.Or(first, err)
			} else if err != nil {
				return nil, cmp.Or(first, err)
			}
		}
	}
	return early, first
}

// script returns a batch as one string. Like pg_restore, it sets the access method whenever it changes. A partitioned
// table has no rows, and its method is the default of its partitions. PostgreSQL knows it from version 17, and only
// another statement sets it.
func script(batch []archive.Entry) string {
	var b strings.Builder
	method := ""
	for _, e := range batch {
		if !e.Partitioned && e.AccessMethod != method && (e.AccessMethod != "" || e.Desc == "TABLE") {
			method = e.AccessMethod
			b.WriteString("SET LOCAL default_table_access_method = " + catalog.Literal(orHeap(method)) + ";\n")
		}
		b.WriteString(e.Defn)
		// A definition may end with a comment, or without a semicolon.
		b.WriteString("\n;\n")
		if e.Partitioned && e.AccessMethod != "" {
			b.WriteString("ALTER TABLE " + tableName(e).String() + " SET ACCESS METHOD " + catalog.Quote(e.AccessMethod) + ";\n")
		}
	}
	return b.String()
}

func orHeap(method string) string {
	if method == "" {
		return "heap"
	}
	return method
}

// single executes one entry. An error names the entry. If the entry is a comment on an object of another role, single
// adds a note instead. This concerns extensions, and the schema public before PostgreSQL 15.
func (s *Shadow) single(ctx context.Context, conn *pgx.Conn, e archive.Entry) error {
	_, err := conn.Exec(ctx, script([]archive.Entry{e}))
	if err == nil {
		return nil
	}
	if e.Desc == "COMMENT" && pgsession.Code(err) == "42501" && !conn.IsClosed() {
		s.note("comment on %s not set: the object belongs to another role", e.Tag)
		return nil
	}
	if pgsession.Code(err) == "42501" && !s.target.server.superuser {
		return fmt.Errorf("making %s in the shadow: the target's role may not make it (SQLSTATE 42501); usually only a superuser may; connect as a superuser, leave the object out, or remove it from the source", label(e))
	}
	return s.blame(fmt.Errorf("making %s in the shadow: %w", label(e), pgsession.Safe(err)), s.objectOf(e))
}

// note adds a note for the operator.
func (s *Shadow) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}

// waitsFor tells the operator whom the run waits for, at once and in the summary.
func (s *Shadow) waitsFor(who string) {
	s.target.opts.Note("waiting for " + who)
	s.note("waited for %s", who)
}
