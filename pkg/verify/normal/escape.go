package normal

import (
	"bytes"
	"html"
	"unicode/utf16"
	"unicode/utf8"
)

// longestTag and longestEntity limit the bytes of a text that are read as a tag or as an entity.
const (
	longestTag    = 256
	longestEntity = 32
)

// Unescape appends a text with its escapes decoded: percent-encoding, entities of HTML, and escapes with a backslash,
// also in hexadecimal. It removes tags. It returns dst as it is if the text has no escape.
func Unescape(dst, text []byte) []byte {
	start, found := len(dst), false
	for i := 0; i < len(text); {
		n := 0
		switch text[i] {
		case '%':
			dst, n = percent(dst, text[i:])
		case '&':
			dst, n = entity(dst, text[i:])
		case '\\':
			dst, n = backslash(dst, text[i:])
		case '<':
			n = tag(text[i:])
		}
		if n == 0 {
			dst = append(dst, text[i])
			i++
			continue
		}
		found = true
		i += n
	}
	if !found {
		return dst[:start]
	}
	return dst
}

// escape reports whether a character begins an escape.
func escape(b byte) bool { return b == '%' || b == '&' || b == '\\' || b == '<' }

// percent decodes escapes such as %41. The result n is the length of the escape, or 0 if the text does not begin with
// an escape. The result n of backslash and entity has the same meaning.
func percent(dst, text []byte) (out []byte, n int) {
	if len(text) < 3 {
		return dst, 0
	}
	v, ok := number(text[1:3], 16)
	if !ok {
		return dst, 0
	}
	return append(dst, byte(v)), 3
}

// entity decodes &amp;, &#252; and &#xfc;.
func entity(dst, text []byte) (out []byte, n int) {
	end := bytes.IndexByte(text[:min(len(text), longestEntity)], ';')
	if end < 2 {
		return dst, 0
	}
	name := text[1:end]
	if name[0] != '#' {
		decoded := html.UnescapeString(string(text[:end+1]))
		if decoded == string(text[:end+1]) {
			return dst, 0
		}
		return append(dst, decoded...), end + 1
	}
	digits, base := name[1:], 10
	if len(digits) > 0 && digits[0]|' ' == 'x' {
		digits, base = digits[1:], 16
	}
	v, ok := number(digits, base)
	if !ok {
		return dst, 0
	}
	return utf8.AppendRune(dst, rune(v)), end + 1
}

// backslash decodes \u00fc, and pairs of such escapes that are one character. It decodes \n, \t and similar escapes to
// a blank, and an escaped quote, slash or backslash to this character.
func backslash(dst, text []byte) (out []byte, n int) {
	if len(text) < 2 {
		return dst, 0
	}
	switch text[1] {
	case 'n', 'r', 't', 'b', 'f':
		return append(dst, ' '), 2
	case '"', '\'', '/', '\\':
		return append(dst, text[1]), 2
	case 'x':
		return inHex(dst, text)
	case 'u':
	default:
		return dst, 0
	}
	r, ok := unit(text)
	if !ok {
		return dst, 0
	}
	if low, second := unit(text[6:]); second && utf16.IsSurrogate(r) {
		return utf8.AppendRune(dst, utf16.DecodeRune(r, low)), 12
	}
	return utf8.AppendRune(dst, r), 6
}

// inHex decodes \x41. More hexadecimal digits after \x are bytes as PostgreSQL prints them: \x becomes a blank, and the
// digits stay.
func inHex(dst, text []byte) (out []byte, n int) {
	if len(text) < 4 {
		return dst, 0
	}
	v, ok := number(text[2:4], 16)
	if !ok {
		return dst, 0
	}
	if len(text) > 4 {
		if _, more := number(text[4:5], 16); more {
			return append(dst, ' '), 2
		}
	}
	return append(dst, byte(v)), 4
}

// unit reads \u and four hexadecimal digits.
func unit(text []byte) (rune, bool) {
	if len(text) < 6 || text[0] != '\\' || text[1] != 'u' {
		return 0, false
	}
	v, ok := number(text[2:6], 16)
	return rune(v), ok
}

// tag returns the length of a tag of HTML or XML.
func tag(text []byte) int {
	if len(text) < 3 || text[1] != '/' && text[1] != '!' && (text[1]|' ' < 'a' || 'z' < text[1]|' ') {
		return 0
	}
	return bytes.IndexByte(text[:min(len(text), longestTag)], '>') + 1
}

// number reads the digits of a character's number. ok is false if there are no digits, a digit is wrong or the number
// is too large.
func number(digits []byte, base int) (v int, ok bool) {
	for _, b := range digits {
		d := base
		switch {
		case '0' <= b && b <= '9':
			d = int(b - '0')
		case 'a' <= b|' ' && b|' ' <= 'f':
			d = int(b|' '-'a') + 10
		}
		if d >= base || v > utf8.MaxRune {
			return 0, false
		}
		v = v*base + d
	}
	return v, len(digits) > 0
}
