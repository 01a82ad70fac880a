package treatment

import (
	"slices"

	"github.com/masker-project/masker/pkg/transform"
)

// Needs lists the columns of the row that a use needs for its Reads. The columns in u.Reads come first. The columns
// that their treatments need follow. If a column belongs to a row that the row references, its name begins with the
// path to that row. A treatment with Reads must begin its Traits.Needs with this list.
func Needs(by Planner, u transform.Use) []string {
	var needs []string
	for i := range u.Reads {
		needs = append(needs, u.Reads[i].Name)
	}
	for i := range u.Reads {
		if r := &u.Reads[i]; r.Use != nil {
			needs = append(needs, needsOf(by, r)...)
		}
	}
	return needs
}

// needsOf lists the columns that the treatment of a read column needs. The names are relative to the row that reads the
// column.
func needsOf(by Planner, r *transform.Read) []string {
	b, err := by.Plan(r.Column(), *r.Use)
	if err != nil {
		return nil // prepare refuses the read
	}
	path := parentPath(r.Name)
	needs := slices.Clone(b.Traits.Needs)
	for i := range needs {
		needs[i] = path + needs[i]
	}
	return needs
}

// parentPath returns "customer_id." for "customer_id.given_name". It returns "" for a column of the row itself.
func parentPath(name string) string {
	quoted := false
	for i := len(name) - 1; i >= 0; i-- {
		switch {
		case name[i] == '"':
			quoted = !quoted
		case name[i] == '.' && !quoted:
			return name[:i+1]
		}
	}
	return ""
}

// Reading gives a treatment access to the columns of u.Reads. It belongs to one goroutine.
type Reading struct{ parts []readPart }

// readPart is one column of a Reading. Its index is also its index in the row.
type readPart struct {
	to  transform.Transform // treatment of the column; nil if only the source value is read
	row *View
}

// View gives a nested treatment the columns that it needs. These columns are next to each other in the row.
type View struct {
	row  transform.Row
	from int
}

// NewView returns a View of the columns from index from on.
func NewView(from int) *View { return &View{from: from} }

// Of sets the row that the View reads, and returns the View.
func (v *View) Of(row transform.Row) transform.Row {
	v.row = row
	return v
}

func (v *View) Cell(i int) transform.Cell { return v.row.Cell(v.from + i) }

// NewReading compiles the access to u.Reads. Check must have accepted the use, and the use's Traits.Needs must begin
// with Needs.
func NewReading(by Planner, u transform.Use, k transform.Keys) *Reading {
	r := &Reading{parts: make([]readPart, len(u.Reads))}
	at := len(u.Reads)
	for i := range u.Reads {
		read := &u.Reads[i]
		if read.Use == nil {
			continue
		}
		b, err := by.Plan(read.Column(), *read.Use)
		if err != nil {
			panic("transform: a read that was checked must compile")
		}
		r.parts[i] = readPart{to: b.Build(k), row: NewView(at)}
		at += len(b.Traits.Needs)
	}
	return r
}

// Source returns the source value of u.Reads[i].
func (r *Reading) Source(row transform.Row, i int) transform.Cell { return row.Cell(i) }

// Treated appends the result of u.Reads[i]. null is true if the result is NULL. In this case, nothing is appended.
func (r *Reading) Treated(dst []byte, row transform.Row, i int) (out []byte, null bool, err error) {
	p := &r.parts[i]
	return p.to.Append(dst, row.Cell(i), p.row.Of(row))
}

// DisclosureOf returns the disclosure of what r reads: the source value or the result of a column.
func DisclosureOf(by Planner, r *transform.Read) transform.Disclosure {
	if r.Use == nil {
		return transform.Unchanged
	}
	b, err := by.Plan(r.Column(), *r.Use)
	if err != nil {
		return transform.Unchanged // prepare refuses the read
	}
	return b.Traits.Discloses
}
