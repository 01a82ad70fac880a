package sqlexpr

import "github.com/masker-project/masker/pkg/sqltext"

type token = sqltext.Token

// scan splits an expression into tokens. It returns the tokens before an error too.
func scan(s string) ([]token, error) {
	tokens, err := sqltext.Scan(s)
	if err != nil {
		err = errSyntax
	}
	return sqltext.Plain(tokens), err
}
