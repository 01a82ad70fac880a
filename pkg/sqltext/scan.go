package sqltext

import (
	"strings"
	"unicode/utf8"
)

// next reads the token that starts at i.
func next(s string, i int) (Token, bool) {
	rest := s[i:]
	c := rest[0]
	switch {
	case strings.HasPrefix(rest, "--"):
		end := strings.IndexAny(rest, "\r\n")
		if end < 0 {
			end = len(rest)
		}
		return Token{Comment, rest[2:end], i, i + end}, true
	case strings.HasPrefix(rest, "/*"):
		return comment(s, i)
	case c == '\'':
		return text(s, i, i, plainText)
	case c == '"':
		return quoted(s, i, i)
	case c == '$':
		return dollar(s, i)
	case digit(c) || c == '.' && len(rest) > 1 && digit(rest[1]):
		end := i + number(rest)
		return Token{Number, s[i:end], i, end}, true
	case c >= utf8.RuneSelf && !utf8.FullRuneInString(rest):
		return Token{}, false
	case wordStart(c):
		return word(s, i)
	}
	if end := i + operator(rest); end > i {
		return Token{Operator, s[i:end], i, end}, true
	}
	for _, symbol := range []string{"::", ":=", ".."} {
		if strings.HasPrefix(rest, symbol) {
			return Token{Symbol, symbol, i, i + 2}, true
		}
	}
	if strings.IndexByte("()[],;:.", c) >= 0 {
		return Token{Symbol, rest[:1], i, i + 1}, true
	}
	return Token{}, false
}

// comment reads a comment of the form /* */. Comments nest.
func comment(s string, from int) (Token, bool) {
	depth := 0
	for i := from; i < len(s); {
		switch {
		case strings.HasPrefix(s[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(s[i:], "*/"):
			depth--
			i += 2
		default:
			i++
		}
		if depth == 0 {
			return Token{Comment, s[from+2 : i-2], from, i}, true
		}
	}
	return Token{}, false
}

// word reads a word. It also reads a string after E, B, X, N or U&, and a quoted identifier after U&.
func word(s string, i int) (Token, bool) {
	rest := s[i:]
	if len(rest) > 1 && rest[1] == '\'' {
		switch rest[0] {
		case 'e', 'E':
			return text(s, i, i+1, escapedText)
		case 'b', 'B', 'x', 'X', 'n', 'N':
			return text(s, i, i+1, plainText)
		}
	}
	if len(rest) > 2 && (rest[0] == 'u' || rest[0] == 'U') && rest[1] == '&' {
		switch rest[2] {
		case '\'':
			return text(s, i, i+2, unicodeText)
		case '"':
			return quoted(s, i, i+2)
		}
	}
	end := i
	for end < len(s) && (wordStart(s[end]) || digit(s[end]) || s[end] == '$') {
		end++
	}
	return Token{Word, lower(s[i:end]), i, end}, true
}

// dollar reads a parameter, or a string in dollar quotes.
func dollar(s string, i int) (Token, bool) {
	end := i + 1
	if end < len(s) && digit(s[end]) {
		for end < len(s) && digit(s[end]) {
			end++
		}
		return Token{Parameter, s[i:end], i, end}, true
	}
	for end < len(s) && (wordStart(s[end]) || digit(s[end])) {
		end++
	}
	if end == len(s) || s[end] != '$' {
		return Token{}, false
	}
	tag := s[i : end+1]
	length := strings.Index(s[end+1:], tag)
	if length < 0 {
		return Token{}, false
	}
	return Token{String, s[end+1 : end+1+length], i, end + 1 + length + len(tag)}, true
}

// number returns the length of a number. Two dots side by side end it, because 1..9 is a range.
func number(s string) int {
	if len(s) > 2 && s[0] == '0' && strings.IndexByte("xXoObB", s[1]) >= 0 && hex(s[2]) {
		end := 2
		for end < len(s) && (hex(s[end]) || s[end] == '_') {
			end++
		}
		return end
	}
	end := digits(s, 0)
	if end < len(s) && s[end] == '.' && !strings.HasPrefix(s[end:], "..") {
		end = digits(s, end+1)
	}
	if end < len(s) && (s[end] == 'e' || s[end] == 'E') {
		exponent := end + 1
		if exponent < len(s) && (s[exponent] == '+' || s[exponent] == '-') {
			exponent++
		}
		if exponent < len(s) && digit(s[exponent]) {
			end = digits(s, exponent)
		}
	}
	return end
}

func digits(s string, i int) int {
	for i < len(s) && (digit(s[i]) || s[i] == '_') {
		i++
	}
	return i
}

// operator returns the length of an operator. An operator ends before a comment. An operator of several characters may
// end in + or - only if it also has one of the characters ~ ! @ # % ^ & | ` ?.
func operator(s string) int {
	end := 0
	for end < len(s) && strings.IndexByte("+-*/<>=~!@#%^&|`?", s[end]) >= 0 {
		if end > 0 && (strings.HasPrefix(s[end:], "--") || strings.HasPrefix(s[end:], "/*")) {
			break
		}
		end++
	}
	for end > 1 && (s[end-1] == '+' || s[end-1] == '-') && !strings.ContainsAny(s[:end], "~!@#%^&|`?") {
		end--
	}
	return end
}

// lower converts an identifier to lower case as PostgreSQL does in databases with the encoding UTF8: it changes only
// ASCII letters.
func lower(s string) string {
	for i := range len(s) {
		if s[i] >= 'A' && s[i] <= 'Z' {
			b := []byte(s)
			for ; i < len(b); i++ {
				if b[i] >= 'A' && b[i] <= 'Z' {
					b[i] += 'a' - 'A'
				}
			}
			return string(b)
		}
	}
	return s
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

func digit(c byte) bool { return c >= '0' && c <= '9' }

func hex(c byte) bool { return digit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func wordStart(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}
