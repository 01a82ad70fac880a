package document

import "github.com/masker-project/masker/pkg/transform"

// Part is the compiled treatment of one part of a value.
type Part struct {
	to  transform.Transform
	row pickRow
}

// NewPart returns a Part. The treatment can read columns of the row that holds the whole value. The argument columns
// lists the indexes of these columns in the row.
func NewPart(to transform.Transform, columns []int) *Part {
	return &Part{to: to, row: pickRow{columns: columns}}
}

func (t *Part) append(dst []byte, in transform.Cell, row transform.Row) (out []byte, null bool, err error) {
	t.row.row = row
	out, null, err = t.to.Append(dst, in, &t.row)
	t.row.row = nil
	return out, null, err
}

// pickRow is the row that a part's treatment sees. It has only the columns that the treatment reads.
type pickRow struct {
	row     transform.Row
	columns []int // indexes in row
}

func (p *pickRow) Cell(i int) transform.Cell { return p.row.Cell(p.columns[i]) }

// identity returns each value unchanged.
type identity struct{}

func (identity) Append(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	return append(dst, in.Text...), false, nil
}
