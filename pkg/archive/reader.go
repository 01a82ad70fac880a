package archive

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

const (
	window = 64 << 10 // bytes that are read ahead

	// tocLimit is the memory that a table of contents may take, in bytes. It is enough for 150,000 tables with their
	// indexes. entryCost and depCost are the memory of an Entry without its texts, and of a dependency. They include
	// the memory that the growing lists take.
	tocLimit  = 1 << 30
	entryCost = 512
	depCost   = 24
)

// reader reads the archive's primitive values one after the other. It stores the first error. After this error, all its
// results are zero.
type reader struct {
	section    *io.SectionReader // the archive from begin to end
	buf        *bufio.Reader     // over section
	pos        int64             // position of the next byte in the archive
	begin, end int64             // positions of section in the archive
	intSize    int
	offsetSize int
	memory     int64 // bytes that may still be used
	where      string
	err        error
}

func newReader(src io.ReaderAt, begin, end int64) *reader {
	section := io.NewSectionReader(src, begin, end-begin)
	return &reader{section: section, buf: bufio.NewReaderSize(section, window), pos: begin, begin: begin, end: end, memory: tocLimit}
}

func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("pg_dump archive, %s: %w", r.where, fmt.Errorf(format, args...))
	}
}

func (r *reader) left() int64 { return r.end - r.pos }

// has reports whether n more bytes are left. If fewer are left, it sets the error.
func (r *reader) has(n int64) bool {
	if r.err == nil && n > r.left() {
		r.fail("it is cut short")
	}
	return r.err == nil
}

// spend counts n more bytes of memory. If this exceeds the limit, it sets the error.
func (r *reader) spend(n int) bool {
	r.memory -= int64(n)
	if r.memory < 0 {
		r.fail("a table of contents that takes more than %d MiB of memory", tocLimit>>20)
	}
	return r.err == nil
}

// take returns the next n bytes, which are valid until the next call. n is at most the size of the window. After an
// error, take returns nil.
func (r *reader) take(n int) []byte {
	if !r.has(int64(n)) {
		return nil
	}
	b, err := r.buf.Peek(n)
	if err != nil {
		r.broken(err)
		return nil
	}
	_, _ = r.buf.Discard(n) // cannot fail, because the bytes are in the buffer
	r.pos += int64(n)
	return b
}

// Read reads the next bytes without decoding them.
func (r *reader) Read(p []byte) (int, error) {
	if !r.has(1) {
		return 0, r.err
	}
	n, err := r.buf.Read(p)
	r.pos += int64(n)
	if err != nil {
		r.broken(err)
	}
	return n, r.err
}

// broken sets the error after the io.ReaderAt returned err.
func (r *reader) broken(err error) {
	if errors.Is(err, io.EOF) {
		r.fail("it is cut short")
	}
	r.fail("%w", err)
}

// skip skips n bytes. It does not read the bytes that are not in the window.
func (r *reader) skip(n int64) {
	if !r.has(n) {
		return
	}
	r.pos += n
	if n <= int64(r.buf.Buffered()) {
		_, _ = r.buf.Discard(int(n)) // cannot fail, because the bytes are in the buffer
		return
	}
	_, _ = r.section.Seek(r.pos-r.begin, io.SeekStart) // cannot fail, because the offset is not negative
	r.buf.Reset(r.section)
}

func (r *reader) byte() int {
	if b := r.take(1); b != nil {
		return int(b[0])
	}
	return 0
}

// number reads a number of size bytes, with the lowest byte first.
func (r *reader) number(size int) uint64 {
	var v uint64
	for i, b := range r.take(size) {
		v |= uint64(b) << (8 * i)
	}
	return v
}

// int reads an integer: a sign byte and intSize bytes. pg_dump's integers have 32 bits.
func (r *reader) int() int {
	negative := r.byte() != 0
	v := r.number(r.intSize)
	switch {
	case v > 1<<31 || v == 1<<31 && !negative:
		r.fail("an integer out of range")
		return 0
	case negative:
		return -int(v)
	}
	return int(v)
}

// optional reads a string that may be NULL. A NULL has the length -1.
func (r *reader) optional() (s string, null bool) {
	n := r.int()
	if n < 0 {
		return "", true
	}
	if !r.has(int64(n)) || !r.spend(n) {
		return "", false
	}
	var b strings.Builder
	b.Grow(n)
	for n > 0 && r.err == nil {
		part := r.take(min(n, window))
		b.Write(part)
		n -= len(part)
	}
	return b.String(), false
}

// string reads a string. It returns "" for NULL.
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

// deps reads the dependencies of an entry. They are decimal strings, and a NULL ends them.
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
		r.spend(depCost)
		ids = append(ids, int(id))
	}
	return nil
}

// The flags that pg_dump writes before the offset of an entry's data block.
const (
	notSet = 1 // the archive was written to a pipe, or pg_dump did not finish it
	set    = 2
	noData = 3
)

// offset reads whether an entry has a data block, and where the block begins. If the archive does not say where, the
// second result is 0.
func (r *reader) offset() (hasData bool, at int64) {
	flag, v := r.byte(), r.number(r.offsetSize)
	switch {
	case r.err != nil || flag == noData:
		return false, 0
	case flag == notSet:
		return true, 0
	case flag != set:
		r.fail("no such state of an offset: %d", flag)
	case v == 0 || v >= uint64(r.end):
		r.fail("its data would begin outside the archive, which is cut short or damaged")
	}
	return true, int64(v)
}
