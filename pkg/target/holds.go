package target

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/sides"
)

// Holds computes a condition over rows of constants. It reads no table, but the condition may call functions of the
// source's own: they have the same rights as when rows are loaded. The result why is "" if the condition is true or NULL for
// one of the rows, and if the server cannot compute it for a reason that is not in the constants.
func (s *Shadow) Holds(ctx context.Context, condition string, rows [][]sides.Constant) (why string, err error) {
	conn, err := s.connect(ctx, "ddl", "")
	if err != nil {
		return "", err
	}
	defer closeConn(conn)
	query, args := sides.Holds(condition, rows)
	holds := true
	err = conn.QueryRow(ctx, query, args...).Scan(&holds)
	switch {
	case err == nil && !holds:
		return "none of the results that were tried passes", nil
	case err == nil:
		return "", nil
	case ofValues(err):
		return fmt.Sprintf("it fails for one of the results that were tried [SQLSTATE %s]", pgsession.Code(err)), nil
	case pgsession.Code(err) != "" && !conn.IsClosed() && ctx.Err() == nil:
		return "", nil
	}
	return "", pgsession.Safe(err)
}
