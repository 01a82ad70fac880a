package source

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/sides"
)

// Holds computes a question. The result why is "" if the condition holds. It is also "" if the server cannot compute
// the condition, for example because a function needs a search path that this session does not have.
func (p *Postgres) Holds(ctx context.Context, q sides.Question) (why string, err error) {
	return holds(ctx, q, func(ask func(*pgx.Conn) error) error { return p.aside(ctx, ask) })
}

// Asker computes questions in a session of its own, outside of a snapshot.
type Asker struct{ conn *pgx.Conn }

// Ask opens a session for questions. The caller must close it.
func Ask(ctx context.Context, url string) (*Asker, error) {
	conn, err := connectOnce(ctx, url, pgsession.Options{Name: "questions"})
	if err != nil {
		return nil, err
	}
	return &Asker{conn}, nil
}

// Close ends the session.
func (a *Asker) Close() { closeSoon(a.conn) }

// Holds is like Holds of Postgres.
func (a *Asker) Holds(ctx context.Context, q sides.Question) (why string, err error) {
	return holds(ctx, q, func(ask func(*pgx.Conn) error) error { return ask(a.conn) })
}

func holds(ctx context.Context, q sides.Question, within func(ask func(*pgx.Conn) error) error) (why string, err error) {
	query, args := q.SQL()
	holds := true
	err = within(func(conn *pgx.Conn) error { return conn.QueryRow(ctx, query, args...).Scan(&holds) })
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
