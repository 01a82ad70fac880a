package transform

import (
	"bytes"
	"unicode/utf8"
)

// document walks JSON text along the listed paths and writes it anew, without blanks between
// tokens but for kept subtrees, which are copied as they are. It allocates nothing but its scratch.
type document struct {
	root  *node
	words map[string]bool

	in              []byte // the document being read, and where
	at              int
	row             Row
	key, text, made []byte // scratch
}

// maxJSONDepth is more than PostgreSQL's own parser can take on its default stack.
const maxJSONDepth = 10000

func (d *document) Append(dst []byte, in Cell, row Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	d.in, d.at, d.row = in.Text, 0, row
	dst, err := d.value(dst, d.root)
	if err == nil && d.next() != 0 {
		err = faultJSON.err()
	}
	d.in, d.row = nil, nil
	return dst, false, err
}

// value treats the value at d.at, which is n's.
func (d *document) value(dst []byte, n *node) ([]byte, error) {
	c := d.next()
	if c != '{' && c != '[' {
		return d.scalar(dst, n, c)
	}
	if n.deep != nil && (n.deep.fixed != nil || n.keys == nil && n.elem == nil) {
		return d.subtree(dst, n.deep)
	}
	if c == '{' && (n.keys != nil || n.deep != nil) {
		return d.object(dst, n)
	}
	if c == '[' && (n.elem != nil || n.deep != nil) {
		return d.array(dst, n)
	}
	return dst, unlistedContainer(n)
}

func (d *document) object(dst []byte, n *node) ([]byte, error) {
	d.at++
	dst = append(dst, '{')
	for first := true; ; first = false {
		c := d.next()
		if c == '}' && first {
			d.at++
			return append(dst, '}'), nil
		}
		if c != '"' {
			return dst, faultJSON.err()
		}
		start := d.at
		var err error
		if d.key, err = d.decodeString(d.key[:0]); err != nil {
			return dst, err
		}
		dst = append(dst, d.in[start:d.at]...)
		if d.next() != ':' {
			return dst, faultJSON.err()
		}
		d.at++
		dst = append(dst, ':')
		if dst, err = d.member(dst, n, n.keys[string(d.key)]); err != nil {
			return dst, err
		}
		if dst, c = d.separator(dst, '}'); c != ',' {
			return dst, d.closed(c)
		}
	}
}

func (d *document) array(dst []byte, n *node) ([]byte, error) {
	d.at++
	dst = append(dst, '[')
	if d.next() == ']' {
		d.at++
		return append(dst, ']'), nil
	}
	for {
		var err error
		if dst, err = d.member(dst, n, n.elem); err != nil {
			return dst, err
		}
		var c byte
		if dst, c = d.separator(dst, ']'); c != ',' {
			return dst, d.closed(c)
		}
	}
}

// member treats the value under a key or index of n: child's, or n's subtree's where no path lists it.
func (d *document) member(dst []byte, n, child *node) ([]byte, error) {
	if child != nil {
		return d.value(dst, child)
	}
	if n.deep != nil {
		return d.subtree(dst, n.deep)
	}
	return dst, d.unlisted(n)
}

// separator reads a comma or the closing bracket and copies it; 0 stands for anything else.
func (d *document) separator(dst []byte, closing byte) ([]byte, byte) {
	c := d.next()
	if c != ',' && c != closing {
		return dst, 0
	}
	d.at++
	return append(dst, c), c
}

func (d *document) closed(c byte) error {
	if c == 0 {
		return faultJSON.err()
	}
	return nil
}

// subtree keeps or replaces whatever stands at d.at.
func (d *document) subtree(dst []byte, l *leaf) ([]byte, error) {
	d.next()
	start := d.at
	if err := d.skip(0); err != nil {
		return dst, err
	}
	if l.keep {
		return append(dst, d.in[start:d.at]...), nil
	}
	return append(dst, l.fixed...), nil
}

func (d *document) scalar(dst []byte, n *node, c byte) ([]byte, error) {
	l := n.leaf
	if l == nil {
		l = n.deep
	}
	start := d.at
	if c == 'n' {
		if err := d.skip(0); err != nil {
			return dst, err
		}
		return append(dst, "null"...), nil // tells no more than that there is nothing
	}
	if l == nil {
		if err := d.skip(0); err != nil {
			return dst, err
		}
		return dst, scalarAtInner(n)
	}
	if l.keep || l.fixed != nil {
		return d.subtree(dst, l)
	}
	if c == '"' {
		var err error
		if d.text, err = d.decodeString(d.text[:0]); err != nil {
			return dst, err
		}
		return d.treat(dst, l, l.text, true)
	}
	if err := d.skip(0); err != nil {
		return dst, err
	}
	number := c == '-' || '0' <= c && c <= '9'
	if !number {
		d.text = append(d.text[:0], d.in[start:d.at]...)
		return d.treat(dst, l, l.text, true)
	}
	d.text = appendNumber(d.text[:0], d.in[start:d.at])
	if l.number != nil {
		return d.treat(dst, l, l.number, false)
	}
	return d.treat(dst, l, l.text, true)
}

// treat gives d.text to a leaf's treatment and writes the result.
func (d *document) treat(dst []byte, l *leaf, t Transform, quoted bool) ([]byte, error) {
	if t == nil {
		return dst, faultNotInteger.err() // a permuted number's path that holds a string
	}
	l.row.row = d.row
	var null bool
	var err error
	d.made, null, err = t.Append(d.made[:0], Cell{Text: d.text}, &l.row)
	l.row.row = nil
	switch {
	case err != nil:
		return dst, err
	case null:
		return append(dst, "null"...), nil
	case quoted:
		return appendJSONString(dst, d.made), nil
	}
	return append(dst, d.made...), nil
}

// next skips blanks and looks at the next byte; 0 at the end.
func (d *document) next() byte {
	for d.at < len(d.in) {
		switch c := d.in[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		case 0:
			return 1 // no JSON starts with it, and it is not the end
		default:
			return c
		}
	}
	return 0
}

func (d *document) unlisted(n *node) error {
	where := "an unlisted path below " + n.path
	if n.elem == nil && d.words[string(d.key)] && n.keys != nil {
		where = "the unlisted path " + n.path + "." + string(d.key)
	}
	return &Error{"unlisted-path", "the document holds " + where + "; list it, or cover it with " + n.path + ".**"}
}

func unlistedContainer(n *node) error {
	return &Error{"unlisted-path", "the document holds an object or array at " + n.path + ", which the listed paths do not enter that way; list what is below it, or " + n.path + ".**"}
}

func scalarAtInner(n *node) error {
	return &Error{"unlisted-path", "the document holds a scalar at " + n.path + ", where only longer paths are listed; list " + n.path + " too"}
}

// appendJSONString quotes text as JSON. What is not UTF-8 becomes U+FFFD.
func appendJSONString(dst, text []byte) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	if !utf8.Valid(text) {
		text = bytes.ToValidUTF8(text, []byte("\uFFFD"))
	}
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
		case c < 0x20:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		default:
			dst = append(dst, c)
		}
	}
	return append(dst, '"')
}
