package document

import (
	"bytes"
	"unicode/utf8"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/canon"
)

// JSON treats JSON text along the listed paths. It copies kept subtrees unchanged, and writes the rest of the text
// without blanks between tokens. It allocates only its scratch.
type JSON struct {
	matcher
	words map[string]string

	in              []byte // the document; at is the read offset in it
	at              int
	row             transform.Row
	depth           int
	trail           []int32 // offsets of the keys from the root to the current value; -1 for an array element
	key, text, made []byte  // scratch memory
	word            []byte  // scratch of conditions
	seen            map[uint64]struct{}
	objects         uint64 // number of objects with treated keys so far; the number separates the keys of different objects in seen
}

// maxJSONDepth limits the recursion. A deeper document stops the refresh. PostgreSQL's own parser, with its default
// stack, can read only a few thousand levels more.
const maxJSONDepth = 10000

const elementStep = -1

// NewJSON returns a JSON that treats values along the paths.
func NewJSON(tree *Paths) *JSON {
	return &JSON{matcher: matcher{root: tree.root}, words: tree.words}
}

func (d *JSON) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	d.in, d.at, d.row, d.trail, d.depth = in.Text, 0, row, d.trail[:0], 0
	if len(d.seen) > 0 {
		clear(d.seen)
	}
	s, err := d.start()
	if err == nil {
		dst, err = d.value(dst, s)
	}
	if err == nil && d.next() != 0 {
		err = faultJSON.err()
	}
	d.in, d.row = nil, nil
	return dst, false, err
}

// value treats the value at d.at. The argument s is the state of that value.
func (d *JSON) value(dst []byte, s state) ([]byte, error) {
	c := d.next()
	if c != '{' && c != '[' {
		return d.scalar(dst, s, c)
	}
	if s.deep != nil && s.deep.Fixed != nil {
		return d.subtree(dst, s.deep)
	}
	object, array := d.enters(s)
	if !object && !array && s.below != nil && s.below.Keep && s.names == nil {
		return d.subtree(dst, s.below)
	}
	if d.depth++; d.depth > maxJSONDepth {
		return dst, faultJSONDepth.err()
	}
	var err error
	switch {
	case c == '{' && (object || s.below != nil):
		dst, err = d.object(dst, s)
	case c == '[' && (array || s.below != nil):
		dst, err = d.array(dst, s)
	default:
		err = d.unlistedContainer()
	}
	d.depth--
	return dst, err
}

func (d *JSON) object(dst []byte, s state) ([]byte, error) {
	d.at++
	dst = append(dst, '{')
	object := uint64(0)
	if s.names != nil {
		d.objects++
		object = d.objects
	}
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
		if dst, err = d.name(dst, s, d.in[start:d.at], object); err != nil {
			return dst, err
		}
		if d.next() != ':' {
			return dst, faultJSON.err()
		}
		d.at++
		dst = append(dst, ':')
		if dst, err = d.inner(dst, s, d.member(s, d.key), start); err != nil {
			return dst, err
		}
		if dst, c = d.separator(dst, '}'); c != ',' {
			return dst, d.closed(c)
		}
	}
}

// name appends the key in d.key, unchanged or treated. raw is the key as the document writes it.
func (d *JSON) name(dst []byte, s state, raw []byte, object uint64) ([]byte, error) {
	if s.names == nil {
		return append(dst, raw...), nil
	}
	d.made = append(d.made[:0], d.key...)
	stays := s.names.Keep || d.lists(s, d.key)
	if !stays {
		var null bool
		var err error
		if !s.names.Blind && !storable(d.key) {
			return dst, faultJSONText.err()
		}
		if d.made, null, err = s.names.treat(d.made[:0], d.key, d.row); err != nil {
			return dst, err
		}
		if null {
			return dst, faultNullKey.err()
		}
	}
	sum := canon.Hash(object, d.made)
	if _, twice := d.seen[sum]; twice {
		return dst, faultSameKey.err()
	}
	if d.seen == nil {
		d.seen = map[uint64]struct{}{}
	}
	d.seen[sum] = struct{}{}
	if stays && !storable(d.key) {
		return append(dst, raw...), nil
	}
	return appendJSONString(dst, d.made), nil
}

func (d *JSON) array(dst []byte, s state) ([]byte, error) {
	d.at++
	dst = append(dst, '[')
	if d.next() == ']' {
		d.at++
		return append(dst, ']'), nil
	}
	for i := 0; ; i++ {
		var err error
		if dst, err = d.inner(dst, s, d.element(s, i), elementStep); err != nil {
			return dst, err
		}
		var c byte
		if dst, c = d.separator(dst, ']'); c != ',' {
			return dst, d.closed(c)
		}
	}
}

// inner treats one member or element of a container. The argument container is the state of the container. The
// argument s is the state of the member or element before its conditions are tested.
func (d *JSON) inner(dst []byte, container, s state, step int) ([]byte, error) {
	for i := container.from; i < container.to; i++ {
		for t := range d.active[i].tests {
			test := &d.active[i].tests[t]
			ok, err := d.holds(test)
			if err != nil {
				return dst, err
			}
			if ok {
				d.add(&s, test.to)
			}
		}
	}
	d.trail = append(d.trail, int32(step))
	s, err := d.resolve(s, container)
	if err != nil {
		return dst, err
	}
	if s.from == s.to && s.cover == nil {
		return dst, d.unlisted()
	}
	dst, err = d.value(dst, s)
	if err == nil {
		d.trail = d.trail[:len(d.trail)-1]
	}
	return dst, err
}

// separator reads a comma or the closing bracket and copies it. It returns 0 for any other character.
func (d *JSON) separator(dst []byte, closing byte) ([]byte, byte) {
	c := d.next()
	if c != ',' && c != closing {
		return dst, 0
	}
	d.at++
	return append(dst, c), c
}

func (d *JSON) closed(c byte) error {
	if c == 0 {
		return faultJSON.err()
	}
	return nil
}

// subtree keeps or replaces the whole value at d.at.
func (d *JSON) subtree(dst []byte, l *Leaf) ([]byte, error) {
	d.next()
	start := d.at
	if err := d.skip(0); err != nil {
		return dst, err
	}
	if l.Keep {
		return append(dst, d.in[start:d.at]...), nil
	}
	if l.replaced != nil {
		l.replaced.See(d.in[start:d.at], l.result())
	}
	return append(dst, l.Fixed...), nil
}

func (d *JSON) scalar(dst []byte, s state, c byte) ([]byte, error) {
	l, err := d.leaf(s)
	if err != nil {
		return dst, err
	}
	start := d.at
	if c == 'n' {
		if err := d.skip(0); err != nil {
			return dst, err
		}
		return append(dst, "null"...), nil // tells only that there is no value
	}
	if l == nil {
		if err := d.skip(0); err != nil {
			return dst, err
		}
		return dst, d.scalarAtInner()
	}
	if l.Keep || l.Fixed != nil {
		return d.subtree(dst, l)
	}
	if c == '"' {
		if d.text, err = d.decode(d.text[:0], l); err != nil {
			return dst, err
		}
		return d.treat(dst, l, true)
	}
	if err := d.skip(0); err != nil {
		return dst, err
	}
	d.text = append(d.text[:0], d.in[start:d.at]...)
	if c == 't' || c == 'f' {
		return d.treat(dst, l, true)
	}
	d.text = canon.AppendNumber(d.text[:0], d.in[start:d.at])
	return d.treat(dst, l, l.number == nil)
}

// decode appends the text of the string at d.at, if the treatment or a watcher looks at it.
func (d *JSON) decode(dst []byte, l *Leaf) ([]byte, error) {
	switch {
	case !l.Blind:
		return d.decodeText(dst)
	case l.Watched:
		return d.decodeString(dst)
	}
	return dst, d.skipString()
}

// treat treats d.text with a leaf's treatment and appends the result.
func (d *JSON) treat(dst []byte, l *Leaf, quoted bool) ([]byte, error) {
	var null bool
	var err error
	if quoted {
		d.made, null, err = l.treat(d.made[:0], d.text, d.row)
	} else {
		d.made, null, err = l.treatNumber(d.made[:0], d.text, d.row)
	}
	switch {
	case err != nil:
		return dst, err
	case null:
		return append(dst, "null"...), nil
	case quoted:
		return appendJSONString(dst, d.made), nil
	case !isJSONNumber(d.made):
		return dst, faultJSONNumber.err()
	}
	return append(dst, d.made...), nil
}

// treat applies the leaf's treatment of texts to a text.
func (l *Leaf) treat(dst, text []byte, row transform.Row) (out []byte, null bool, err error) {
	if l.text == nil {
		return dst, false, faultNotNumber.err()
	}
	l.textRow.row = row
	out, null, err = l.text.Append(dst, transform.Cell{Text: text}, &l.textRow)
	l.textRow.row = nil
	return out, null, err
}

func (l *Leaf) treatNumber(dst, text []byte, row transform.Row) (out []byte, null bool, err error) {
	l.numberRow.row = row
	out, null, err = l.number.Append(dst, transform.Cell{Text: text}, &l.numberRow)
	l.numberRow.row = nil
	return out, null, err
}

// next skips blanks and returns the next byte, but does not move past that byte. It returns 0 at the end.
func (d *JSON) next() byte {
	for d.at < len(d.in) {
		switch c := d.in[d.at]; c {
		case ' ', '\t', '\n', '\r':
			d.at++
		case 0:
			return 1 // a NUL byte is not valid JSON, but must differ from the end
		default:
			return c
		}
	}
	return 0
}

// appendJSONString appends text as a JSON string. Bytes that are not UTF-8 become U+FFFD.
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
