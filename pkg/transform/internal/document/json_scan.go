package document

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"
)

// ReadsJSON reports whether a text is one JSON value.
func ReadsJSON(text []byte) bool {
	d := JSON{in: text}
	return d.skip(0) == nil && d.next() == 0
}

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

// decodeText appends the text of the string at d.at. It returns an error for a text that PostgreSQL cannot store.
func (d *JSON) decodeText(dst []byte) ([]byte, error) {
	start := len(dst)
	dst, err := d.decodeString(dst)
	if err == nil && !storable(dst[start:]) {
		err = faultJSONText.err()
	}
	return dst, err
}

// storable reports whether PostgreSQL can store a text.
func storable(text []byte) bool { return utf8.Valid(text) && bytes.IndexByte(text, 0) < 0 }

// decodeString appends the string at d.at for comparisons. PostgreSQL cannot store some strings. Such a string differs
// from every string that it can store. A lone surrogate becomes the three bytes that UTF-8 would give it if it were a
// character.
func (d *JSON) decodeString(dst []byte) ([]byte, error) {
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
		dst, s = decodeEscape(dst, s[i:])
	}
	return dst, nil
}

// decodeEscape reads one escape at the start of s. The form of the escape was checked before.
func decodeEscape(dst, s []byte) (out, rest []byte) {
	switch s[1] {
	case 'b':
		return append(dst, '\b'), s[2:]
	case 'f':
		return append(dst, '\f'), s[2:]
	case 'n':
		return append(dst, '\n'), s[2:]
	case 'r':
		return append(dst, '\r'), s[2:]
	case 't':
		return append(dst, '\t'), s[2:]
	case 'u':
		return decodeUnicode(dst, s)
	}
	return append(dst, s[1]), s[2:]
}

// decodeUnicode reads an escape such as \u00e9, or the two of a pair of surrogates.
func decodeUnicode(dst, s []byte) (out, rest []byte) {
	r, _ := hex4(s[2:])
	s = s[6:]
	if !utf16.IsSurrogate(r) {
		return utf8.AppendRune(dst, r), s
	}
	if len(s) >= 6 && s[0] == '\\' && s[1] == 'u' {
		low, _ := hex4(s[2:])
		if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
			return utf8.AppendRune(dst, pair), s[6:]
		}
	}
	return append(dst, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0x3f, 0x80|byte(r)&0x3f), s
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
