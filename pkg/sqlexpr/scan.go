package sqlexpr

import "strings"

type tokenKind int

const (
	word   tokenKind = iota // an identifier or a keyword, in lower case
	quoted                  // a quoted identifier, without quotes
	text                    // a string, without quotes
	number
	symbol // an operator, a bracket, a comma, a dot, or "::"
)

type token struct {
	kind tokenKind
	text string
}

func (t token) is(symbols ...string) bool {
	for _, s := range symbols {
		if t.kind == symbol && t.text == s {
			return true
		}
	}
	return false
}

// operatorBytes are the characters of operators.
const operatorBytes = "+-*/<>=~!@#%^&|`?"

// scan splits an expression into tokens. It returns the tokens before an error too.
func scan(s string) ([]token, error) {
	var out []token
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case c == '\'' || (c == 'E' || c == 'B' || c == 'X') && strings.HasPrefix(s[i+1:], "'"):
			if c != '\'' {
				i++
			}
			value, end, ok := unquote(s, i, '\'', c == 'E')
			if !ok {
				return out, errSyntax
			}
			out, i = append(out, token{text, value}), end
		case c == '"':
			value, end, ok := unquote(s, i, '"', false)
			if !ok {
				return out, errSyntax
			}
			out, i = append(out, token{quoted, value}), end
		case isDigit(c) || c == '.' && i+1 < len(s) && isDigit(s[i+1]):
			end := i
			for end < len(s) && (isDigit(s[end]) || s[end] == '.' || s[end] == 'e' || (s[end] == '-' || s[end] == '+') && s[end-1] == 'e') {
				end++
			}
			out, i = append(out, token{number, s[i:end]}), end
		case isWord(c):
			end := i
			for end < len(s) && (isWord(s[end]) || isDigit(s[end])) {
				end++
			}
			out, i = append(out, token{word, strings.ToLower(s[i:end])}), end
		default:
			end := symbolEnd(s, i)
			if end == i {
				return out, errSyntax
			}
			out, i = append(out, token{symbol, s[i:end]}), end
		}
	}
	return out, nil
}

func symbolEnd(s string, i int) int {
	switch {
	case strings.HasPrefix(s[i:], "::"):
		return i + 2
	case strings.IndexByte("()[],.:", s[i]) >= 0:
		return i + 1
	}
	for i < len(s) && strings.IndexByte(operatorBytes, s[i]) >= 0 {
		i++
	}
	return i
}

// unquote reads the quoted text whose opening quote is at s[i]. Two quotes in a row stand for one quote. If escapes is true, a
// backslash is dropped and the character after it is taken as it is.
func unquote(s string, i int, quote byte, escapes bool) (value string, end int, ok bool) {
	var b strings.Builder
	for i++; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
			b.WriteByte(quote)
		case s[i] == quote:
			return b.String(), i + 1, true
		default:
			b.WriteByte(s[i])
		}
	}
	return "", i, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isWord(c byte) bool {
	return c == '_' || c == '$' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}
