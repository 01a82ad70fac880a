package transform

import (
	"slices"
)

// readNeeds are the columns that u.Reads asks of the row: the reads themselves, then what their uses need,
// of parents by their path. A treatment that reads names them first in its Traits.Needs.
func readNeeds(by planner, u Use) []string {
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
func needsOf(by planner, r *Read) []string {
	b, err := by.plan(r.Column(), *r.Use)
	if err != nil {
		return nil // prepare has refused it
	}
	path := parentPath(r.Name)
	needs := slices.Clone(b.traits.Needs)
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

// reading is compiled access to the columns of u.Reads. It belongs to one goroutine.
type reading struct{ parts []readPart }

// readPart is one column of a reading. Its position in the row is its index.
type readPart struct {
	to  Transform // what the column becomes; nil where only its source value is read
	row *view
}

// view shows a nested treatment the columns it asked for, which lie together in the row.
type view struct {
	row  Row
	from int
}

func newView(from int) *view { return &view{from: from} }

// of shows the columns in that row.
func (v *view) of(row Row) Row {
	v.row = row
	return v
}

func (v *view) Cell(i int) Cell { return v.row.Cell(v.from + i) }

// newReading compiles the access to u.Reads of a use that Check has accepted, and whose Traits.Needs begin
// with readNeeds.
func newReading(by planner, u Use, k Keys) *reading {
	r := &reading{parts: make([]readPart, len(u.Reads))}
	at := len(u.Reads)
	for i := range u.Reads {
		read := &u.Reads[i]
		if read.Use == nil {
			continue
		}
		b, err := by.plan(read.Column(), *read.Use)
		if err != nil {
			panic("transform: a read that was checked compiles")
		}
		r.parts[i] = readPart{to: b.build(k), row: newView(at)}
		at += len(b.traits.Needs)
	}
	return r
}

// source is the source value of u.Reads[i].
func (r *reading) source(row Row, i int) Cell { return row.Cell(i) }

// treated appends what u.Reads[i] becomes. null says that it is NULL; then nothing was appended.
func (r *reading) treated(dst []byte, row Row, i int) (out []byte, null bool, err error) {
	p := &r.parts[i]
	return p.to.Append(dst, row.Cell(i), p.row.of(row))
}

// disclosureOf is what looking at the column shows of it.
func disclosureOf(by planner, r *Read) Disclosure {
	if r.Use == nil {
		return Unchanged
	}
	b, err := by.plan(r.Column(), *r.Use)
	if err != nil {
		return Unchanged // prepare has refused it
	}
	return b.traits.Discloses
}
