package target

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

// Holds computes a question. Its condition may call functions of the source's own: they have the same rights as when
// rows are loaded. The result why is "" in two cases: the condition holds, or the server cannot compute it for a
// reason that is not in the constants.
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
	if len(q.Tries) > 0 {
		return tried(ctx, conn, q)
	}
	return computed(ctx, conn, q)
}

// tried computes the lists of tries of a question, one after another, until a list fails. It returns why the list
// failed.
func tried(ctx context.Context, conn *pgx.Conn, q sides.Question) (why string, err error) {
	for _, list := range q.Tries {
		if why, err = anyTry(ctx, conn, q, list); why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// anyTry computes a list of tries. The list fails if the server can compute a try with the values before the treatment,
// but not with the values after it. If the values before the treatment are not known, the list fails if all its tries
// fail.
func anyTry(ctx context.Context, conn *pgx.Conn, q sides.Question, list []sides.Try) (failed string, err error) {
	for _, try := range list {
		if try.Before != nil {
			switch why, err := computed(ctx, conn, overOne(q, try.Before)); {
			case err != nil:
				return "", err
			case why != "":
				continue // production has no such row
			}
		}
		failed, err = computed(ctx, conn, overOne(q, try.After))
		if err != nil || (failed == "") == (try.Before == nil) {
			return failed, err
		}
	}
	return failed, nil
}

// overOne returns a question with the condition of another one, over one row.
func overOne(q sides.Question, row []sides.Constant) sides.Question {
	return sides.Question{Condition: q.Condition, Rows: [][]sides.Constant{row}}
}

// computed computes a condition over the rows of a question. The result why is "" in two cases: the condition holds,
// or the server cannot compute it for a reason that is not in the constants.
func computed(ctx context.Context, conn *pgx.Conn, q sides.Question) (why string, err error) {
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
