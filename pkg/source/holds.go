package source

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/sides"
)

// Holds computes a condition over one row of constants. It reads no table. The result why is "" if the condition is true or
// NULL, and also if the server cannot tell: a function of the condition may need a search path that this session does not have.
func (p *Postgres) Holds(ctx context.Context, condition string, row []sides.Constant) (why string, err error) {
	columns, args := make([]string, len(row)), make([]any, len(row))
	for i, c := range row {
		columns[i] = fmt.Sprintf("$%d::text::%s AS %s", i+1, c.Type, pgx.Identifier{c.Column}.Sanitize())
		args[i] = c.Text
	}
	query := "SELECT (" + condition + ") IS NOT FALSE FROM (SELECT " + strings.Join(columns, ", ") + ") r"
	holds := true
	err = p.aside(ctx, func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query, args...).Scan(&holds) })
	code := pgsession.Code(err)
	switch {
	case err == nil && !holds:
		return "it is false", nil
	case err == nil, code != "" && !failsByValue(code) && !strings.HasPrefix(code, "57"):
		return "", nil
	case failsByValue(code):
		return "it has the wrong form, or a domain's condition is false [SQLSTATE " + code + "]", nil
	case errors.Is(err, context.Canceled):
		return "", err
	}
	return "", pgsession.Safe(err)
}

// failsByValue reports whether an error is about a value. The input functions of some types, such as ltree's, call a value in
// the wrong form a syntax error.
func failsByValue(code string) bool {
	return strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23") || code == "42601"
}
