package source

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/sides"
)

// Holds computes a question. The result why is "" if the condition holds. It is also "" if the server cannot compute the
// condition, for example because a function needs a search path that this session does not have.
func (p *Postgres) Holds(ctx context.Context, q sides.Question) (why string, err error) {
	query, args := q.SQL()
	holds := true
	err = p.aside(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query, args...).Scan(&holds) })
	code := pgsession.Code(err)
	switch {
	case err == nil && !holds:
		return q.Missed(), nil
	case err == nil, code != "" && !failsByValue(code) && !strings.HasPrefix(code, "57"):
		return "", nil
	case code == "22P05":
		return "the encoding lacks a character [SQLSTATE 22P05]", nil
	case failsByValue(code):
		return "it has the wrong form, or a domain's condition is false [SQLSTATE " + code + "]", nil
	case errors.Is(err, context.Canceled):
		return "", err
	}
	return "", pgsession.Safe(err)
}

// failsByValue reports whether an error is about a value. The input functions of some types, such as ltree, report a
// malformed value as a syntax error.
func failsByValue(code string) bool {
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23") || code == "42601"
}
