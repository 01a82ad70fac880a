package document

import "github.com/masker-project/masker/pkg/transform"

// Part is the compiled treatment of one part of a value.
type Part struct {
	to  transform.Transform
	row pickRow
}

// NewPart returns a Part. The treatment needs columns of the row of the whole value. The argument needs holds the
// indexes of these columns in that row.
func NewPart(to transform.Transform, needs []int) *Part {
	return &Part{to: to, row: pickRow{needs: needs}}
}

func (t *Part) append(dst []byte, in transform.Cell, row transform.Row) (out []byte, null bool, err error) {
	t.row.row = row
	out, null, err = t.to.Append(dst, in, &t.row)
	t.row.row = nil
	return out, null, err
}

// pickRow is the row that a part's treatment sees. It has only the columns that the treatment needs.
type pickRow struct {
	row   transform.Row
	needs []int
}

func (p *pickRow) Cell(i int) transform.Cell { return p.row.Cell(p.needs[i]) }

// identity returns each value unchanged.
type identity struct{}

func (identity) Append(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	return append(dst, in.Text...), false, nil
}
