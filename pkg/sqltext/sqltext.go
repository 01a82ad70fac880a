// Package sqltext splits SQL into tokens by the rules of PostgreSQL's own scanner, with standard_conforming_strings on.
// It reads all forms of quoting. It does not know the grammar of SQL.
package sqltext

import "errors"

// Kind says what a token is.
type Kind int

// The kinds of tokens.
const (
	Word      Kind = iota // an identifier or a keyword without quotes. Value is in lower case
	Quoted                // a quoted identifier. Value is the name
	String                // a string in any form of quotes, or a bit string. Value is the decoded text
	Number                // a number without a sign
	Parameter             // $1
	Operator              // one or more of + - * / < > = ~ ! @ # % ^ & | ` ?
	Symbol                // a bracket, a comma, a semicolon, a colon, "::", ":=", a dot or ".."
	Comment               // a comment of the form -- or /* */. Value is the text inside
)

// Token is one token of a text.
type Token struct {
	Kind     Kind
	Value    string
	From, To int // the token's place in the text
}

// Is reports whether the token is a keyword, an operator or a symbol with one of the given texts. Keywords must be
// given in lower case.
func (t Token) Is(texts ...string) bool {
	if t.Kind != Word && t.Kind != Operator && t.Kind != Symbol {
		return false
	}
	for _, s := range texts {
		if t.Value == s {
			return true
		}
	}
	return false
}

// Name reports whether the token is an identifier or a keyword.
func (t Token) Name() bool { return t.Kind == Word || t.Kind == Quoted }

// errSyntax is returned for text that PostgreSQL does not accept. The error does not quote the text, because the text
// may contain data.
var errSyntax = errors.New("not SQL that masker can read")

// Scan splits a text into tokens. White space between tokens is dropped. If a part of the text cannot be read, Scan
// returns an error and the tokens before this part.
func Scan(s string) ([]Token, error) {
	tokens := make([]Token, 0, len(s)/5+1)
	for i := 0; i < len(s); {
		if space(s[i]) {
			i++
			continue
		}
		t, ok := next(s, i)
		if !ok {
			return tokens, errSyntax
		}
		tokens, i = append(tokens, t), t.To
	}
	return tokens, nil
}

// At returns the token that starts at i. It returns false if white space, the end of the text or something that is not
// a token stands there.
func At(s string, i int) (Token, bool) {
	if i >= len(s) || space(s[i]) {
		return Token{}, false
	}
	return next(s, i)
}

// Plain returns the tokens without comments.
func Plain(tokens []Token) []Token {
	plain := make([]Token, 0, len(tokens))
	for _, t := range tokens {
		if t.Kind != Comment {
			plain = append(plain, t)
		}
	}
	return plain
}
