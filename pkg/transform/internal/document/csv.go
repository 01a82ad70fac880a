package document

import (
	"bytes"
	"strconv"

	"github.com/masker-project/masker/pkg/transform"
)

// CSV treats comma-separated values (RFC 4180).
type CSV struct {
	header    bool
	delimiter byte
	names     map[string]*Part // treatments by column name; without a header, only "*"
	numbered  []*Part          // treatments by column number, without a header
	columns   []*Part          // treatments of the current value's columns, as its first line names them
	in, made  []byte           // scratch for one unquoted field, before and after treatment
}

// NewCSV returns a CSV whose columns have these treatments. With a header, the keys are the names in the first line.
// Without a header, the keys are column numbers, and "*" covers all other columns.
func NewCSV(header bool, delimiter byte, parts map[string]*Part) *CSV {
	t := &CSV{header: header, delimiter: delimiter, names: map[string]*Part{}}
	for name, part := range parts {
		if n, err := strconv.Atoi(name); err == nil && !header {
			t.numbered = append(t.numbered, make([]*Part, max(n-len(t.numbered), 0))...)
			t.numbered[n-1] = part
			continue
		}
		t.names[name] = part
	}
	return t
}

func (t *CSV) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	t.columns = t.columns[:0]
	b, naming := in.Text, t.header
	for column := 0; len(b) > 0; column++ {
		rest, quoted, ok := t.field(b)
		if !ok {
			return dst, false, faultCSV.err()
		}
		raw := b[:len(b)-len(rest)]
		var err error
		switch {
		case naming:
			err = t.name()
			dst = append(dst, raw...)
		case !quoted && len(t.in) == 0 && column == 0 && (len(rest) == 0 || rest[0] != t.delimiter):
			// an empty line
		default:
			dst, err = t.treat(dst, column, quoted, row)
		}
		if err != nil {
			return dst, false, err
		}
		if b = rest; len(b) == 0 {
			break
		}
		if b[0] == t.delimiter {
			if dst = append(dst, b[0]); len(b) == 1 { // an empty last field, which also needs a column
				if naming {
					return dst, false, faultCSVColumn.err()
				}
				dst, err = t.treatEmpty(dst, column+1)
				return dst, false, err
			}
			b = b[1:]
			continue
		}
		end := 1 + bytes.IndexByte(b[:min(2, len(b))], '\n') // \n or \r\n
		dst, b = append(dst, b[:end]...), b[end:]
		column, naming = -1, false
	}
	return dst, false, nil
}

func (t *CSV) treatEmpty(dst []byte, column int) ([]byte, error) {
	t.in = t.in[:0]
	return t.treat(dst, column, false, nil)
}

// name reads t.in as the name of a column in the first line. It appends the treatment of that column to t.columns.
func (t *CSV) name() error {
	part, ok := t.names[string(t.in)]
	if !ok {
		return faultCSVColumn.err()
	}
	t.columns = append(t.columns, part)
	return nil
}

func (t *CSV) treat(dst []byte, column int, quoted bool, row transform.Row) ([]byte, error) {
	columns := t.numbered
	if t.header {
		columns = t.columns
	}
	var part *Part
	if column < len(columns) {
		part = columns[column]
	}
	if part == nil {
		part = t.names["*"] // only without a header
	}
	if part == nil {
		return dst, faultCSVColumn.err()
	}
	if !quoted && len(t.in) == 0 {
		return dst, nil
	}
	var null bool
	var err error
	if t.made, null, err = part.append(t.made[:0], transform.Cell{Text: t.in}, row); err != nil || null {
		return dst, err
	}
	return t.quote(dst), nil
}

// field reads one field at the start of b into t.in. rest begins with the delimiter or a line end, or is empty.
func (t *CSV) field(b []byte) (rest []byte, quoted, ok bool) {
	t.in = t.in[:0]
	if b[0] != '"' {
		end := 0
		for end < len(b) && b[end] != t.delimiter && b[end] != '\n' && b[end] != '\r' {
			if b[end] == '"' {
				return b, false, false
			}
			end++
		}
		t.in = append(t.in, b[:end]...)
		return b[end:], false, ended(b[end:])
	}
	for i := 1; i < len(b); i++ {
		if b[i] != '"' {
			t.in = append(t.in, b[i])
			continue
		}
		if i+1 < len(b) && b[i+1] == '"' {
			t.in = append(t.in, '"')
			i++
			continue
		}
		rest = b[i+1:]
		return rest, true, ended(rest) && (len(rest) == 0 || rest[0] == t.delimiter || rest[0] == '\n' || rest[0] == '\r')
	}
	return b, true, false
}

// ended reports whether rest begins with a valid end of a field. A carriage return without a newline is not valid.
func ended(rest []byte) bool {
	return len(rest) == 0 || rest[0] != '\r' || len(rest) > 1 && rest[1] == '\n'
}

// quote appends t.made as a field. It quotes an empty text, because an empty field without quotes is NULL.
func (t *CSV) quote(dst []byte) []byte {
	quote := len(t.made) == 0
	for _, c := range t.made {
		quote = quote || c == '"' || c == '\r' || c == '\n' || c == t.delimiter
	}
	if !quote {
		return append(dst, t.made...)
	}
	dst = append(dst, '"')
	for _, c := range t.made {
		if c == '"' {
			dst = append(dst, '"')
		}
		dst = append(dst, c)
	}
	return append(dst, '"')
}
