package treatment

import (
	"slices"

	"github.com/masker-project/masker/pkg/transform"
)

// Needs are the columns that u.Reads asks of the row: the reads themselves, then what their uses need,
// of parents by their path. A treatment that reads names them first in its Traits.Needs.
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

// needsOf are what the read's use needs, seen from the row that reads.
func needsOf(by Planner, r *transform.Read) []string {
	b, err := by.Plan(r.Column(), *r.Use)
	if err != nil {
		return nil // prepare has refused it
	}
	path := parentPath(r.Name)
	needs := slices.Clone(b.Traits.Needs)
	for i := range needs {
		needs[i] = path + needs[i]
	}
	return needs
}

// parentPath is "customer_id." of "customer_id.given_name", and "" of a column of the row itself.
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

// Reading is compiled access to the columns of u.Reads. It belongs to one goroutine.
type Reading struct{ parts []readPart }

// readPart is one column of a reading. Its position in the row is its index.
type readPart struct {
	to  transform.Transform // what the column becomes; nil where only its source value is read
	row *View
}

// View shows a nested treatment the columns it asked for, which lie together in the row.
type View struct {
	row  transform.Row
	from int
}

// NewView shows the columns from that position on.
func NewView(from int) *View { return &View{from: from} }

// Of shows the columns in that row.
func (v *View) Of(row transform.Row) transform.Row {
	v.row = row
	return v
}

func (v *View) Cell(i int) transform.Cell { return v.row.Cell(v.from + i) }

// NewReading compiles the access to u.Reads of a use that Check has accepted, and whose Traits.Needs begin
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
			panic("transform: a read that was checked compiles")
		}
		r.parts[i] = readPart{to: b.Build(k), row: NewView(at)}
		at += len(b.Traits.Needs)
	}
	return r
}

// Source is the source value of u.Reads[i].
func (r *Reading) Source(row transform.Row, i int) transform.Cell { return row.Cell(i) }

// Treated appends what u.Reads[i] becomes. null says that it is NULL; then nothing was appended.
func (r *Reading) Treated(dst []byte, row transform.Row, i int) (out []byte, null bool, err error) {
	p := &r.parts[i]
	return p.to.Append(dst, row.Cell(i), p.row.Of(row))
}

// DisclosureOf is what looking at the column shows of it.
func DisclosureOf(by Planner, r *transform.Read) transform.Disclosure {
	if r.Use == nil {
		return transform.Unchanged
	}
	b, err := by.Plan(r.Column(), *r.Use)
	if err != nil {
		return transform.Unchanged // prepare has refused it
	}
	return b.Traits.Discloses
}
