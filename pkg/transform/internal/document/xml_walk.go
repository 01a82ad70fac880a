package document

import (
	"bytes"
	"strconv"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
)

// XML treats XML text along the listed paths. It allocates only its scratch.
type XML struct {
	matcher
	kept *Leaf // returns texts unchanged; for an element that is read only to find its end

	in              []byte // the document; at is the read offset in it
	at              int
	row             transform.Row
	key, text, made []byte // scratch memory
}

// maxXMLDepth is four times the default limit of libxml2.
const maxXMLDepth = 1024

// NewXML returns an XML that treats values along the paths.
func NewXML(tree *Paths) *XML {
	return &XML{matcher: matcher{root: tree.root}, kept: &Leaf{Keep: true, text: identity{}}}
}

// ReadsXML reports whether a text is XML that can be treated.
func ReadsXML(text []byte) bool {
	tree := NewPaths()
	tree.root.deep = &Leaf{Keep: true, text: identity{}}
	_, _, err := NewXML(tree).Append(nil, transform.Cell{Text: text}, nil)
	return err == nil
}

func (d *XML) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	d.in, d.at, d.row = in.Text, 0, row
	s, err := d.start()
	if err == nil {
		dst, err = d.declaration(dst)
	}
	if err == nil {
		dst, err = d.content(dst, s, nil, 0)
	}
	d.in, d.row = nil, nil
	return dst, false, err
}

// declaration copies an XML declaration such as <?xml version="1.0" encoding="UTF-8"?>. It refuses a declaration with
// other contents.
func (d *XML) declaration(dst []byte) ([]byte, error) {
	if !bytes.HasPrefix(d.in, []byte("<?xml ")) {
		return dst, nil
	}
	end := bytes.Index(d.in, []byte("?>"))
	if end < 0 {
		return dst, faultXML.err()
	}
	for word := range bytes.FieldsSeq(d.in[6:end]) {
		d.key = d.key[:0]
		for _, c := range word {
			switch {
			case c == '\'':
				c = '"'
			case 'A' <= c && c <= 'Z':
				c += 'a' - 'A'
			}
			d.key = append(d.key, c)
		}
		switch string(d.key) {
		case `version="1.0"`, `version="1.1"`, `encoding="utf-8"`, `standalone="yes"`, `standalone="no"`:
		default:
			return dst, faultXMLMarkup.err()
		}
	}
	d.at = end + 2
	return append(dst, d.in[:d.at]...), nil
}

// content treats the content of an element, including its end tag. name is nil outside all elements.
func (d *XML) content(dst []byte, s state, name []byte, depth int) ([]byte, error) {
	if depth > maxXMLDepth {
		return dst, faultDeepXML.err()
	}
	for {
		err := d.run()
		if err == nil {
			dst, err = d.put(dst, s)
		}
		switch {
		case err != nil:
			return dst, err
		case d.at == len(d.in):
			if name != nil {
				err = faultXML.err()
			}
			return dst, err
		case bytes.HasPrefix(d.in[d.at:], []byte("</")):
			d.at += 2
			if name == nil || !bytes.HasPrefix(d.in[d.at:], name) {
				return dst, faultXML.err()
			}
			if d.at += len(name); d.blanks() != '>' {
				return dst, faultXML.err()
			}
			d.at++
			dst = append(append(dst, "</"...), name...)
			return append(dst, '>'), nil
		}
		if dst, err = d.element(dst, s, depth); err != nil {
			return dst, err
		}
	}
}

// run reads the text up to the next tag into d.text. It decodes entities, joins CDATA sections and omits comments.
func (d *XML) run() error {
	d.text = d.text[:0]
	for d.at < len(d.in) {
		rest := d.in[d.at:]
		switch {
		case rest[0] != '<':
			end := bytes.IndexByte(rest, '<')
			if end < 0 {
				end = len(rest)
			}
			if err := d.decode(rest[:end]); err != nil {
				return err
			}
			d.at += end
		case bytes.HasPrefix(rest, []byte("<!--")):
			end := bytes.Index(rest[4:], []byte("--"))
			if end < 0 || !bytes.HasPrefix(rest[4+end:], []byte("-->")) {
				return faultXML.err()
			}
			d.at += 4 + end + 3
		case bytes.HasPrefix(rest, []byte("<![CDATA[")):
			end := bytes.Index(rest, []byte("]]>"))
			if end < 0 {
				return faultXML.err()
			}
			d.text = append(d.text, rest[9:end]...)
			d.at += end + 3
		case bytes.HasPrefix(rest, []byte("<!")), bytes.HasPrefix(rest, []byte("<?")):
			return faultXMLMarkup.err()
		default:
			return nil
		}
	}
	return nil
}

// decode resolves the entities in b and appends the text to d.text.
func (d *XML) decode(b []byte) error {
	for {
		amp := bytes.IndexByte(b, '&')
		if amp < 0 {
			d.text = append(d.text, b...)
			return nil
		}
		d.text = append(d.text, b[:amp]...)
		b = b[amp+1:]
		end := bytes.IndexByte(b, ';')
		if end < 1 || end > 10 {
			return faultXML.err()
		}
		switch name := string(b[:end]); name {
		case "lt":
			d.text = append(d.text, '<')
		case "gt":
			d.text = append(d.text, '>')
		case "amp":
			d.text = append(d.text, '&')
		case "quot":
			d.text = append(d.text, '"')
		case "apos":
			d.text = append(d.text, '\'')
		default:
			r, ok := charReference(name)
			if !ok {
				return faultXMLMarkup.err()
			}
			d.text = utf8.AppendRune(d.text, r)
		}
		b = b[end+1:]
	}
}

func charReference(name string) (rune, bool) {
	if len(name) < 2 || name[0] != '#' {
		return 0, false
	}
	digits, base := name[1:], 10
	if digits[0] == 'x' {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	return rune(n), err == nil && isXMLChar(rune(n))
}

// isXMLChar reports whether XML 1.0 allows the character (production Char).
func isXMLChar(r rune) bool {
	return r == '\t' || r == '\n' || r == '\r' || 0x20 <= r && r <= 0xD7FF || 0xE000 <= r && r <= 0xFFFD || 0x10000 <= r && r <= 0x10FFFF
}

// put treats the text in d.text at state s. It copies a text of white space only, because such a text needs no path.
func (d *XML) put(dst []byte, s state) ([]byte, error) {
	if len(bytes.TrimLeft(d.text, " \t\r\n")) == 0 {
		return appendXMLText(dst, d.text, false)
	}
	l, err := d.leaf(s)
	if err != nil {
		return dst, err
	}
	return d.treat(dst, l, false)
}

func (d *XML) treat(dst []byte, l *Leaf, attribute bool) ([]byte, error) {
	if l == nil {
		return dst, faultXMLPath.err()
	}
	var err error
	if d.made, _, err = l.treat(d.made[:0], d.text, d.row); err != nil {
		return dst, err
	}
	return appendXMLText(dst, d.made, attribute)
}

func (d *XML) element(dst []byte, in state, depth int) ([]byte, error) {
	d.at++
	name := d.in[d.at : d.at+xmlName(d.in[d.at:])]
	if len(name) == 0 {
		return dst, faultXML.err()
	}
	d.at += len(name)
	s, err := d.resolve(d.member(in, name), in)
	if err != nil {
		return dst, err
	}
	if s.from == s.to && s.cover == nil {
		return dst, faultXMLPath.err()
	}
	start := len(dst)
	drop := s.deep != nil && s.deep.Fixed != nil
	if drop { // the element is read only to find its end
		inside := d.kept
		if s.deep.dropped != nil {
			inside = s.deep.dropped
		}
		s = state{from: s.to, to: s.to, cover: inside, below: inside}
	}
	dst = append(append(dst, '<'), name...)
	dst, empty, err := d.attributes(dst, s)
	if err == nil && !empty {
		dst, err = d.content(dst, s, name, depth+1)
	}
	if err == nil && drop {
		dst = append(append(dst[:start], '<'), name...)
		dst = append(dst, "/>"...)
	}
	return dst, err
}

// attributes treats the rest of a start tag. empty is true if the tag ended in />.
func (d *XML) attributes(dst []byte, s state) (out []byte, empty bool, err error) {
	for {
		before := d.at
		switch c := d.blanks(); {
		case c == '>':
			d.at++
			return append(dst, '>'), false, nil
		case c == '/' && bytes.HasPrefix(d.in[d.at:], []byte("/>")):
			d.at += 2
			return append(dst, "/>"...), true, nil
		case d.at == before:
			return dst, false, faultXML.err()
		}
		name := d.in[d.at : d.at+xmlName(d.in[d.at:])]
		d.at += len(name)
		if len(name) == 0 || d.blanks() != '=' {
			return dst, false, faultXML.err()
		}
		d.at++
		quote := d.blanks()
		if quote != '"' && quote != '\'' {
			return dst, false, faultXML.err()
		}
		value := d.in[d.at+1:]
		end := bytes.IndexByte(value, quote)
		if end < 0 || bytes.IndexByte(value[:end], '<') >= 0 {
			return dst, false, faultXML.err()
		}
		d.at += end + 2
		d.text = d.text[:0]
		if err := d.decode(value[:end]); err != nil {
			return dst, false, err
		}
		l, err := d.attribute(s, name)
		if err != nil {
			return dst, false, err
		}
		dst = append(append(append(dst, ' '), name...), `="`...)
		if dst, err = d.treat(dst, l, true); err != nil {
			return dst, false, err
		}
		dst = append(dst, '"')
	}
}

// attribute returns the treatment of an attribute of the element at s. A path that names the attribute wins over @*.
func (d *XML) attribute(s state, name []byte) (*Leaf, error) {
	d.key = append(append(d.key[:0], '@'), name...)
	for _, key := range [...][]byte{d.key, anyAttribute} {
		var l *Leaf
		for _, n := range d.active[s.from:s.to] {
			next := n.keys[string(key)]
			if next == nil {
				continue
			}
			var ok bool
			if l, ok = moreSpecific(l, next.leaf); !ok {
				return nil, faultAmbiguous.err()
			}
		}
		if l != nil {
			return l, nil
		}
	}
	return s.below, nil
}

var anyAttribute = []byte("@*")

// blanks skips white space and returns the next byte, but does not move past that byte. It returns 0 at the end.
func (d *XML) blanks() byte {
	for ; d.at < len(d.in); d.at++ {
		if c := d.in[d.at]; c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// appendXMLText appends a text and writes special characters as entities. It returns an error for a character that XML
// does not allow.
func appendXMLText(dst, text []byte, attribute bool) ([]byte, error) {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 || !isXMLChar(r) {
			return dst, faultXMLText.err()
		}
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '\r':
			dst = append(dst, "&#13;"...)
		case attribute && r == '"':
			dst = append(dst, "&quot;"...)
		case attribute && r == '\n':
			dst = append(dst, "&#10;"...)
		case attribute && r == '\t':
			dst = append(dst, "&#9;"...)
		default:
			dst = append(dst, text[i:i+size]...)
		}
		i += size
	}
	return dst, nil
}
