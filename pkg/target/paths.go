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

// setPaths sets the search path of functions that run while the shadow is built, so that they find names as in the
// source. The search path of masker's sessions is empty, because the statements of pg_dump need this. From version 17
// on, PostgreSQL also uses a safe search path while it builds an index, fills a view or analyzes a table. The search
// path of a function takes effect in all these cases.
//
// setPaths skips functions that do not exist in the shadow. A decision may have left them out, or they are made later.
// It also skips functions of extensions that belong to another role, because only their owner may alter them.
func (s *Shadow) setPaths(ctx context.Context, conn *pgx.Conn) error {
	if len(s.spec.Source.Functions) == 0 {
		return nil
	}
	found, err := conn.Query(ctx, `SELECT (pg_identify_object('pg_proc'::regclass, oid, 0)).identity FROM pg_proc p WHERE oid >= 16384
		AND (pg_has_role(proowner, 'USAGE') OR NOT EXISTS (SELECT FROM pg_depend WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e'))`)
	if err != nil {
		return fmt.Errorf("looking for functions of the shadow: %w", pgsession.Safe(err))
	}
	made, err := pgx.CollectRows(found, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("looking for functions of the shadow: %w", pgsession.Safe(err))
	}
	s.withPath = slices.DeleteFunc(slices.Clone(s.spec.Source.Functions), func(f catalog.Function) bool { return !slices.Contains(made, f.Identity) })
	return s.alterPaths(ctx, conn, func(f catalog.Function) string { return "SET search_path = " + settingValue("search_path", f.Path) })
}

// resetPaths removes the search paths. None of these functions has one in the source.
func (s *Shadow) resetPaths(ctx context.Context, conn *pgx.Conn) error {
	return s.alterPaths(ctx, conn, func(catalog.Function) string { return "RESET search_path" })
}

// alterPaths alters each function of s.withPath. The argument change returns the change of one function.
func (s *Shadow) alterPaths(ctx context.Context, conn *pgx.Conn, change func(catalog.Function) string) error {
	for batch := range slices.Chunk(s.withPath, batchSize) {
		var sql strings.Builder
		for _, f := range batch {
			sql.WriteString("ALTER FUNCTION " + f.Identity + " " + change(f) + ";\n")
		}
		if err := s.statement(ctx, conn, sql.String()); err != nil {
			return fmt.Errorf("setting the search path of functions of the shadow: %w", err)
		}
	}
	return nil
}
