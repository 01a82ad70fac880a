package sqltext

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// The forms of strings in single quotes.
const (
	plainText   = iota
	escapedText // E''
	unicodeText // U&''
)

// text reads a string. The arguments from and quote are the offsets of the token and of its first quote. A string
// continues on the next line if only white space and comments of the form -- stand between the two parts.
func text(s string, from, quote, form int) (Token, bool) {
	var b strings.Builder
	for i := quote; ; {
		raw, end, ok := between(s, i, form == escapedText)
		if !ok {
			return Token{}, false
		}
		b.WriteString(raw)
		if i = continued(s, end); i < 0 {
			value, end, ok := decode(s, b.String(), end, form)
			return Token{String, value, from, end}, ok
		}
	}
}

// decode replaces the escapes of a string by the characters that they stand for. The last quote of the string ends at
// offset end, and UESCAPE can follow there.
func decode(s, raw string, end, form int) (value string, to int, ok bool) {
	switch form {
	case escapedText:
		value, ok = unescape(strings.ReplaceAll(raw, "''", "'"))
		return value, end, ok
	case unicodeText:
		escape, end, ok := uescape(s, end)
		if !ok {
			return "", 0, false
		}
		value, ok = unicode(strings.ReplaceAll(raw, "''", "'"), escape)
		return value, end, ok
	}
	return strings.ReplaceAll(raw, "''", "'"), end, true
}

// quoted reads an identifier in quotes. The identifier starts with U& if from and quote differ.
func quoted(s string, from, quote int) (Token, bool) {
	raw, end, ok := between(s, quote, false)
	name := strings.ReplaceAll(raw, `""`, `"`)
	if ok && from != quote {
		var escape byte
		if escape, end, ok = uescape(s, end); ok {
			name, ok = unicode(name, escape)
		}
	}
	return Token{Quoted, name, from, end}, ok && name != ""
}

// between returns the text between the quote at i and the quote that ends the text. Two quotes side by side do not end
// the text. If the argument escapes is true, a quote after a backslash does not end it either.
func between(s string, i int, escapes bool) (raw string, end int, ok bool) {
	quote, from := s[i], i+1
	for i = from; i < len(s); i++ {
		switch {
		case escapes && s[i] == '\\':
			i++
		case s[i] == quote && i+1 < len(s) && s[i+1] == quote:
			i++
		case s[i] == quote:
			return s[from:i], i + 1, true
		}
	}
	return "", 0, false
}

// continued returns the offset at which the string that ends at i continues on a later line. It returns -1 if the
// string does not continue.
func continued(s string, i int) int {
	newline := false
	for i < len(s) {
		switch {
		case strings.HasPrefix(s[i:], "--"):
			end := strings.IndexAny(s[i:], "\r\n")
			if end < 0 {
				return -1
			}
			i += end
		case space(s[i]):
			newline = newline || s[i] == '\n' || s[i] == '\r'
			i++
		case newline && s[i] == '\'':
			return i
		default:
			return -1
		}
	}
	return -1
}

// unescape replaces the backslash escapes of a string E'…' by the characters that they stand for.
func unescape(s string) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			i++
			continue
		}
		i++
		if i == len(s) {
			return "", false
		}
		base, longest := 0, 0
		switch c := s[i]; c {
		case 'b', 'f', 'n', 'r', 't', 'v':
			b.WriteByte("\b\f\n\r\t\v"[strings.IndexByte("bfnrtv", c)])
			i++
			continue
		case 'u', 'U':
			length := map[byte]int{'u': 4, 'U': 8}[c]
			r, size, ok := codePoint(s[i+1:], length, `\`, c)
			if !ok {
				return "", false
			}
			b.WriteRune(r)
			i += 1 + size
			continue
		case 'x':
			base, longest = 16, 2
		case '0', '1', '2', '3', '4', '5', '6', '7':
			base, longest = 8, 3
		}
		start := i
		if base == 16 {
			start++
		}
		end := start
		for end < len(s) && end-start < longest && (base == 16 && hex(s[end]) || base == 8 && s[end] >= '0' && s[end] <= '7') {
			end++
		}
		if n, err := strconv.ParseUint(s[start:end], max(base, 2), 16); err == nil {
			b.WriteByte(byte(n))
			i = end
			continue
		}
		b.WriteByte(s[i])
		i++
	}
	return b.String(), true
}

// codePoint reads a code point from hexadecimal digits. If the code point is the first half of a surrogate pair,
// codePoint also reads the second half, which must have the same form of escape.
func codePoint(s string, length int, escape string, letter byte) (r rune, size int, ok bool) {
	if len(s) < length {
		return 0, 0, false
	}
	n, err := strconv.ParseUint(s[:length], 16, 32)
	if err != nil {
		return 0, 0, false
	}
	if r = rune(n); !utf16.IsSurrogate(r) {
		return r, length, n != 0 && utf8.ValidRune(r)
	}
	next := s[length:]
	if !strings.HasPrefix(next, escape) {
		return 0, 0, false
	}
	next = next[len(escape):]
	skip := length + len(escape)
	if letter != 0 {
		if next == "" || next[0] != letter {
			return 0, 0, false
		}
		next, skip = next[1:], skip+1
	}
	if len(next) < length {
		return 0, 0, false
	}
	low, err := strconv.ParseUint(next[:length], 16, 32)
	r = utf16.DecodeRune(r, rune(low))
	return r, skip + length, err == nil && r != utf8.RuneError
}

// unicode replaces the escapes of a U& string or identifier by the characters that they stand for.
func unicode(s string, escape byte) (string, bool) {
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != escape {
			b.WriteByte(s[i])
			i++
			continue
		}
		i++
		length := 4
		switch {
		case i < len(s) && s[i] == escape:
			b.WriteByte(escape)
			i++
			continue
		case i < len(s) && s[i] == '+':
			length = 6
			i++
		}
		before := string(escape)
		if length == 6 {
			before += "+"
		}
		r, size, ok := codePoint(s[i:], length, before, 0)
		if !ok {
			return "", false
		}
		b.WriteRune(r)
		i += size
	}
	return b.String(), true
}

// uescape reads UESCAPE and its character, which may follow at i. If there is no UESCAPE, the escape character is a
// backslash.
func uescape(s string, i int) (escape byte, end int, ok bool) {
	at := blanks(s, i)
	const word = "uescape"
	if len(s)-at < len(word) || lower(s[at:at+len(word)]) != word {
		return '\\', i, true
	}
	at = blanks(s, at+len(word))
	if len(s)-at < 3 || s[at] != '\'' || s[at+2] != '\'' {
		return 0, 0, false
	}
	c := s[at+1]
	return c, at + 3, !hex(c) && !space(c) && c != '+' && c != '\'' && c != '"' && c < utf8.RuneSelf
}

// blanks returns the offset at which the white space and comments after i end.
func blanks(s string, i int) int {
	for i < len(s) {
		if space(s[i]) {
			i++
			continue
		}
		if !strings.HasPrefix(s[i:], "--") && !strings.HasPrefix(s[i:], "/*") {
			return i
		}
		t, ok := next(s, i)
		if !ok {
			return i
		}
		i = t.To
	}
	return i
}
