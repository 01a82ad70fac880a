package target

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// setPaths sets the search path of functions that run while the shadow is built, so that they find names as in the source.
// masker's sessions have an empty search path, because the statements of pg_dump need one. From version 17 on, PostgreSQL also
// uses a safe search path while it builds an index, fills a view or analyzes a table. The search path of a function takes
// effect in all these cases.
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
	// A decision may have left out some of the functions.
	made, err := conn.Query(ctx, `SELECT i FROM unnest($1::text[]) i WHERE to_regprocedure(i) IS NOT NULL`, names)
	if err != nil {
		return fmt.Errorf("looking for functions of the shadow: %w", pgsession.Safe(err))
	}
	if s.withPath, err = pgx.CollectRows(made, pgx.RowTo[string]); err != nil {
		return fmt.Errorf("looking for functions of the shadow: %w", pgsession.Safe(err))
	}
	return s.alterPaths(ctx, conn, func(name string) string {
		i := slices.Index(names, name)
		return "SET search_path = " + settingValue("search_path", s.spec.Source.Functions[i].Path)
	})
}

// resetPaths removes the search paths. None of these functions has one in the source.
func (s *Shadow) resetPaths(ctx context.Context, conn *pgx.Conn) error {
	return s.alterPaths(ctx, conn, func(string) string { return "RESET search_path" })
}

// alterPaths alters each function. what returns the change for a function.
func (s *Shadow) alterPaths(ctx context.Context, conn *pgx.Conn, what func(name string) string) error {
	for batch := range slices.Chunk(s.withPath, batchSize) {
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
