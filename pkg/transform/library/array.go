package library

import (
	"bytes"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/internal/treatment"
)

// prepareArray treats an array element by element. The shape, the bounds and the NULLs of the array stay.
func prepareArray(c transform.Column, u transform.Use) (treatment.Blueprint, error) {
	if c.Type.Elem == nil {
		return treatment.Blueprint{}, &transform.ParamError{Param: "treat", Text: "the array's element type is not known; use keep or null"}
	}
	elem := transform.Column{Table: c.Table, Name: c.Name, Type: *c.Type.Elem}
	b, err := prepare(elem, u)
	if err != nil {
		return treatment.Blueprint{}, err
	}
	delimiter, traits := delimiterOf(elem.Type), b.Traits
	return treatment.Blueprint{Traits: traits, Build: func(k transform.Keys) transform.Transform {
		return &array{elem: b.Build(k), delimiter: delimiter}
	}}, nil
}

// delimiterOf returns the byte between the elements of an array, as the element's type has it.
func delimiterOf(elem catalog.Type) byte {
	if elem.Base == "box" {
		return ';'
	}
	return ','
}

// array reads and writes PostgreSQL's array literals.
type array struct {
	elem      transform.Transform
	delimiter byte
	in, out   []byte // scratch for one unquoted element, before and after treatment
}

// maxArrayDepth is PostgreSQL's MAXDIM.
const maxArrayDepth = 6

func (t *array) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	b := in.Text
	if len(b) > 0 && b[0] == '[' { // explicit bounds: [2:3][1:2]=
		eq := bytes.IndexByte(b, '=')
		if eq < 0 || !isBounds(b[:eq]) {
			return dst, false, errArray()
		}
		dst = append(dst, b[:eq+1]...)
		b = b[eq+1:]
	}
	dst, rest, err := t.braces(dst, b, row, 0)
	if err == nil && len(rest) > 0 {
		err = errArray()
	}
	return dst, false, err
}

func isBounds(b []byte) bool {
	for _, c := range b {
		if (c < '0' || c > '9') && c != '[' && c != ']' && c != ':' && c != '-' {
			return false
		}
	}
	return b[len(b)-1] == ']'
}

// braces treats one `{…}` at the start of b and returns the bytes after it.
func (t *array) braces(dst, b []byte, row transform.Row, depth int) (out, rest []byte, err error) {
	if len(b) == 0 || b[0] != '{' || depth == maxArrayDepth {
		return dst, b, errArray()
	}
	dst, b = append(dst, '{'), b[1:]
	if len(b) > 0 && b[0] == '}' {
		return append(dst, '}'), b[1:], nil
	}
	for {
		if len(b) > 0 && b[0] == '{' {
			dst, b, err = t.braces(dst, b, row, depth+1)
		} else {
			dst, b, err = t.element(dst, b, row)
		}
		if err != nil {
			return dst, b, err
		}
		if len(b) == 0 || b[0] != t.delimiter && b[0] != '}' {
			return dst, b, errArray()
		}
		dst = append(dst, b[0])
		if b[0] == '}' {
			return dst, b[1:], nil
		}
		b = b[1:]
	}
}

func (t *array) element(dst, b []byte, row transform.Row) (out, rest []byte, err error) {
	cell, rest, err := t.unquote(b)
	if err != nil {
		return dst, rest, err
	}
	var null bool
	t.out, null, err = t.elem.Append(t.out[:0], cell, row)
	if err != nil {
		return dst, rest, err
	}
	if null {
		return append(dst, "NULL"...), rest, nil
	}
	return t.quote(dst, t.out), rest, nil
}

// unquote reads one element. The element's text stands in t.in.
func (t *array) unquote(b []byte) (cell transform.Cell, rest []byte, err error) {
	t.in = t.in[:0]
	quoted := len(b) > 0 && b[0] == '"'
	i := 0
	if quoted {
		i = 1
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\' && i+1 < len(b):
			i++
			t.in = append(t.in, b[i])
		case quoted && c == '"':
			return transform.Cell{Text: t.in}, b[i+1:], nil
		case !quoted && (c == t.delimiter || c == '}'):
			if i == 0 {
				return transform.Cell{}, b, errArray()
			}
			return transform.Cell{Text: t.in, Null: isNull(b[:i])}, b[i:], nil
		case !quoted && (c == '"' || c == '{'):
			return transform.Cell{}, b, errArray()
		default:
			t.in = append(t.in, c)
		}
	}
	return transform.Cell{}, b, errArray()
}

// quote appends one element. It quotes the element if array_out would quote it.
func (t *array) quote(dst, elem []byte) []byte {
	if !t.mustQuote(elem) {
		return append(dst, elem...)
	}
	dst = append(dst, '"')
	for _, c := range elem {
		if c == '"' || c == '\\' {
			dst = append(dst, '\\')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}

func (t *array) mustQuote(elem []byte) bool {
	for _, c := range elem {
		switch c {
		case '"', '\\', '{', '}', ' ', '\t', '\n', '\r', '\v', '\f', t.delimiter:
			return true
		}
	}
	return len(elem) == 0 || isNull(elem)
}

func isNull(b []byte) bool { return len(b) == 4 && bytes.EqualFold(b, []byte("NULL")) }

func errArray() error {
	return &transform.Error{Code: "bad-array", Text: "the value is not a valid array"}
}
