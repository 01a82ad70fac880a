package probe

import (
	"bytes"
	"encoding/binary"
)

// span is a cell of a row, as offsets into the row. In COPY binary, lead is the start of the cell's length; in COPY
// text, it is the start of the cell.
type span struct {
	lead, start, end int
	null             bool
}

// split finds the cells of a row of COPY. The row has to have one cell for each of spans, and nothing after them.
func split(spans []span, row []byte, inBinary bool) error {
	if inBinary {
		return splitBinary(spans, row)
	}
	return splitText(spans, row)
}

// splitBinary reads the number of cells, and each cell with its length. The length of NULL is -1.
func splitBinary(spans []span, row []byte) error {
	if len(row) < 2 || int(binary.BigEndian.Uint16(row)) != len(spans) {
		return ErrRow
	}
	at := 2
	for i := range spans {
		if len(row)-at < 4 {
			return ErrRow
		}
		length := int32(binary.BigEndian.Uint32(row[at:]))
		s := span{lead: at, start: at + 4, end: at + 4, null: length == -1}
		if !s.null {
			if length < 0 || int(length) > len(row)-s.start {
				return ErrRow
			}
			s.end += int(length)
		}
		spans[i], at = s, s.end
	}
	if at != len(row) {
		return ErrRow
	}
	return nil
}

// splitText splits a line at its tabs. Tabs and line ends inside of values are escaped. NULL is \N.
func splitText(spans []span, row []byte) error {
	end := bytes.IndexByte(row, '\n')
	if end < 0 || end != len(row)-1 {
		return ErrRow
	}
	at := 0
	for i := range spans {
		s := span{lead: at, start: at, end: end}
		if i < len(spans)-1 {
			tab := bytes.IndexByte(row[at:end], '\t')
			if tab < 0 {
				return ErrRow
			}
			s.end = at + tab
		}
		s.null = string(row[s.start:s.end]) == `\N`
		spans[i], at = s, s.end+1
	}
	if len(spans) == 0 && end != 0 || len(spans) > 0 && bytes.IndexByte(row[spans[len(spans)-1].start:end], '\t') >= 0 {
		return ErrRow
	}
	return nil
}
