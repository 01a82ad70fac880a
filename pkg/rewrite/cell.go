package rewrite

import (
	"bytes"
	"encoding/binary"
	"math"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

func (r *Row) treat(dst []byte, c *treated) ([]byte, error) {
	in, err := r.decode(c.source)
	if err != nil {
		return dst, err
	}
	if r.format == wire.Text {
		return r.treatText(dst, c, in)
	}
	if c.codec.Verbatim() {
		return r.treatVerbatim(dst, c, in)
	}
	return r.treatBinary(dst, c, in)
}

// decode returns the value of a column of the current row. r.sources[i] holds the column.
func (r *Row) decode(i int) (transform.Cell, error) {
	s := &r.sources[i]
	if s.row == r.number {
		return s.cell, nil
	}
	span := &r.spans[s.at]
	raw := r.row[span.Start:span.End:span.End]
	start := len(r.text)
	var err error
	switch {
	case span.Null:
		s.cell = transform.Cell{Null: true}
	case r.format == wire.Binary && !s.codec.Verbatim():
		r.text, err = s.codec.AppendText(r.text, raw)
		s.cell = transform.Cell{Text: r.text[start:len(r.text):len(r.text)]}
	case r.format == wire.Text && wire.Escaped(raw):
		r.text, err = wire.AppendUnescaped(r.text, raw)
		s.cell = transform.Cell{Text: r.text[start:len(r.text):len(r.text)]}
	default:
		s.cell = transform.Cell{Text: raw}
	}
	s.row = r.number
	if err != nil {
		s.row = 0
	}
	return s.cell, err
}

// apply runs the transform, which appends its result to dst. A transform that makes dst shorter is faulty, and apply
// returns an error for it.
func (r *Row) apply(dst []byte, c *treated, in transform.Cell) (out []byte, null bool, err error) {
	start := len(dst)
	out, null, err = c.to.Append(dst, in, &c.needs)
	if r.failed != nil { // the transform got NULL in place of a sibling that could not be decoded, so its result is discarded
		err, r.failed = r.failed, nil
	}
	if err != nil {
		return dst, false, err
	}
	if len(out) < start {
		return dst, false, errShrunk
	}
	if null {
		out = out[:start]
	}
	return out, null, nil
}

func (r *Row) treatText(dst []byte, c *treated, in transform.Cell) ([]byte, error) {
	start := len(dst)
	dst, null, err := r.apply(dst, c, in)
	if err != nil {
		return dst, err
	}
	if null {
		return append(dst, wire.NullText...), nil
	}
	escape, nul := wire.NeedsEscape(dst[start:])
	if nul {
		return dst, errNUL
	}
	if escape {
		r.result = append(r.result[:0], dst[start:]...)
		dst = wire.AppendEscaped(dst[:start], r.result)
	}
	return dst, nil
}

func (r *Row) treatVerbatim(dst []byte, c *treated, in transform.Cell) ([]byte, error) {
	length := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst, null, err := r.apply(dst, c, in)
	if err != nil {
		return dst, err
	}
	if null {
		return putNull(dst, length), nil
	}
	if bytes.IndexByte(dst[length+4:], 0) >= 0 {
		return dst, errNUL
	}
	return putLength(dst, length)
}

func (r *Row) treatBinary(dst []byte, c *treated, in transform.Cell) ([]byte, error) {
	length := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	var null bool
	var err error
	if r.result, null, err = r.apply(r.result[:0], c, in); err != nil {
		return dst, err
	}
	if null {
		return putNull(dst, length), nil
	}
	if bytes.IndexByte(r.result, 0) >= 0 {
		return dst, errNUL
	}
	if dst, err = c.codec.AppendBinary(dst, r.result); err != nil {
		return dst, err
	}
	return putLength(dst, length)
}

func putNull(dst []byte, at int) []byte {
	dst = dst[:at+4]
	binary.BigEndian.PutUint32(dst[at:], math.MaxUint32)
	return dst
}

func putLength(dst []byte, at int) ([]byte, error) {
	size := len(dst) - at - 4
	if size > math.MaxInt32 {
		return dst, errLength
	}
	binary.BigEndian.PutUint32(dst[at:], uint32(size))
	return dst, nil
}
