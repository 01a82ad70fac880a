package archive

import (
	"fmt"
	"strconv"
)

// reader takes the archive's primitive values off the front of the bytes. After the
// first error, which sticks, everything it returns is zero.
type reader struct {
	rest       []byte
	intSize    int
	offsetSize int
	where      string
	err        error
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("pg_dump archive, %s: %s", r.where, fmt.Sprintf(format, args...))
	}
}

// bytes returns the next n bytes, or nil after an error.
func (r *reader) bytes(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n > len(r.rest) {
		r.fail("it is cut short")
		return nil
	}
	b := r.rest[:n]
	r.rest = r.rest[n:]
	return b
}

func (r *reader) byte() int {
	if b := r.bytes(1); b != nil {
		return int(b[0])
	}
	return 0
}

// int reads a sign byte and intSize bytes, the lowest first. pg_dump's integers are of 32 bits.
func (r *reader) int() int {
	sign := r.byte()
	var v uint64
	for i, b := range r.bytes(r.intSize) {
		v |= uint64(b) << (8 * i)
	}
	if v > 1<<31-1 {
		r.fail("an integer out of range")
		return 0
	}
	if sign != 0 {
		return -int(v)
	}
	return int(v)
}

// optional reads a string that may be NULL, which has the length -1.
func (r *reader) optional() (s string, null bool) {
	n := r.int()
	if n < 0 {
		return "", true
	}
	return string(r.bytes(n)), false
}

// string reads a string, NULL as "".
func (r *reader) string() string {
	s, _ := r.optional()
	return s
}

// oid reads an OID, which the format writes as a decimal string.
func (r *reader) oid() uint32 {
	s := r.string()
	if r.err != nil {
		return 0
	}
	v, err := strconv.ParseUint(s, 10, 32)
	if err != nil {
		r.fail("an OID that is not a number")
	}
	return uint32(v)
}

// deps reads decimal strings up to a NULL.
func (r *reader) deps() []int {
	var ids []int
	for r.err == nil {
		s, null := r.optional()
		if null {
			return ids
		}
		id, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			r.fail("a dependency that is not a number")
			return nil
		}
		ids = append(ids, int(id))
	}
	return nil
}
