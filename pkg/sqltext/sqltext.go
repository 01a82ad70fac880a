// Package sqltext splits SQL into tokens by the rules of PostgreSQL's own scanner, with standard_conforming_strings on. It
// knows every form of quoting. It knows no grammar.
package sqltext

import "errors"

// Kind says what a token is.
type Kind int

// The kinds of tokens.
const (
	Word      Kind = iota // an identifier or a keyword without quotes. Value is in lower case
	Quoted                // a quoted identifier. Value is the name
	String                // a string in any form of quotes, and bit strings. Value is the decoded text
	Number                // a number without a sign
	Parameter             // $1
	Operator              // one or more of + - * / < > = ~ ! @ # % ^ & | ` ?
	Symbol                // a bracket, a comma, a semicolon, a colon, "::", ":=", "=>", a dot or ".."
	Comment               // -- or /* */. Value is the text inside
)

// Token is one token of a text.
type Token struct {
	Kind     Kind
	Value    string
	From, To int // its place in the text
}

// Is reports whether the token is a keyword, an operator or a symbol with one of the texts. A keyword is in lower case.
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

// errSyntax is returned for text that PostgreSQL does not accept. The text can quote data, so the error does not.
var errSyntax = errors.New("not SQL that masker can read")

// Scan splits a text into tokens. White space is between tokens and in none of them. With an error, Scan returns the
// tokens before it.
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

// At returns the token that starts at i, false if there is white space, the end, or something that is no token.
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
