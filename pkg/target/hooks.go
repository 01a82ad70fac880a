package target

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// Hooks runs each script in one transaction, except if the script itself begins or ends transactions. The search path
// is PostgreSQL's default, which applications usually have. Afterwards, Hooks gathers the statistics of all tables
// again.
func (s *Shadow) Hooks(ctx context.Context, hooks []sides.Hook) error {
	if len(hooks) == 0 {
		return nil
	}
	conn, err := s.connect(ctx, "hooks", `SET search_path = "$user", public; SET check_function_bodies = on`)
	if err != nil {
		return err
	}
	defer closeConn(conn)
	for _, h := range hooks {
		s.target.opts.Progress("hooks", h.Name)
		if strings.TrimSpace(h.SQL) == "" {
			continue
		}
		_, err := conn.Exec(ctx, h.SQL)
		if err != nil {
			code := pgsession.Code(err)
			if code == "" {
				return fmt.Errorf("hook %s: %w", h.Name, pgsession.Safe(err))
			}
			return fmt.Errorf("hook %s failed with SQLSTATE %s; run it by hand on the present target to see why", h.Name, code)
		}
		if conn.PgConn().TxStatus() != 'I' {
			return errors.New("hook " + h.Name + " leaves a transaction open; end it with COMMIT, or remove BEGIN")
		}
	}
	return s.analyzeAgain(ctx)
}

// analyzeAgain gathers the statistics of all tables and materialized views again, because hooks may have changed any of
// them. The statistics from before the hooks can have values that the hooks removed.
func (s *Shadow) analyzeAgain(ctx context.Context) error {
	conn, err := s.connect(ctx, "build", "")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	names, err := relations(ctx, conn, "c.relpersistence <> 't'")
	if err != nil {
		return fmt.Errorf("listing the tables after the hooks: %w", err)
	}
	for batch := range slices.Chunk(names, batchSize) {
		if err := s.analyze([]*pgx.Conn{conn}, batch, 0, 0).do(ctx, turn{}); err != nil {
			return err
		}
	}
	return s.noteEmptied(ctx, conn)
}

// noteEmptied adds a note for each table that hooks have emptied. PostgreSQL keeps the old statistics of such a table,
// even after TRUNCATE or ANALYZE.
func (s *Shadow) noteEmptied(ctx context.Context, conn *pgx.Conn) error {
	emptied, err := relations(ctx, conn, `c.reltuples = 0
		AND EXISTS (SELECT FROM pg_stats t WHERE t.schemaname = n.nspname AND t.tablename = c.relname AND NOT t.inherited)`)
	if err != nil {
		return fmt.Errorf("looking for tables that the hooks emptied: %w", err)
	}
	for _, name := range emptied {
		s.note("a hook emptied %s, but the planner's statistics keep values of its rows; let the rules skip the table instead", name)
	}
	return nil
}

// relations lists the tables and materialized views that are not PostgreSQL's own, and for which the SQL condition
// holds. In the condition, c is the relation and n its schema.
func relations(ctx context.Context, conn *pgx.Conn, condition string) ([]catalog.Name, error) {
	rows, err := conn.Query(ctx, `SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'm') AND c.oid >= 16384 AND `+condition+` ORDER BY 1, 2`)
	if err != nil {
		return nil, pgsession.Safe(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByPos[catalog.Name])
	return names, pgsession.Safe(err)
}
