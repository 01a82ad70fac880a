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

// batchSize is how many entries go in one round trip. A batch is one transaction; one that
// fails is repeated entry by entry, which finds the culprit's name.
const batchSize = 100

// extents is the schema of the table that remembers which extents have been written.
// It is dropped before the shadow is published.
func (s *Shadow) extents() string { return catalog.Quote("_masker_" + truncate(s.spec.Run, 40)) }

// preData makes everything that rows need.
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
		return fmt.Errorf("making the shadow's bookkeeping: %w", pgsession.Safe(err))
	}
	return nil
}

// run executes entries in order on one session.
func (s *Shadow) run(ctx context.Context, conn *pgx.Conn, phase string, entries []archive.Entry) error {
	for batch := range slices.Chunk(entries, batchSize) {
		s.target.opts.Progress(phase, label(batch[0]))
		if err := s.statement(ctx, conn, script(batch)); err == nil {
			continue
		} else if ctx.Err() != nil || conn.IsClosed() {
			return fmt.Errorf("%s: %w", phase, err)
		}
		for _, e := range batch {
			if err := s.whileLocked(ctx, conn, func() error { return s.single(ctx, conn, e) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// script is a batch as one string. The access method is set where it changes, as pg_restore does.
func script(batch []archive.Entry) string {
	var b strings.Builder
	method := ""
	for _, e := range batch {
		if e.AccessMethod != method && (e.AccessMethod != "" || e.Desc == "TABLE") {
			method = e.AccessMethod
			b.WriteString("SET LOCAL default_table_access_method = " + literal(orHeap(method)) + ";\n")
		}
		b.WriteString(e.Defn)
		// A definition may end in a comment or lack its semicolon.
		b.WriteString("\n;\n")
	}
	return b.String()
}

func orHeap(method string) string {
	if method == "" {
		return "heap"
	}
	return method
}

// single executes one entry and names it where that fails. A comment on what belongs to
// another role (an extension, schema public before 15) is left out and noted.
func (s *Shadow) single(ctx context.Context, conn *pgx.Conn, e archive.Entry) error {
	_, err := conn.Exec(ctx, script([]archive.Entry{e}))
	if err == nil {
		return nil
	}
	if e.Desc == "COMMENT" && pgsession.Code(err) == "42501" && !conn.IsClosed() {
		s.note("comment on %s not set: it belongs to another role", e.Tag)
		return nil
	}
	if pgsession.Code(err) == "42501" && !s.target.server.superuser {
		return fmt.Errorf("making %s in the shadow: the role of the target may not make it (SQLSTATE 42501): only a superuser may, as a rule; connect as one, or take it out of the source", label(e))
	}
	return fmt.Errorf("making %s in the shadow: %w", label(e), pgsession.Safe(err))
}

func (s *Shadow) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notes = append(s.notes, fmt.Sprintf(format, args...))
}
