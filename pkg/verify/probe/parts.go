package probe

import (
	"encoding/binary"
	"strconv"
)

// array is the decoder of arrays in COPY binary. An array consists of the number of its dimensions, flags, the type of
// its elements, the length and the first index of each dimension, and the elements. Each element begins with its
// length.
type array struct {
	elem decoder
	to   Target // looks up bounds
}

const maxDimensions = 6

func (a *array) read(v []byte) error {
	if len(v) < 12 {
		return ErrSize
	}
	dimensions := int(binary.BigEndian.Uint32(v))
	if v = v[12:]; dimensions > maxDimensions || len(v) < 8*dimensions {
		return ErrParts
	}
	for range dimensions {
		if first := int32(binary.BigEndian.Uint32(v[4:])); first != 1 {
			a.bound(first)
		}
		v = v[8:]
	}
	for len(v) > 0 {
		part, rest, null, err := cutPart(v)
		if err != nil {
			return err
		}
		if v = rest; null {
			continue
		}
		if err := a.elem.read(part); err != nil {
			return err
		}
	}
	return nil
}

// bound looks up the first index of a dimension, which can be any number. Nearly every array begins with 1.
func (a *array) bound(first int32) {
	if text := strconv.AppendInt(nil, int64(first), 10); digits(text) >= leastDigits {
		a.to.Cell(text)
	}
}

// cutPart returns the first part of v, which begins with its length, and the rest.
func cutPart(v []byte) (part, rest []byte, null bool, err error) {
	if len(v) < 4 {
		return nil, nil, false, ErrParts
	}
	size := int32(binary.BigEndian.Uint32(v))
	v = v[4:]
	if size == -1 {
		return nil, v, true, nil
	}
	if size < 0 || int(size) > len(v) {
		return nil, nil, false, ErrParts
	}
	return v[:size], v[size:], false, nil
}

// composite is the decoder of composites in COPY binary. A composite consists of the number of its fields, and the
// type, the length and the bytes of each field.
type composite struct{ fields []decoder }

func (c *composite) read(v []byte) error {
	if len(v) < 4 || int(binary.BigEndian.Uint32(v)) != len(c.fields) {
		return ErrParts
	}
	v = v[4:]
	for _, f := range c.fields {
		if len(v) < 4 {
			return ErrParts
		}
		part, rest, null, err := cutPart(v[4:])
		if err != nil {
			return err
		}
		if v = rest; null {
			continue
		}
		if err := f.read(part); err != nil {
			return err
		}
	}
	if len(v) > 0 {
		return ErrParts
	}
	return nil
}

// arrayText is the decoder of the text of arrays: {1,NULL,"a \"b\""}, with braces for each dimension. Bounds may
// precede it.
type arrayText struct {
	elem decoder
	to   Target // looks up bounds
	buf  []byte
}

func (a *arrayText) read(v []byte) error {
	for i := 0; i < len(v); {
		switch c := v[i]; c {
		case '{', '}', ',':
			i++
			continue
		case '[': // the bounds of the array, until =
			start := i
			for i < len(v) && v[i] != '=' {
				i++
			}
			if bounds := v[start:i]; digits(bounds) >= leastDigits {
				a.to.Text(bounds)
			}
			i++
			continue
		}
		end, null, err := a.element(v[i:])
		if err != nil {
			return err
		}
		if i += end; null {
			continue
		}
		if err := a.elem.read(a.buf); err != nil {
			return err
		}
	}
	a.buf = spare(a.buf)
	return nil
}

// element reads the element at the start of v into a.buf, and returns its length in v.
func (a *arrayText) element(v []byte) (length int, null bool, err error) {
	a.buf = a.buf[:0]
	quoted := v[0] == '"'
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(v); i++ {
		c := v[i]
		switch {
		case c == '\\':
			if i++; i == len(v) {
				return 0, false, ErrParts
			}
			c = v[i]
		case quoted && c == '"':
			return i + 1, false, nil
		case !quoted && (c == ',' || c == '}'):
			return i, string(a.buf) == "NULL", nil
		}
		a.buf = append(a.buf, c)
	}
	return 0, false, ErrParts
}

// compositeText is the decoder of the text of composites: (1,,"a ""b""").
type compositeText struct {
	fields []decoder
	buf    []byte
}

func (c *compositeText) read(v []byte) error {
	if len(v) < 2 || v[0] != '(' || v[len(v)-1] != ')' {
		return ErrParts
	}
	v = v[1:]
	for i, f := range c.fields {
		end, null, err := c.field(v)
		if err != nil {
			return err
		}
		if last := i == len(c.fields)-1; v[end] == ')' != last {
			return ErrParts
		}
		if v = v[end+1:]; null {
			continue
		}
		if err := f.read(c.buf); err != nil {
			return err
		}
	}
	c.buf = spare(c.buf)
	return nil
}

// field reads the field at the start of v into c.buf. It returns the offset of the comma or parenthesis after it. A
// field without a character is NULL.
func (c *compositeText) field(v []byte) (end int, null bool, err error) {
	c.buf = c.buf[:0]
	quoted := false
	for i := 0; i < len(v); i++ {
		switch b := v[i]; {
		case b == '\\':
			if i++; i == len(v) {
				return 0, false, ErrParts
			}
			c.buf = append(c.buf, v[i])
		case b == '"' && quoted && i+1 < len(v) && v[i+1] == '"':
			i++
			c.buf = append(c.buf, '"')
		case b == '"':
			quoted = !quoted
		case !quoted && (b == ',' || b == ')'):
			return i, i == 0, nil
		default:
			c.buf = append(c.buf, b)
		}
	}
	return 0, false, ErrParts
}

// hstoreText is the decoder of the text of hstores: "key"=>"value", "key"=>NULL.
type hstoreText struct {
	root *branch
	key  []byte
	buf  []byte
}

func (h *hstoreText) read(v []byte) (err error) {
	for i := 0; i < len(v); {
		if v[i] == ',' || v[i] == ' ' {
			i++
			continue
		}
		if h.key, i, err = hstoreWord(h.key[:0], v, i); err != nil {
			return err
		}
		if len(v)-i < 3 || v[i] != '=' || v[i+1] != '>' {
			return ErrParts
		}
		at := h.root.child(h.key)
		if i += 2; v[i] != '"' { // NULL
			i = min(i+4, len(v))
			continue
		}
		if h.buf, i, err = hstoreWord(h.buf[:0], v, i); err != nil {
			return err
		}
		at.target().Text(h.buf)
	}
	h.buf = spare(h.buf)
	return nil
}

// hstoreWord appends the quoted word that starts at i, and returns the offset after it.
func hstoreWord(dst, v []byte, i int) ([]byte, int, error) {
	if i >= len(v) || v[i] != '"' {
		return dst, i, ErrParts
	}
	for i++; i < len(v); i++ {
		switch v[i] {
		case '"':
			return dst, i + 1, nil
		case '\\':
			if i++; i == len(v) {
				return dst, i, ErrParts
			}
		}
		dst = append(dst, v[i])
	}
	return dst, i, ErrParts
}
