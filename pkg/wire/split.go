package wire

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

// Span is one cell of a row, as offsets into the bytes given to Split.
// The bytes between one cell's End and the next cell's Lead are separators.
type Span struct {
	Lead  int // start of the length word in binary; equal to Start in text
	Start int // start of the raw bytes, which are still escaped in text
	End   int
	Null  bool // the cell is NULL; in binary, Start equals End; in text, \N is between Start and End
}

// Splitter finds rows and cells in a block of whole rows.
type Splitter struct {
	format  Format
	columns int
	spans   int // number of cells that Split reports
}

// NewSplitter returns a Splitter for rows with the given number of columns. Split reports the first `spans` cells of
// each row. It skips the later cells. This saves work if the caller treats none of them.
func NewSplitter(f Format, columns, spans int) Splitter {
	return Splitter{format: f, columns: columns, spans: min(spans, columns)}
}

// Spans returns the number of cells that Split reports.
func (s Splitter) Spans() int { return s.spans }

// Split finds the first row of b and writes its cells to dst, which must hold at least Spans cells. It returns the
// row's length in bytes.
func (s Splitter) Split(dst []Span, b []byte) (int, error) {
	if s.format == Binary {
		return s.splitBinary(dst[:s.spans], b)
	}
	return s.splitText(dst[:s.spans], b)
}

func (s Splitter) splitBinary(dst []Span, b []byte) (int, error) {
	if len(b) < 2 {
		return 0, ErrTruncated
	}
	if int(int16(binary.BigEndian.Uint16(b))) != s.columns {
		return 0, ErrColumnCount
	}
	at := 2
	for i := range dst {
		if len(b)-at < 4 {
			return 0, ErrTruncated
		}
		size := int32(binary.BigEndian.Uint32(b[at:]))
		start := at + 4
		if size < 0 {
			if size != -1 {
				return 0, ErrFraming
			}
			dst[i] = Span{Lead: at, Start: start, End: start, Null: true}
			at = start
			continue
		}
		if int(size) > len(b)-start {
			return 0, ErrTruncated
		}
		at = start + int(size)
		dst[i] = Span{Lead: start - 4, Start: start, End: at}
	}
	return skipBinary(b, at, s.columns-len(dst))
}

// skipBinary skips a number of cells in b. The first of them begins at the offset at. It returns the offset after the
// last of them.
func skipBinary(b []byte, at, cells int) (int, error) {
	for ; cells > 0; cells-- {
		if len(b)-at < 4 {
			return 0, ErrTruncated
		}
		size := int32(binary.BigEndian.Uint32(b[at:]))
		at += 4
		if size < 0 {
			if size != -1 {
				return 0, ErrFraming
			}
			continue
		}
		if int(size) > len(b)-at {
			return 0, ErrTruncated
		}
		at += int(size)
	}
	return at, nil
}

// splitText splits one line at its tabs. COPY text escapes every tab and newline inside a value.
func (s Splitter) splitText(dst []Span, b []byte) (int, error) {
	end := bytes.IndexByte(b, '\n')
	if end < 0 {
		return 0, ErrTruncated
	}
	row := b[:end]
	if s.columns == 0 {
		if end != 0 {
			return 0, ErrColumnCount
		}
		return 1, nil
	}
	start, cell := 0, 0
	for at := 0; cell < len(dst); at += 8 {
		tabs := tabs8(row, at)
		for tabs != 0 && cell < len(dst) {
			tab := at + bits.TrailingZeros64(tabs)>>3
			tabs &= tabs - 1
			dst[cell] = Span{Lead: start, Start: start, End: tab, Null: isNull(row[start:tab])}
			start, cell = tab+1, cell+1
		}
		if at+8 >= len(row) {
			break
		}
	}
	return end + 1, s.endText(dst, row, cell, start)
}

// endText adds the last cell of the row. This cell has no tab after it. It also checks the number of cells after the
// reported ones.
func (s Splitter) endText(dst []Span, row []byte, cell, start int) error {
	if cell < len(dst) {
		dst[cell] = Span{Lead: start, Start: start, End: len(row), Null: isNull(row[start:])}
		if cell != s.columns-1 {
			return ErrColumnCount
		}
		return nil
	}
	if cell == s.columns { // a tab follows the last expected cell, so the row has one more
		return ErrColumnCount
	}
	if cell+1+bytes.Count(row[start:], []byte{'\t'}) != s.columns {
		return ErrColumnCount
	}
	return nil
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// tabs8 looks at the first eight bytes of row[at:]. It returns a word with the top bit set for each byte that is a
// tab.
func tabs8(row []byte, at int) uint64 {
	var word uint64
	if at+8 <= len(row) {
		word = binary.LittleEndian.Uint64(row[at:])
	} else {
		for i := len(row) - 1; i >= at; i-- {
			word = word<<8 | uint64(row[i])
		}
	}
	x := word ^ ('\t' * ones)
	return ^((x&^uint64(highs) + ^uint64(highs)) | x) & highs // exact, because no carry goes from one byte to the next
}

func isNull(cell []byte) bool { return len(cell) == 2 && cell[0] == '\\' && cell[1] == 'N' }

// Count returns the number of rows in a block of whole rows. In COPY text it counts only the line ends.
func (s Splitter) Count(b []byte) (int64, error) {
	if s.format == Text {
		if len(b) > 0 && b[len(b)-1] != '\n' {
			return 0, ErrTruncated
		}
		return int64(bytes.Count(b, []byte{'\n'})), nil
	}
	rows := int64(0)
	for len(b) > 0 {
		n, err := s.splitBinary(nil, b)
		if err != nil {
			return rows, err
		}
		b = b[n:]
		rows++
	}
	return rows, nil
}
