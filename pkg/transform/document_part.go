package transform

// treatedPart is the compiled treatment of one part.
type treatedPart struct {
	to  Transform
	row pickRow
}

// newPart shows the treatment the columns it needs, by their positions in the whole value's row.
func newPart(to Transform, needs []int) *treatedPart {
	return &treatedPart{to: to, row: pickRow{needs: needs}}
}

func (t *treatedPart) append(dst []byte, in Cell, row Row) (out []byte, null bool, err error) {
	t.row.row = row
	out, null, err = t.to.Append(dst, in, &t.row)
	t.row.row = nil
	return out, null, err
}

// pickRow shows a leaf's treatment the siblings it asked for.
type pickRow struct {
	row   Row
	needs []int
}

func (p *pickRow) Cell(i int) Cell { return p.row.Cell(p.needs[i]) }

// same gives each value as it is.
type same struct{}

func (same) Append(dst []byte, in Cell, _ Row) ([]byte, bool, error) {
	if in.Null {
		return dst, true, nil
	}
	return append(dst, in.Text...), false, nil
}
