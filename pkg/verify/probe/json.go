package probe

import (
	"bytes"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/verify"
)

// document is the decoder of the text of json and jsonb. Each string, and each number that is long enough, is looked up
// at its path. The decoder fails on no text. In a text that is not JSON, it looks up what looks like a string or a number.
type document struct {
	root  *branch
	whole Target // looks up the whole document, for controls
	stack []frame
	buf   []byte
}

// frame is an object or an array that is not complete.
type frame struct {
	at     *branch // the path of the object or array
	object bool
}

func (d *document) read(v []byte) error {
	if d.whole.Controlled() {
		d.whole.Cell(v)
	}
	d.stack = d.stack[:0]
	at, key := d.root, false // the path of the next value, and whether a key is next
	for i := 0; i < len(v); {
		switch c := v[i]; c {
		case ' ', '\t', '\n', '\r', ':':
			i++
		case '{', '[':
			d.stack = append(d.stack, frame{at, c == '{'})
			if key = c == '{'; !key {
				at = at.element()
			}
			i++
		case '}', ']':
			if n := len(d.stack); n > 0 {
				d.stack = d.stack[:n-1]
			}
			key = false
			i++
		case ',':
			if n := len(d.stack); n > 0 {
				top := d.stack[n-1]
				if key = top.object; !key {
					at = top.at.element()
				}
			}
			i++
		case '"':
			s, end := d.string(v, i+1)
			if i = end; key && len(d.stack) > 0 {
				at, key = d.stack[len(d.stack)-1].at.child(s), false
				continue
			}
			at.target().Text(s)
		default:
			end := i + 1
			for end < len(v) && !delimits(v[end]) {
				end++
			}
			literal(at.target(), v[i:end])
			i = end
		}
	}
	d.buf = spare(d.buf)
	return nil
}

func delimits(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', ':', ',', '"', '{', '}', '[', ']':
		return true
	}
	return false
}

// literal looks up a number of a document. The words true, false and null are not looked up.
func literal(to Target, v []byte) {
	switch c := v[0]; {
	case c != '-' && (c < '0' || c > '9'):
		to.Skip(verify.OfType)
	case digits(v) < leastDigits:
		to.Skip(verify.TooShort)
	default:
		to.Cell(v)
	}
}

// string returns the value of the string whose first character is v[i], and the offset after its closing quote. The
// value is valid until the next call.
func (d *document) string(v []byte, i int) (value []byte, end int) {
	q := bytes.IndexByte(v[i:], '"')
	if q < 0 {
		return v[i:], len(v)
	}
	if bytes.IndexByte(v[i:i+q], '\\') < 0 {
		return v[i : i+q], i + q + 1
	}
	d.buf = d.buf[:0]
	for i < len(v) {
		n := bytes.IndexAny(v[i:], `"\`)
		if n < 0 {
			return append(d.buf, v[i:]...), len(v)
		}
		d.buf = append(d.buf, v[i:i+n]...)
		if i += n; v[i] == '"' {
			return d.buf, i + 1
		}
		i += d.escape(v[i:])
	}
	return d.buf, i
}

// escape appends the character of the escape at the start of v, and returns the length of the escape.
func (d *document) escape(v []byte) int {
	if len(v) < 2 {
		return 1
	}
	c := v[1]
	switch c {
	case 'n':
		c = '\n'
	case 't':
		c = '\t'
	case 'r':
		c = '\r'
	case 'b':
		c = '\b'
	case 'f':
		c = '\f'
	case 'u':
		r, n := unit(v), 6
		if r < 0 {
			return 2
		}
		if utf16.IsSurrogate(r) {
			r, n = utf16.DecodeRune(r, unit(v[6:])), 12
			if r == utf8.RuneError {
				n = 6
			}
		}
		d.buf = utf8.AppendRune(d.buf, r)
		return n
	}
	d.buf = append(d.buf, c)
	return 2
}

// unit returns the code unit of an escape such as \u00fc, or -1 if v does not begin with one.
func unit(v []byte) (r rune) {
	if len(v) < 6 || v[0] != '\\' || v[1] != 'u' {
		return -1
	}
	for _, c := range v[2:6] {
		x := unhex(c)
		if x > 15 {
			return -1
		}
		r = r<<4 | rune(x)
	}
	return r
}
