package target

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// Holds computes a question. Its condition may call functions of the source's own: they have the same rights as when rows are
// loaded. The result why is "" if the condition holds, and if the server cannot compute it for a reason that is not in the
// constants.
func (s *Shadow) Holds(ctx context.Context, q sides.Question) (why string, err error) {
	conn, err := s.connect(ctx, "ddl", "")
	if err != nil {
		return "", err
	}
	defer closeConn(conn)
	if q.Fits != (catalog.Name{}) {
		err := conn.QueryRow(ctx, `SELECT COALESCE(string_agg('(' || pg_get_partition_constraintdef(relid) || ')', ' OR '), 'true') FROM pg_partition_tree($1::regclass) WHERE isleaf`,
			q.Fits.String()).Scan(&q.Condition)
		if err != nil {
			return "", fmt.Errorf("reading the partitions of %s: %w", q.Fits, pgsession.Safe(err))
		}
	}
	query, args := q.SQL()
	holds := true
	err = conn.QueryRow(ctx, query, args...).Scan(&holds)
	switch {
	case err == nil && !holds:
		return q.Missed(), nil
	case err == nil:
		return "", nil
	case ofValues(err):
		return fmt.Sprintf("it fails for one of the results that were tried [SQLSTATE %s]", pgsession.Code(err)), nil
	case pgsession.Code(err) != "" && !conn.IsClosed() && ctx.Err() == nil:
		return "", nil
	}
	return "", pgsession.Safe(err)
}
