package transform

import (
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// rowEntries are the treatments that look at more of the row than the value.
func rowEntries() []entry { return []entry{{"expr", exprSpec}} }

// Read is another column that a use looks at: of the same row, or by foreign keys of a row it references.
// The plan resolves it, so that a use is complete in itself.
type Read struct {
	Name    string       `json:"name"` // "given_name"; "customer_id.given_name" of the row that customer_id references. Each part as SQL would write it
	Type    catalog.Type `json:"type"`
	NotNull bool         `json:"not_null,omitempty"`
	Unique  bool         `json:"unique,omitempty"`
	Use     *Use         `json:"use,omitempty"` // what that column becomes, where the result is wanted and not the source value
}

// Wanted is a column a use wants to look at, before the plan has resolved it to a Read.
type Wanted struct {
	Name    string // as Read's
	Treated bool   // what it becomes, not what it is
	Param   string // the parameter that names it, for errors
}

// ElseParam begins the Param of an error within a use's Else.
const ElseParam = "else: "

// Reads lists the columns a use looks at: those of its treatment, then those of its condition. The plan
// puts one Read into u.Reads for each, in this order. Nested uses (Else, Paths) are asked for themselves.
func Reads(u Use) ([]Wanted, error) {
	own, condition, err := reads(u)
	return append(own, condition...), err
}

func reads(u Use) (own, condition []Wanted, err error) {
	if spec, ok := find(u.Treatment); ok && spec.reads != nil {
		if own, err = spec.reads(u); err != nil {
			return nil, nil, err
		}
	}
	if u.When != "" {
		condition, err = conditionReads(u.When)
	}
	return own, condition, err
}

// resolved checks that the plan has put every wanted column into u.Reads, and that what each becomes can be made.
func resolved(u Use, wanted []Wanted) error {
	if len(wanted) != len(u.Reads) {
		return &ParamError{"treat", fmt.Sprintf("%s looks at %d other columns, %d of them are resolved", u.Treatment, len(wanted), len(u.Reads))}
	}
	for i, w := range wanted {
		r := u.Reads[i]
		if r.Name != w.Name || (r.Use != nil) != w.Treated {
			return &ParamError{w.Param, "the column " + w.Name + " is not resolved"}
		}
		if r.Use == nil {
			continue
		}
		if _, err := prepare(r.column(), *r.Use); err != nil {
			return &ParamError{w.Param, "the column " + w.Name + ": " + err.Error()}
		}
	}
	return nil
}

func (r *Read) column() Column {
	parts, err := catalog.ParseIdents(r.Name)
	if err != nil {
		parts = []string{r.Name}
	}
	return Column{Name: parts[len(parts)-1], Type: r.Type, NotNull: r.NotNull, Unique: r.Unique}
}

// readNeeds are the columns that u.Reads asks of the row: the reads themselves, then what their uses need,
// of parents by their path. A treatment that reads names them first in its Traits.Needs.
func readNeeds(by planner, u Use) []string {
	var needs []string
	for i := range u.Reads {
		needs = append(needs, u.Reads[i].Name)
	}
	for i := range u.Reads {
		if r := &u.Reads[i]; r.Use != nil {
			needs = append(needs, r.needs(by)...)
		}
	}
	return needs
}

// needs are what the read's use needs, seen from the row that reads.
func (r *Read) needs(by planner) []string {
	b, err := by.plan(r.column(), *r.Use)
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
	row view
}

// view shows a nested treatment the columns it asked for, which lie together in the row.
type view struct {
	row  Row
	from int
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
		b, err := by.plan(read.column(), *read.Use)
		if err != nil {
			panic("transform: a read that was checked compiles")
		}
		r.parts[i] = readPart{to: b.build(k), row: view{from: at}}
		at += len(b.traits.Needs)
	}
	return r
}

// source is the source value of u.Reads[i].
func (r *reading) source(row Row, i int) Cell { return row.Cell(i) }

// treated appends what u.Reads[i] becomes. null says that it is NULL; then nothing was appended.
func (r *reading) treated(dst []byte, row Row, i int) (out []byte, null bool, err error) {
	p := &r.parts[i]
	p.row.row = row
	return p.to.Append(dst, row.Cell(i), &p.row)
}
