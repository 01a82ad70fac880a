package probe

import (
	"bytes"
	"fmt"
	"strconv"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// maxCompared is the largest size in bytes of the kept cells of one row that are compared. A row with larger cells is
// counted and not compared, because long values are not read whole. Package verify has the same limit for the rows of
// the source.
const maxCompared = 16 << 20

// looker implements Sink. It looks at the rows of one part of a relation.
type looker struct {
	want   Want
	prober Prober
	table  catalog.Name // the table whose name is in reports
	spans  []span       // cells of the current row

	sum  Sum   // nil if the relation is not compared
	runs []run // neighbouring columns that are compared

	cells   []probedColumn // columns of the key come first
	keys    int            // the number of cells that are columns of the key
	buf     []byte         // the current cell without its escapes
	key     []byte         // the key of the row that is not ended yet
	told    bool           // a report may show the key
	pending bool           // a long row is not ended yet
}

// run is a group of neighbouring columns of a row, from first to last.
type run struct{ first, last int }

// probedColumn is a column whose values are looked at.
type probedColumn struct {
	at      int // index in the row
	column  catalog.Column
	label   string // what stands before the value in a key: id =
	decoder decoder
	long    Target // looks up the pieces of a long value
	missing Target // counts the cells of a column that the server cannot compute; nil for all other columns
}

// Row implements Sink.
func (l *looker) Row(row []byte, long bool) error {
	l.end()
	if err := split(l.spans, row, l.want.Binary); err != nil {
		return fmt.Errorf("%s: %w; this is a fault of masker, please report it", l.want.Relation.Name, err)
	}
	if l.sum != nil {
		l.compare(row, long)
	}
	for i := range l.cells {
		c := &l.cells[i]
		if i == l.keys && l.keys > 0 {
			l.told = !l.prober.Found() // the key itself may be a value that was found
		}
		s := l.spans[c.at]
		if s.null {
			if c.missing != nil {
				c.missing.Skip(verify.NotComputed)
			}
			continue
		}
		if err := c.decoder.read(l.value(row[s.start:s.end])); err != nil {
			return fmt.Errorf("%s: %w; this is a fault of masker, please report it", l.want.Relation.Name.Column(c.column.Name), err)
		}
	}
	if l.told && (long || l.prober.MayFind()) {
		l.keepKey(row)
	}
	if l.pending = true; !long {
		l.end()
	}
	return nil
}

// end ends the current row.
func (l *looker) end() {
	if !l.pending {
		return
	}
	l.pending = false
	if len(l.cells) == 0 {
		return
	}
	if len(l.key) > 0 {
		l.prober.Row(l.key)
	} else {
		l.prober.Row(nil)
	}
	l.key, l.told = l.key[:0], false
	l.buf = spare(l.buf)
}

// value returns a cell without the escapes of COPY text.
func (l *looker) value(raw []byte) []byte {
	if l.want.Binary {
		return raw
	}
	value, buf := unescaped(l.buf, raw)
	l.buf = buf
	return value
}

// compare adds the kept cells of the row to the table's sum.
func (l *looker) compare(row []byte, long bool) {
	total := 0
	for _, r := range l.runs {
		total += l.spans[r.last].end - l.spans[r.first].lead
	}
	if long || total > maxCompared {
		l.sum.Skip()
		return
	}
	for _, r := range l.runs {
		l.sum.Kept(row[l.spans[r.first].lead:l.spans[r.last].end])
	}
	l.sum.Row()
}

// keepKey writes the columns of the key and their values to l.key.
func (l *looker) keepKey(row []byte) {
	for i, c := range l.cells[:l.keys] {
		s := l.spans[c.at]
		if i > 0 {
			l.key = append(l.key, ", "...)
		}
		l.key = append(l.key, c.label...)
		l.key = appendKey(l.key, c.column.Type, row[s.start:s.end], l.want.Binary)
	}
}

// Piece implements Sink.
func (l *looker) Piece(column int, p Piece) error {
	for i := range l.cells {
		c := &l.cells[i]
		if c.at != column {
			continue
		}
		if c.long == nil {
			return nil
		}
		if p.Bytes {
			c.long.Bytes(p.Data, p.Last)
		} else {
			c.long.Part(p.Data, p.Last)
		}
	}
	return nil
}

// Missing implements Sink.
func (l *looker) Missing(column int) {
	for i := range l.cells {
		if c := &l.cells[i]; c.at == column {
			c.missing = l.prober.Target(verify.Place{Table: l.table, Column: c.column.Name})
		}
	}
}

// unescaped returns the value of a cell of COPY text. If raw has no escape, the value is raw itself. Otherwise the
// value is in buf.
func unescaped(buf, raw []byte) (value, grown []byte) {
	i := bytes.IndexByte(raw, '\\')
	if i < 0 {
		return raw, buf
	}
	buf = append(buf[:0], raw[:i]...)
	for ; i < len(raw); i++ {
		c := raw[i]
		if c == '\\' && i+1 < len(raw) {
			i++
			switch c = raw[i]; c {
			case 'b':
				c = '\b'
			case 'f':
				c = '\f'
			case 'n':
				c = '\n'
			case 'r':
				c = '\r'
			case 't':
				c = '\t'
			case 'v':
				c = '\v'
			}
		}
		buf = append(buf, c)
	}
	return buf, buf
}

// appendKey appends the text of a value that columns of a key can have: an integer or a uuid.
func appendKey(dst []byte, t catalog.Type, value []byte, binary bool) []byte {
	if !binary {
		return append(dst, value...)
	}
	if t.Family == catalog.UUID {
		dst, _ = appendUUID(dst, value) // the decoder of the column has decoded the value before
		return dst
	}
	n, _ := integerOf(value)
	return strconv.AppendInt(dst, n, 10)
}
