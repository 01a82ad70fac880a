package target

import (
	"context"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/archive"
)

// withStandIns makes a table whose definition failed with the error failed. If a generated column calls a function without
// arguments, PostgreSQL computes the function when it makes the table. The function can fail then, because no table has
// rows. So for this moment, functions that return NULL stand in for such functions. If there are none, or the table cannot be
// made with them either, withStandIns returns failed.
func (s *Shadow) withStandIns(ctx context.Context, conn *pgx.Conn, e archive.Entry, failed error) error {
	found, err := conn.Query(ctx, `SELECT format('CREATE OR REPLACE FUNCTION %s RETURNS %s LANGUAGE sql IMMUTABLE AS %L', oid::regprocedure, pg_get_function_result(oid), 'SELECT NULL::' || format_type(prorettype, NULL)),
			pg_get_functiondef(oid)
		FROM pg_proc WHERE oid >= 16384 AND prokind = 'f' AND provolatile = 'i' AND pronargs = 0 AND NOT proretset AND pg_has_role(proowner, 'USAGE') AND strpos($1, quote_ident(proname) || '()') > 0`, e.Defn)
	if err != nil {
		return fmt.Errorf("looking for functions without arguments: %w", pgsession.Safe(err))
	}
	type function struct{ StandIn, Real string }
	functions, err := pgx.CollectRows(found, pgx.RowToStructByPos[function])
	if err != nil {
		return fmt.Errorf("looking for functions without arguments: %w", pgsession.Safe(err))
	}
	if len(functions) == 0 {
		return failed
	}
	var before, after strings.Builder
	for _, f := range functions {
		before.WriteString(f.StandIn + ";\n")
		after.WriteString(f.Real + ";\n")
	}
	// One message is one transaction, so no stand-in stays if something fails.
	if _, err := conn.Exec(ctx, before.String()+script([]archive.Entry{e})+after.String()); err != nil {
		return failed
	}
	return nil
}
