package document

import "github.com/masker-project/masker/pkg/transform"

// Part is the compiled treatment of one part.
type Part struct {
	to  transform.Transform
	row pickRow
}

// NewPart shows the treatment the columns it needs, by their positions in the whole value's row.
func NewPart(to transform.Transform, needs []int) *Part {
	return &Part{to: to, row: pickRow{needs: needs}}
}

func (t *Part) append(dst []byte, in transform.Cell, row transform.Row) (out []byte, null bool, err error) {
	t.row.row = row
	out, null, err = t.to.Append(dst, in, &t.row)
	t.row.row = nil
	return out, null, err
}

// pickRow shows a leaf's treatment the siblings it asked for.
type pickRow struct {
	row   transform.Row
	needs []int
}

func (p *pickRow) Cell(i int) transform.Cell { return p.row.Cell(p.needs[i]) }

// same gives each value as it is.
type same struct{}

func (same) Append(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	return append(dst, in.Text...), false, nil
}
