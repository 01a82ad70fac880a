package probe

import (
	"encoding/binary"
	"strconv"

	"github.com/masker-project/masker/pkg/verify"
)

// decoder looks at the values of one place. It gets a value that is not NULL: its bytes in COPY binary, or its text
// without the escapes of COPY. It belongs to one goroutine.
type decoder interface {
	read(value []byte) error
}

// Error is a fixed text that says why a value cannot be decoded. It contains nothing of the value.
type Error string

func (e Error) Error() string { return string(e) }

// The errors of the decoders. A server does not send such values, so each error is a fault of masker.
const (
	ErrSize  Error = "the value does not have the length of its type"
	ErrParts Error = "the parts of the value do not have the form of its type"
	ErrRow   Error = "the row does not have the form of COPY"
)

// skipped is the decoder of types that are not looked at.
type skipped struct {
	to  Target
	why verify.Reason
}

func (s *skipped) read([]byte) error {
	s.to.Skip(s.why)
	return nil
}

// text is the decoder of texts. COPY binary sends them as they are.
type text struct{ to Target }

func (t *text) read(value []byte) error {
	t.to.Text(value)
	return nil
}

// bytea is the decoder of bytes in COPY binary.
type bytea struct{ to Target }

func (b *bytea) read(value []byte) error {
	b.to.Bytes(value, true)
	return nil
}

// hexBytea is the decoder of the text of bytes.
type hexBytea struct {
	to  Target
	buf []byte
}

func (h *hexBytea) read(value []byte) error {
	if len(value) < 2 || len(value)%2 != 0 || value[0] != '\\' || value[1] != 'x' {
		return ErrParts
	}
	h.buf = h.buf[:0]
	for i := 2; i < len(value); i += 2 {
		high, low := unhex(value[i]), unhex(value[i+1])
		if high > 15 || low > 15 {
			return ErrParts
		}
		h.buf = append(h.buf, high<<4|low)
	}
	h.to.Bytes(h.buf, true)
	h.buf = spare(h.buf)
	return nil
}

// unhex returns the value of a hexadecimal digit, or 255 if c is another character.
func unhex(c byte) byte {
	switch {
	case c >= '0' && c <= '9':
		return c - '0'
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10
	}
	return 255
}

// spare returns a buffer that can be used again. It drops a buffer that a long value has made large.
func spare(b []byte) []byte {
	if cap(b) > 1<<20 {
		return nil
	}
	return b[:0]
}

// leastDigits is the number of digits of the shortest number that is collected. A shorter number need not be looked up.
const leastDigits = 9

// integer is the decoder of integers in COPY binary.
type integer struct {
	to  Target
	buf [24]byte
}

func (n *integer) read(value []byte) error {
	v, err := integerOf(value)
	if err != nil {
		return err
	}
	if v > -1e8 && v < 1e8 && !n.to.Controlled() {
		n.to.Short()
		return nil
	}
	n.to.Cell(strconv.AppendInt(n.buf[:0], v, 10))
	return nil
}

// integerOf returns the value of an int2, int4 or int8.
func integerOf(b []byte) (int64, error) {
	switch len(b) {
	case 2:
		return int64(int16(binary.BigEndian.Uint16(b))), nil
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b))), nil
	case 8:
		return int64(binary.BigEndian.Uint64(b)), nil
	}
	return 0, ErrSize
}

// number is the decoder of the text of numbers.
type number struct{ to Target }

func (n *number) read(value []byte) error {
	if digits(value) < leastDigits && !n.to.Controlled() {
		n.to.Short()
		return nil
	}
	n.to.Cell(value)
	return nil
}

// numeric is the decoder of numerics in COPY binary.
type numeric struct {
	number
	buf []byte
}

func (n *numeric) read(value []byte) (err error) {
	if mostDigits(value) < leastDigits && !n.to.Controlled() {
		n.to.Short()
		return nil
	}
	if n.buf, err = appendNumeric(n.buf[:0], value); err != nil {
		return err
	}
	err = n.number.read(n.buf)
	n.buf = spare(n.buf)
	return err
}

func digits(b []byte) (n int) {
	for _, c := range b {
		if c >= '0' && c <= '9' {
			n++
		}
	}
	return n
}

// cell is the decoder of the text of other scalars.
type cell struct{ to Target }

func (c *cell) read(value []byte) error {
	c.to.Cell(value)
	return nil
}

// decoded is the decoder of scalars in COPY binary. It passes their text to another decoder.
type decoded struct {
	decode func(dst, value []byte) ([]byte, error)
	next   decoder
	buf    []byte
}

func (d *decoded) read(value []byte) (err error) {
	if d.buf, err = d.decode(d.buf[:0], value); err != nil {
		return err
	}
	err = d.next.read(d.buf)
	d.buf = spare(d.buf)
	return err
}
