package document

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// skip skips one value of any kind and checks its grammar.
func (d *JSON) skip(depth int) error {
	if depth == maxJSONDepth {
		return faultJSONDepth.err()
	}
	switch c := d.next(); {
	case c == '{':
		return d.skipMembers('}', depth)
	case c == '[':
		return d.skipMembers(']', depth)
	case c == '"':
		return d.skipString()
	case c == 't':
		return d.skipWord("true")
	case c == 'f':
		return d.skipWord("false")
	case c == 'n':
		return d.skipWord("null")
	case c == '-' || '0' <= c && c <= '9':
		return d.skipNumber()
	}
	return faultJSON.err()
}

func (d *JSON) skipMembers(closing byte, depth int) error {
	d.at++
	if d.next() == closing {
		d.at++
		return nil
	}
	for {
		if closing == '}' {
			if d.next() != '"' {
				return faultJSON.err()
			}
			if err := d.skipString(); err != nil {
				return err
			}
			if d.next() != ':' {
				return faultJSON.err()
			}
			d.at++
		}
		if err := d.skip(depth + 1); err != nil {
			return err
		}
		c := d.next()
		if c != ',' && c != closing {
			return faultJSON.err()
		}
		d.at++
		if c == closing {
			return nil
		}
	}
}

// skipString skips a string. It checks only the form of the escapes.
func (d *JSON) skipString() error {
	for i := d.at + 1; i < len(d.in); i++ {
		switch c := d.in[i]; {
		case c == '"':
			d.at = i + 1
			return nil
		case c < 0x20:
			return faultJSON.err()
		case c == '\\':
			i++
			if i == len(d.in) {
				return faultJSON.err()
			}
			if d.in[i] == 'u' {
				if _, ok := hex4(d.in[i+1:]); !ok {
					return faultJSON.err()
				}
				i += 4
			} else if bytes.IndexByte([]byte(`"\/bfnrt`), d.in[i]) < 0 {
				return faultJSON.err()
			}
		}
	}
	return faultJSON.err()
}

func (d *JSON) skipWord(word string) error {
	if !bytes.HasPrefix(d.in[d.at:], []byte(word)) {
		return faultJSON.err()
	}
	d.at += len(word)
	return nil
}

func (d *JSON) skipNumber() error {
	if d.in[d.at] == '-' {
		d.at++
	}
	leading := d.at
	whole := d.skipDigits()
	ok := whole > 0 && (whole == 1 || d.in[leading] != '0')
	if d.at < len(d.in) && d.in[d.at] == '.' {
		d.at++
		ok = d.skipDigits() > 0 && ok
	}
	if d.at < len(d.in) && (d.in[d.at] == 'e' || d.in[d.at] == 'E') {
		d.at++
		if d.at < len(d.in) && (d.in[d.at] == '+' || d.in[d.at] == '-') {
			d.at++
		}
		ok = d.skipDigits() > 0 && ok
	}
	if !ok {
		return faultJSON.err()
	}
	return nil
}

func (d *JSON) skipDigits() int {
	start := d.at
	for d.at < len(d.in) && '0' <= d.in[d.at] && d.in[d.at] <= '9' {
		d.at++
	}
	return d.at - start
}

// decodeString appends the text of the string at d.at. It returns an error for a text that PostgreSQL cannot store.
func (d *JSON) decodeString(dst []byte) ([]byte, error) {
	start := len(dst)
	from := d.at
	if err := d.skipString(); err != nil {
		return dst, err
	}
	s := d.in[from+1 : d.at-1]
	for len(s) > 0 {
		i := bytes.IndexByte(s, '\\')
		if i < 0 {
			dst = append(dst, s...)
			break
		}
		dst = append(dst, s[:i]...)
		var ok bool
		if dst, s, ok = decodeEscape(dst, s[i:]); !ok {
			return dst, faultJSONText.err()
		}
	}
	if !utf8.Valid(dst[start:]) {
		return dst, faultJSONText.err()
	}
	return dst, nil
}

// decodeEscape reads one escape at the start of s. The form of the escape was checked before.
func decodeEscape(dst, s []byte) (out, rest []byte, ok bool) {
	switch s[1] {
	case 'b':
		return append(dst, '\b'), s[2:], true
	case 'f':
		return append(dst, '\f'), s[2:], true
	case 'n':
		return append(dst, '\n'), s[2:], true
	case 'r':
		return append(dst, '\r'), s[2:], true
	case 't':
		return append(dst, '\t'), s[2:], true
	case 'u':
		r, _ := hex4(s[2:])
		s = s[6:]
		if utf16.IsSurrogate(r) {
			if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
				return dst, s, false
			}
			low, _ := hex4(s[2:])
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return dst, s, false
			}
			s = s[6:]
		}
		return utf8.AppendRune(dst, r), s, r != 0
	}
	return append(dst, s[1]), s[2:], true
}

func hex4(b []byte) (r rune, ok bool) {
	if len(b) < 4 {
		return 0, false
	}
	for _, c := range b[:4] {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
