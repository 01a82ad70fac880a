package rewrite

import (
	"encoding/binary"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// keepScratch is the maximum size in bytes of a scratch buffer that is used again for the next block. A larger buffer
// is freed.
const keepScratch = 256 << 10

// Row treats the rows of one layout. It belongs to one goroutine.
type Row struct {
	format     wire.Format
	split      wire.Splitter
	maxRow     int
	spans      []wire.Span
	written    int           // number of columns that are written; the columns after them belong to referenced rows
	extras     bool          // rows have columns of referenced rows
	sources    []source      // columns to decode: the treated ones and the siblings they need
	cells      []treated     // in the order of the row
	row        []byte        // the current row
	number     int64         // number of the current row since Begin, from 1; source.row refers to it
	text       []byte        // decoded values of the current row
	result     []byte        // a result before encoding or escaping
	prefetched []*prefetched // programs of the cells, in the order of the cells
	failed     error         // error of a sibling that could not be decoded; transform.Row cannot return it
	watch      *watching     // nil if nobody watches
}

// source is a column that is decoded at most once per row.
type source struct {
	at    int // index of the column in the row
	codec wire.Codec
	row   int64 // number of the row that cell belongs to
	cell  transform.Cell
}

type treated struct {
	at         int // index of the column in the row
	source     int // index in Row.sources
	codec      wire.Codec
	to         transform.Transform
	needs      siblings
	column     string
	treatment  string
	prefetches bool // the treatment, or a treatment inside it, uses a program
}

// siblings gives one treatment the columns that it needs. Cell(i) returns the column that is number i in the
// treatment's Needs.
type siblings struct {
	r       *Row
	sources []int // indexes in Row.sources
}

func (s *siblings) Cell(i int) transform.Cell {
	if i < 0 || i >= len(s.sources) {
		s.r.failed = errSibling
		return transform.Cell{Null: true}
	}
	cell, err := s.r.decode(s.sources[i])
	if err != nil {
		s.r.failed = err
		return transform.Cell{Null: true}
	}
	return cell
}

// Begin starts a new sequence of rows, for example an extent. The rows are numbered from 1 again.
func (r *Row) Begin() {
	r.number = 0
	for i := range r.sources {
		r.sources[i].row = 0
	}
}

// Rows returns the number of rows since Begin.
func (r *Row) Rows() int64 { return r.number }

// Kept reports whether every cell is kept. The caller may then use a block unchanged, after Count has checked it.
func (r *Row) Kept() bool { return len(r.cells) == 0 && !r.extras }

// Count checks and counts the rows of a block. It is for a Row whose cells are all kept. Its errors are of type
// *RowError.
func (r *Row) Count(block []byte) error {
	if r.watch != nil {
		return r.countWatched(block)
	}
	rows, err := r.split.Count(block)
	if err != nil {
		return &RowError{Row: r.number + rows + 1, Err: err}
	}
	for rest := block; len(rest) > r.maxRow; r.number++ { // a shorter block cannot hold a row that is too long
		n, err := r.split.Split(nil, rest)
		if err != nil {
			return &RowError{Row: r.number + 1, Err: err}
		}
		if n > r.maxRow {
			return &RowError{Row: r.number + 1, Err: ErrTooLarge}
		}
		rest, rows = rest[n:], rows-1
	}
	r.number += rows
	return nil
}

// Alone reports whether a block contains exactly one row.
func (r *Row) Alone(block []byte) bool {
	n, err := r.split.Split(r.spans, block)
	return err == nil && n == len(block)
}

// Append appends the treated rows of a block to dst. The block holds whole rows, without the header and
// trailer of COPY binary. Its errors are of type *RowError.
func (r *Row) Append(dst, block []byte) ([]byte, error) {
	if r.Kept() {
		if err := r.Count(block); err != nil {
			return dst, err
		}
		return append(dst, block...), nil
	}
	return r.appendRows(dst, nil, block)
}

// Range is the position of a row in a buffer of less than 4 GiB.
type Range struct{ Start, End uint32 }

// AppendRows appends the treated rows of a block to dst, as Append does. For each row, it also appends the row's
// position in dst to rows.
func (r *Row) AppendRows(dst []byte, rows []Range, block []byte) ([]byte, []Range, error) {
	dst, err := r.appendRows(dst, &rows, block)
	return dst, rows, err
}

// appendRows appends the treated rows of a block to dst. If rows is not nil, appendRows also appends the position of
// each row to rows.
func (r *Row) appendRows(dst []byte, rows *[]Range, block []byte) ([]byte, error) {
	if err := r.prefetch(block); err != nil {
		return dst, err
	}
	for len(block) > 0 {
		r.number++
		n, err := r.split.Split(r.spans, block)
		if err != nil {
			return dst, &RowError{Row: r.number, Err: err}
		}
		start := len(dst)
		if n > r.maxRow {
			return dst, &RowError{Row: r.number, Err: ErrTooLarge}
		}
		r.row, block = block[:n:n], block[n:]
		if dst, err = r.appendRow(dst); err == nil && r.watch != nil {
			err = r.tell()
		}
		if err != nil {
			return dst, err
		}
		if len(dst)-start > r.maxRow {
			return dst, &RowError{Row: r.number, Err: ErrTooLarge}
		}
		if rows != nil {
			*rows = append(*rows, Range{uint32(start), uint32(len(dst))})
		}
	}
	r.shrink()
	return dst, nil
}

// appendRow appends the current row. It copies all bytes between two treated cells in one step, together with
// separators and the row header.
func (r *Row) appendRow(dst []byte) ([]byte, error) {
	r.text = r.text[:0]
	from, start := 0, len(dst)
	for i := range r.cells {
		c := &r.cells[i]
		span := &r.spans[c.at]
		dst = append(dst, r.row[from:span.Lead]...)
		var err error
		if dst, err = r.treat(dst, c); err != nil {
			return dst, &RowError{Row: r.number, Column: c.column, Treatment: c.treatment, Err: err}
		}
		from = span.End
	}
	if r.extras {
		return r.endRow(dst, from, start), nil
	}
	return append(dst, r.row[from:]...), nil
}

// endRow ends a row that begins at dst[start:]. It leaves out the columns of referenced rows.
func (r *Row) endRow(dst []byte, from, start int) []byte {
	dst = append(dst, r.row[from:r.spans[r.written-1].End]...)
	if r.format == wire.Text {
		return append(dst, '\n')
	}
	binary.BigEndian.PutUint16(dst[start:], uint16(r.written))
	return dst
}

// shrink frees scratch buffers that a huge cell enlarged, and drops the reference to the block.
func (r *Row) shrink() {
	r.row = nil
	if cap(r.text) > keepScratch {
		r.text = nil
		for i := range r.sources { // their cells point into r.text
			r.sources[i].cell = transform.Cell{}
		}
	}
	if cap(r.result) > keepScratch {
		r.result = nil
	}
}
