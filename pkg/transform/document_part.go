package transform

// treatedPart is the compiled treatment of one part.
type treatedPart struct {
	to  Transform
	row pickRow
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
