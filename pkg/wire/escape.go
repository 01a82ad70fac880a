package wire

import "bytes"

// NullText is how COPY text writes NULL.
const NullText = `\N`

// escapeOf returns the letter that COPY text writes after a backslash for the byte c. It returns 0 if c needs no such
// escape.
func escapeOf(c byte) byte {
	switch c {
	case '\\':
		return '\\'
	case '\b':
		return 'b'
	case '\t':
		return 't'
	case '\n':
		return 'n'
	case '\v':
		return 'v'
	case '\f':
		return 'f'
	case '\r':
		return 'r'
	}
	return 0
}

// NeedsEscape reports whether COPY text must escape a byte of s, and whether s contains a NUL byte. No text in
// PostgreSQL can contain a NUL byte.
func NeedsEscape(s []byte) (escape, nul bool) {
	for _, c := range s {
		if c >= ' ' && c != '\\' {
			continue
		}
		if c == 0 {
			return escape, true
		}
		escape = escape || escapeOf(c) != 0
	}
	return escape, false
}

// AppendEscaped appends a value that is not NULL, escaped as COPY text requires.
func AppendEscaped(dst, s []byte) []byte {
	from := 0
	for i, c := range s {
		if c >= ' ' && c != '\\' {
			continue
		}
		if letter := escapeOf(c); letter != 0 {
			dst = append(dst, s[from:i]...)
			dst = append(dst, '\\', letter)
			from = i + 1
		}
	}
	return append(dst, s[from:]...)
}

// Escaped reports whether raw, a cell of COPY text that is not NULL, contains an escape. Without an escape, raw is the
// value itself.
func Escaped(raw []byte) bool { return bytes.IndexByte(raw, '\\') >= 0 }

// AppendUnescaped appends the value of raw, a cell of COPY text that is not NULL. It reads
// every escape that COPY FROM reads, including octal and hexadecimal escapes.
func AppendUnescaped(dst, raw []byte) ([]byte, error) {
	for {
		i := bytes.IndexByte(raw, '\\')
		if i < 0 {
			return append(dst, raw...), nil
		}
		dst = append(dst, raw[:i]...)
		if i+1 == len(raw) {
			return dst, ErrFraming
		}
		c, size := unescape(raw[i+1:])
		if c == 0 {
			return dst, ErrNUL
		}
		dst = append(dst, c)
		raw = raw[i+1+size:]
	}
}

// unescape reads one escape after its backslash. It returns the byte and the number of bytes read.
func unescape(s []byte) (c byte, size int) {
	switch s[0] {
	case 'b':
		return '\b', 1
	case 't':
		return '\t', 1
	case 'n':
		return '\n', 1
	case 'v':
		return '\v', 1
	case 'f':
		return '\f', 1
	case 'r':
		return '\r', 1
	case 'x':
		if v, digits := number(s[1:], 16, 2); digits > 0 {
			return v, 1 + digits
		}
	case '0', '1', '2', '3', '4', '5', '6', '7':
		return number(s, 8, 3)
	}
	return s[0], 1
}

// number reads up to limit digits of the given base. The result is modulo 256, as on the server.
func number(s []byte, base, limit int) (v byte, digits int) {
	for digits < limit && digits < len(s) {
		d := hexDigit(s[digits])
		if d < 0 || d >= base {
			break
		}
		v = v*byte(base) + byte(d)
		digits++
	}
	return v, digits
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	}
	return -1
}
