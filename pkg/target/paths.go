package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// setPaths lets functions that run while the shadow is made find names as they do in the source. Masker's sessions have
// no search path, because pg_dump's text must not be read under one. From 17 on, the server takes the path away itself
// where an index is built, a view is filled or a table is analyzed. A path that a function carries holds everywhere.
func (s *Shadow) setPaths(ctx context.Context) error {
	if len(s.spec.Source.Functions) == 0 {
		return nil
	}
	conn, err := s.connect(ctx, "paths", "")
	if err != nil {
		return err
	}
	defer closeConn(conn)
	names := make([]string, len(s.spec.Source.Functions))
	for i, f := range s.spec.Source.Functions {
		names[i] = f.Identity
	}
	// Some may have been left out by a decision.
	made, err := conn.Query(ctx, `SELECT i FROM unnest($1::text[]) i WHERE to_regprocedure(i) IS NOT NULL`, names)
	if err != nil {
		return fmt.Errorf("looking for functions of the shadow: %w", pgsession.Safe(err))
	}
	if s.pathed, err = pgx.CollectRows(made, pgx.RowTo[string]); err != nil {
		return fmt.Errorf("looking for functions of the shadow: %w", pgsession.Safe(err))
	}
	return s.alterPaths(ctx, conn, func(name string) string {
		i := slices.Index(names, name)
		return "SET search_path = " + settingValue("search_path", s.spec.Source.Functions[i].Path)
	})
}

// resetPaths takes the paths away again. No function had one of its own.
func (s *Shadow) resetPaths(ctx context.Context, conn *pgx.Conn) error {
	return s.alterPaths(ctx, conn, func(string) string { return "RESET search_path" })
}

func (s *Shadow) alterPaths(ctx context.Context, conn *pgx.Conn, what func(name string) string) error {
	for batch := range slices.Chunk(s.pathed, batchSize) {
		var sql strings.Builder
		for _, name := range batch {
			sql.WriteString("ALTER FUNCTION " + name + " " + what(name) + ";\n")
		}
		if err := s.statement(ctx, conn, sql.String()); err != nil {
			return fmt.Errorf("setting the search path of functions of the shadow: %w", err)
		}
	}
	return nil
}
