package refresh

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/wire"
)

// keepScratch is the most a scratch buffer keeps between blocks; a huge cell's is given back.
const keepScratch = 256 << 10

// rewriter treats the rows of one layout. It is compiled once per layout and worker and belongs to
// that worker. Per cell and row it allocates nothing.
//
// Verification will want to see each treated cell (canonical in, out): treat is the one place
// through which every one of them passes, with both at hand.
type rewriter struct {
	format  wire.Format
	split   wire.Splitter
	maxRow  int
	spans   []wire.Span
	written int           // columns of the row that go on; those behind them are of referenced rows
	extras  bool          // there are such
	sources []source      // what is decoded: treated cells and the siblings they need
	cells   []treated     // in the order of the row
	row     []byte        // the current row
	number  int64         // of the current row within the extent, from 1; it also dates the sources
	text    []byte        // decoded values of the current row
	result  []byte        // a result on its way through a codec or escapes
	asked   []*prefetched // what asks programs, in the order of the cells
	failed  error         // of a sibling that could not be decoded: Row.Cell has no way to say it
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
	source    int // in rewriter.sources
	codec     wire.Codec
	to        transform.Transform
	needs     siblings
	column    string
	treatment string
	asks      bool // a program, somewhere in it
}

// siblings gives one treatment the columns it needs, by their position in its Needs.
type siblings struct {
	r       *rewriter
	sources []int // in rewriter.sources
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

// compile makes the rewriter of a layout; nil where every column is kept.
func compile(l *layout, maxRow int, keys transform.Keys) (*rewriter, error) {
	r := &rewriter{format: l.format, maxRow: maxRow, written: len(l.columns), extras: len(l.extras) > 0}
	slots := map[int]int{}
	slot := func(at int) (int, error) {
		if i, ok := slots[at]; ok {
			return i, nil
		}
		codec, ok := codecOf(l.typeAt(at))
		if !ok && l.format == wire.Binary {
			return 0, fmt.Errorf("%s: no codec for type %s in COPY binary", l.table, l.typeAt(at).Name)
		}
		slots[at] = len(r.sources)
		r.sources = append(r.sources, source{at: at, codec: codec})
		return slots[at], nil
	}
	last := -1
	for at, c := range l.columns {
		if c.Keeps() {
			continue
		}
		before := asked(keys)
		cell, err := compileCell(l, at, keys, slot)
		if err != nil {
			return nil, err
		}
		for _, p := range asked(keys)[len(before):] {
			p.column, cell.asks = cell.column, true
		}
		cell.needs.r = r
		r.cells = append(r.cells, cell)
	}
	if len(r.cells) == 0 {
		return nil, nil
	}
	r.asked = asked(keys)
	for _, s := range r.sources {
		last = max(last, s.at)
	}
	if r.extras {
		last = max(last, r.written-1) // to know where they begin
	}
	r.split = wire.NewSplitter(l.format, l.width(), last+1)
	r.spans = make([]wire.Span, last+1)
	return r, nil
}

func compileCell(l *layout, at int, keys transform.Keys, slot func(int) (int, error)) (treated, error) {
	c := l.columns[at]
	place := l.table.String() + "." + catalog.Quote(c.Name)
	to, err := library.Compile(c.Target(l.table), c.Use, keys)
	if err != nil {
		return treated{}, fmt.Errorf("%s: %s: %w", place, c.Use.Treatment, err)
	}
	t := treated{at: at, to: to, column: c.Name, treatment: c.Use.Treatment}
	if t.source, err = slot(at); err != nil {
		return treated{}, err
	}
	t.codec, _ = codecOf(c.Type)
	for _, name := range c.Needs {
		sibling := l.position(name)
		if sibling < 0 {
			return treated{}, fmt.Errorf("%s: %s needs column %s, which is not read", place, c.Use.Treatment, name)
		}
		i, err := slot(sibling)
		if err != nil {
			return treated{}, err
		}
		t.needs.sources = append(t.needs.sources, i)
	}
	return t, nil
}

// begin starts an extent: rows are numbered from 1 again.
func (r *rewriter) begin() {
	r.number = 0
	for i := range r.sources {
		r.sources[i].row = 0
	}
}

// appendBlock appends the treated rows of a block to dst. An error is a *RowError without its table.
func (r *rewriter) appendBlock(dst, block []byte) ([]byte, error) {
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
			return dst, &RowError{Row: r.number, Err: errTooLarge}
		}
		r.row, block = block[:n:n], block[n:]
		if dst, err = r.appendRow(dst); err != nil {
			return dst, err
		}
		if len(dst)-mark > r.maxRow {
			return dst, &RowError{Row: r.number, Err: errTooLarge}
		}
	}
	r.shrink()
	return dst, nil
}

// appendRow appends the kept bytes between treated cells in one go, separators and row header included.
func (r *rewriter) appendRow(dst []byte) ([]byte, error) {
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
func (r *rewriter) endRow(dst []byte, from, mark int) []byte {
	dst = append(dst, r.row[from:r.spans[r.written-1].End]...)
	if r.format == wire.Text {
		return append(dst, '\n')
	}
	binary.BigEndian.PutUint16(dst[mark:], uint16(r.written))
	return dst
}

func (r *rewriter) treat(dst []byte, c *treated) ([]byte, error) {
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

// decode gives the value of a column of the current row.
func (r *rewriter) decode(i int) (transform.Cell, error) {
	s := &r.sources[i]
	if s.row == r.number {
		return s.cell, nil
	}
	span := &r.spans[s.at]
	raw := r.row[span.Start:span.End:span.End]
	mark := len(r.text)
	var err error
	switch {
	case span.Null:
		s.cell = transform.Cell{Null: true}
	case r.format == wire.Binary && !s.codec.Verbatim():
		r.text, err = s.codec.AppendText(r.text, raw)
		s.cell = transform.Cell{Text: r.text[mark:len(r.text):len(r.text)]}
	case r.format == wire.Text && wire.Escaped(raw):
		r.text, err = wire.AppendUnescaped(r.text, raw)
		s.cell = transform.Cell{Text: r.text[mark:len(r.text):len(r.text)]}
	default:
		s.cell = transform.Cell{Text: raw}
	}
	s.row = r.number
	if err != nil {
		s.row = 0
	}
	return s.cell, err
}

// apply runs the transform onto dst and checks what a sound one never does.
func (r *rewriter) apply(dst []byte, c *treated, in transform.Cell) (out []byte, null bool, err error) {
	mark := len(dst)
	out, null, err = c.to.Append(dst, in, &c.needs)
	if r.failed != nil { // what the transform made of a sibling it could not see does not count
		err, r.failed = r.failed, nil
	}
	if err != nil {
		return dst, false, err
	}
	if len(out) < mark {
		return dst, false, errShrunk
	}
	if null {
		return out[:mark], true, nil
	}
	return out, false, nil
}

func (r *rewriter) treatText(dst []byte, c *treated, in transform.Cell) ([]byte, error) {
	mark := len(dst)
	dst, null, err := r.apply(dst, c, in)
	if err != nil {
		return dst, err
	}
	if null {
		return append(dst, wire.NullText...), nil
	}
	escape, nul := wire.NeedsEscape(dst[mark:])
	if nul {
		return dst, errNUL
	}
	if escape {
		r.result = append(r.result[:0], dst[mark:]...)
		dst = wire.AppendEscaped(dst[:mark], r.result)
	}
	return dst, nil
}

func (r *rewriter) treatVerbatim(dst []byte, c *treated, in transform.Cell) ([]byte, error) {
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

func (r *rewriter) treatBinary(dst []byte, c *treated, in transform.Cell) ([]byte, error) {
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

// shrink gives back what a huge cell made grow, and lets go of the block.
func (r *rewriter) shrink() {
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
