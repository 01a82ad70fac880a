package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// ReadAll runs read. Meanwhile, no table of the shadow forces row security on its owner, so the target's role reads all
// rows. Afterwards, the same tables force row security again, unless read fails. Only the shadow's owner and superusers
// can connect to the shadow.
func (s *Shadow) ReadAll(ctx context.Context, read func() error) error {
	if s.target.server.seesAll {
		return read()
	}
	forced, err := s.forceSecurity(ctx, nil, "NO FORCE")
	if err != nil {
		return err
	}
	if err := read(); err != nil || len(forced) == 0 {
		return err
	}
	_, err = s.forceSecurity(ctx, forced, "FORCE")
	return err
}

// forceSecurity alters tables so that they force row security on their owner, or no longer force it. The argument
// change is "FORCE" or "NO FORCE". If tables is nil, forceSecurity alters all tables that force row security. It
// returns the tables that it has altered.
func (s *Shadow) forceSecurity(ctx context.Context, tables []catalog.Name, change string) ([]catalog.Name, error) {
	conn, err := s.connect(ctx, "build", "")
	if err != nil {
		return nil, err
	}
	defer closeConn(conn)
	if tables == nil {
		if tables, err = forcing(ctx, conn); err != nil {
			return nil, fmt.Errorf("listing the tables that force row security: %w", err)
		}
	}
	for batch := range slices.Chunk(tables, batchSize) {
		var sql strings.Builder
		for _, t := range batch {
			sql.WriteString("ALTER TABLE " + t.String() + " " + change + " ROW LEVEL SECURITY;\n")
		}
		if err := s.statement(ctx, conn, sql.String()); err != nil {
			return nil, fmt.Errorf("changing the row security of tables: %w", err)
		}
	}
	return tables, nil
}

func forcing(ctx context.Context, conn *pgx.Conn) ([]catalog.Name, error) {
	rows, err := conn.Query(ctx, `SELECT n.nspname::text, c.relname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity ORDER BY 1, 2`)
	if err != nil {
		return nil, pgsession.Safe(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowToStructByPos[catalog.Name])
	return names, pgsession.Safe(err)
}
