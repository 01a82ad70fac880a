package rewrite

import (
	"encoding/binary"

	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// keepScratch is the most a scratch buffer keeps between blocks; a huge cell's is given back.
const keepScratch = 256 << 10

// Row is a compiled row: it treats the rows of one layout. It belongs to one goroutine.
type Row struct {
	format   wire.Format
	split    wire.Splitter
	maxRow   int
	spans    []wire.Span
	written  int           // columns of the row that go on; those behind them are of referenced rows
	extras   bool          // there are such
	sources  []source      // what is decoded: treated cells and the siblings they need
	cells    []treated     // in the order of the row
	row      []byte        // the current row
	number   int64         // of the current row since Begin, from 1; it also dates the sources
	text     []byte        // decoded values of the current row
	result   []byte        // a result on its way through a codec or escapes
	asked    []*prefetched // what asks programs, in the order of the cells
	failed   error         // of a sibling that could not be decoded: transform.Row has no way to say it
	observer Observer      // nil where nobody watches
}

// source is a column whose value is decoded, at most once per row.
type source struct {
	at    int // in the row
	codec wire.Codec
	row   int64 // the row cell was decoded for
	cell  transform.Cell
}

type treated struct {
	at        int // in the row
	source    int // in Row.sources
	codec     wire.Codec
	to        transform.Transform
	needs     siblings
	column    string
	treatment string
	asks      bool // a program, somewhere in it
}

// siblings gives one treatment the columns it needs, by their position in its Needs.
type siblings struct {
	r       *Row
	sources []int // in Row.sources
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

// Begin starts another stretch of rows, such as an extent: they are numbered from 1 again.
func (r *Row) Begin() {
	r.number = 0
	for i := range r.sources {
		r.sources[i].row = 0
	}
}

// Rows is how many rows there were since Begin.
func (r *Row) Rows() int64 { return r.number }

// Kept says that every cell is kept: a block may go on as it is once Count has seen it.
func (r *Row) Kept() bool { return len(r.cells) == 0 && !r.extras }

// Count checks a block's rows and counts them, where every cell is kept. An error is a *RowError.
func (r *Row) Count(block []byte) error {
	rows, err := r.split.Count(block)
	if err != nil {
		return &RowError{Row: r.number + rows + 1, Err: err}
	}
	for rest := block; len(rest) > r.maxRow; r.number++ { // only a block this long can hold a row that is too long
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

// Append appends the treated rows of a block to dst. A block is whole rows, without COPY binary's
// header and trailer. An error is a *RowError.
func (r *Row) Append(dst, block []byte) ([]byte, error) {
	if r.Kept() {
		if err := r.Count(block); err != nil {
			return dst, err
		}
		return append(dst, block...), nil
	}
	if err := r.prefetch(block); err != nil {
		return dst, err
	}
	for len(block) > 0 {
		r.number++
		n, err := r.split.Split(r.spans, block)
		if err != nil {
			return dst, &RowError{Row: r.number, Err: err}
		}
		mark := len(dst)
		if n > r.maxRow {
			return dst, &RowError{Row: r.number, Err: ErrTooLarge}
		}
		r.row, block = block[:n:n], block[n:]
		if dst, err = r.appendRow(dst); err != nil {
			return dst, err
		}
		if len(dst)-mark > r.maxRow {
			return dst, &RowError{Row: r.number, Err: ErrTooLarge}
		}
	}
	r.shrink()
	return dst, nil
}

// appendRow appends the kept bytes between treated cells in one go, separators and row header included.
func (r *Row) appendRow(dst []byte) ([]byte, error) {
	r.text = r.text[:0]
	from, mark := 0, len(dst)
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
		return r.endRow(dst, from, mark), nil
	}
	return append(dst, r.row[from:]...), nil
}

// endRow ends a row that began at dst[mark:] before the columns that are not written.
func (r *Row) endRow(dst []byte, from, mark int) []byte {
	dst = append(dst, r.row[from:r.spans[r.written-1].End]...)
	if r.format == wire.Text {
		return append(dst, '\n')
	}
	binary.BigEndian.PutUint16(dst[mark:], uint16(r.written))
	return dst
}

// shrink gives back what a huge cell made grow, and lets go of the block.
func (r *Row) shrink() {
	r.row = nil
	if cap(r.text) > keepScratch {
		r.text = nil
		for i := range r.sources { // their cells point into it
			r.sources[i].cell = transform.Cell{}
		}
	}
	if cap(r.result) > keepScratch {
		r.result = nil
	}
}
