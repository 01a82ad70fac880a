package rewrite

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/wire"
)

// firstUserOID is the first OID of objects that users create (FirstNormalObjectId). Types below it are PostgreSQL's
// own.
const firstUserOID = 16384

// Layout describes the rows of a table and the treatment of each column.
type Layout struct {
	Table   catalog.Name  // the table whose decisions apply: for a partition, its root
	Columns []plan.Column // columns that are read and written, in the order of the row
	Subject string        // name of the column with the person whom a row is about; "" for none
	Extras  []Extra       // columns of referenced rows; they follow Columns in the row, and are read but not written
	Format  wire.Format
}

// Extra is a column of a referenced row.
type Extra struct {
	catalog.Extra
	Type catalog.Type
}

// NewLayout returns the layout of a table or partition under the plan's decisions. It returns an error for a column
// without a decision, and for a treatment that needs a column that cannot be read. The format is binary if every type
// supports it and every decoded column has a codec. If the argument text is true, the format is always text.
func NewLayout(leaf *catalog.Table, decision *plan.Table, db *catalog.Database, text bool) (*Layout, error) {
	l := &Layout{Table: decision.Name, Subject: decision.Subject}
	for _, c := range leaf.Columns {
		if c.Generated {
			continue
		}
		d, err := decided(leaf, decision, c)
		if err != nil {
			return nil, err
		}
		l.Columns = append(l.Columns, d)
	}
	if leaf.Root != nil {
		l.sort(decision)
	}
	if err := l.addExtras(leaf.Name, decision, db); err != nil {
		return nil, err
	}
	if err := l.check(leaf.Name); err != nil {
		return nil, err
	}
	if !text && l.binary() {
		l.Format = wire.Binary
	}
	return l, nil
}

// sort brings the columns of a partition into the order of its root's columns. All partitions of a table then have rows
// of one form.
func (l *Layout) sort(decision *plan.Table) {
	at := make(map[string]int, len(decision.Columns))
	for i := range decision.Columns {
		at[decision.Columns[i].Name] = i
	}
	slices.SortStableFunc(l.Columns, func(a, b plan.Column) int { return at[a.Name] - at[b.Name] })
}

// Names lists the columns that are read and written. The list may be empty.
func (l *Layout) Names() []string {
	names := make([]string, len(l.Columns))
	for i, c := range l.Columns {
		names[i] = c.Name
	}
	return names
}

// Treated returns the number of columns that are not kept.
func (l *Layout) Treated() int {
	n := 0
	for _, c := range l.Columns {
		if !c.Keeps() {
			n++
		}
	}
	return n
}

// index returns the index in the row of the column that a treatment needs. It returns -1 if the column is not read.
func (l *Layout) index(need string) int {
	parts, err := catalog.ParseIdents(need)
	if err != nil {
		return -1
	}
	if len(parts) == 1 {
		return slices.IndexFunc(l.Columns, func(c plan.Column) bool { return c.Name == parts[0] })
	}
	want := extraOf(parts)
	i := slices.IndexFunc(l.Extras, func(e Extra) bool { return e.Extra == want })
	if i < 0 {
		return -1
	}
	return len(l.Columns) + i
}

// typeAt returns the type of the column at an index of the row.
func (l *Layout) typeAt(at int) catalog.Type {
	if at < len(l.Columns) {
		return l.Columns[at].Type
	}
	return l.Extras[at-len(l.Columns)].Type
}

// width returns the number of columns that are read.
func (l *Layout) width() int { return len(l.Columns) + len(l.Extras) }

// extraOf returns the column of a referenced row that a treatment needs. The argument parts is the column's path, split
// at its dots.
func extraOf(parts []string) catalog.Extra {
	path := make([]string, len(parts)-1)
	for i := range path {
		path[i] = catalog.Quote(parts[i])
	}
	return catalog.Extra{Path: strings.Join(path, "."), Column: parts[len(parts)-1]}
}

// decided returns the plan's column with the catalog's type, because a plan that was read from a file has no OIDs. It
// keeps facts that only the plan has: the limits from CHECK constraints and partitions, the field Inward of the type,
// and whether a reference ignores trailing blanks.
func decided(t *catalog.Table, decision *plan.Table, c catalog.Column) (plan.Column, error) {
	i := slices.IndexFunc(decision.Columns, func(d plan.Column) bool { return d.Name == c.Name })
	if i < 0 || decision.Columns[i].Use.Treatment == "" {
		return plan.Column{}, fmt.Errorf("%s.%s: the plan has no decision on this column; build the plan again", t.Name, catalog.Quote(c.Name))
	}
	d := decision.Columns[i]
	typ := c.Type
	typ.Least, typ.Most, typ.First, typ.Last, typ.Inward = d.Type.Least, d.Type.Most, d.Type.First, d.Type.Last, d.Type.Inward
	typ.MaxLen, typ.MinLen, typ.MaxBytes, typ.Padded = d.Type.MaxLen, d.Type.MinLen, d.Type.MaxBytes, d.Type.Padded
	d.Type, d.NotNull = typ, c.NotNull
	return d, nil
}

// addExtras finds the columns of referenced rows that treatments need.
func (l *Layout) addExtras(leaf catalog.Name, decision *plan.Table, db *catalog.Database) error {
	for _, c := range l.Columns {
		for _, need := range c.Needs {
			parts, err := catalog.ParseIdents(need)
			if err != nil || len(parts) < 2 || l.index(need) >= 0 {
				continue // check reports the error
			}
			e := extraOf(parts)
			i := slices.IndexFunc(decision.Joins, func(j catalog.Join) bool { return j.Path == e.Path })
			if i < 0 {
				return fmt.Errorf("%s.%s: the plan has no join that reaches %s; build the plan again", leaf, catalog.Quote(c.Name), need)
			}
			parent := db.Table(decision.Joins[i].Parent)
			if parent == nil || parent.Column(e.Column) == nil || parent.Column(e.Column).Generated {
				return fmt.Errorf("%s.%s: column %s does not exist or is generated; build the plan again", leaf, catalog.Quote(c.Name), need)
			}
			l.Extras = append(l.Extras, Extra{e, parent.Column(e.Column).Type})
		}
	}
	return nil
}

func (l *Layout) check(leaf catalog.Name) error {
	for _, c := range l.Columns {
		for _, name := range c.Needs {
			if l.index(name) < 0 {
				return fmt.Errorf("%s.%s: %s needs column %s, which COPY does not read: the column is generated or does not exist",
					leaf, catalog.Quote(c.Name), c.Use.Treatment, name)
			}
		}
	}
	return nil
}

// binary reports whether COPY binary is possible: every type supports it, and every decoded column has a codec. The
// subject counts as decoded, because a Watcher gets it. A table without columns uses text: each row is an empty line,
// and COPY FROM accepts it.
func (l *Layout) binary() bool {
	if len(l.Columns) == 0 {
		return false
	}
	if slices.ContainsFunc(l.Extras, func(e Extra) bool { return !e.Type.Binary }) {
		return false
	}
	for _, c := range l.Columns {
		if !c.Type.Binary {
			return false
		}
		if c.Keeps() && c.Name != l.Subject {
			continue
		}
		if _, ok := codecOf(c.Type); !ok {
			return false
		}
		for _, name := range c.Needs {
			if _, ok := codecOf(l.typeAt(l.index(name))); !ok {
				return false
			}
		}
	}
	return true
}

func codecOf(t catalog.Type) (wire.Codec, bool) {
	enum := t.Family == catalog.Enum
	if !enum && t.BaseOID >= firstUserOID && t.Base != "citext" {
		return wire.Codec{}, false // a user's type with the name of a PostgreSQL type
	}
	return wire.CodecFor(t.Base, enum)
}
