package source

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
)

// Cast asks the server whether a text is a value of a type. The argument typ is a type as format_type prints it. The result why
// is "" if the text is a value, and also if the server cannot tell: the functions of a domain may need a search path that
// this session does not have.
func (p *Postgres) Cast(ctx context.Context, text, typ string) (why string, err error) {
	err = p.aside(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "SELECT $1::text::"+typ, text)
		code := pgsession.Code(err)
		// The input functions of some types, such as ltree's, call a bad value a syntax error.
		if strings.HasPrefix(code, "22") || strings.HasPrefix(code, "23") || code == "42601" {
			why, err = "it has the wrong form, or a domain's condition is false [SQLSTATE "+code+"]", nil
		} else if code != "" && !strings.HasPrefix(code, "57") {
			err = nil
		}
		return err
	})
	return why, err
}
