package refresh

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/wire"
)

// keep is the treatment that copies a cell's bytes.
const keep = "keep"

// firstUserOID is the first OID of what users make (FirstNormalObjectId): below it a type's name is PostgreSQL's own.
const firstUserOID = 16384

// layout is what a compiled rewriter depends on. Partitions with the same columns in the same order share one.
type layout struct {
	table   catalog.Name  // whose decisions apply
	columns []plan.Column // those that are read and written, in the order of the row
	extras  []extra       // columns of referenced rows, behind them; read, not written
	format  wire.Format
}

// extra is a column of a row that the table's row references.
type extra struct {
	catalog.Extra
	typ catalog.Type
}

// position is where the row has the column that a treatment needs; -1 where it is not read.
func (l *layout) position(need string) int {
	parts, err := catalog.ParseIdents(need)
	if err != nil {
		return -1
	}
	if len(parts) == 1 {
		return slices.IndexFunc(l.columns, func(c plan.Column) bool { return c.Name == parts[0] })
	}
	want := extraOf(parts)
	i := slices.IndexFunc(l.extras, func(e extra) bool { return e.Extra == want })
	if i < 0 {
		return -1
	}
	return len(l.columns) + i
}

// typeAt is the type of the row's column at a position.
func (l *layout) typeAt(at int) catalog.Type {
	if at < len(l.columns) {
		return l.columns[at].Type
	}
	return l.extras[at-len(l.columns)].typ
}

// width is the number of columns that are read.
func (l *layout) width() int { return len(l.columns) + len(l.extras) }

// extraOf is the column of a referenced row that a need's parts name.
func extraOf(parts []string) catalog.Extra {
	path := make([]string, len(parts)-1)
	for i := range path {
		path[i] = catalog.Quote(parts[i])
	}
	return catalog.Extra{Path: strings.Join(path, "."), Column: parts[len(parts)-1]}
}

// treated counts the columns that are not kept.
func (l *layout) treated() int {
	n := 0
	for _, c := range l.columns {
		if !c.Keeps() {
			n++
		}
	}
	return n
}

// route is how one table's rows travel.
type route struct {
	leaf   *catalog.Table
	into   catalog.Name // the table that is loaded
	names  []string     // the columns, as read and as written
	joins  []catalog.Join
	layout *layout
}

func (r *route) want() catalog.Want {
	w := catalog.Want{Table: r.leaf.Name, Columns: r.names, Binary: r.layout.format == wire.Binary}
	if len(r.layout.extras) == 0 {
		return w
	}
	w.Joins = r.joins
	for _, e := range r.layout.extras {
		w.Extras = append(w.Extras, e.Extra)
	}
	return w
}

// routes decides for every table that holds rows: columns, format and where its rows go.
// A table or column without a decision is an error, never a copy.
func routes(p *plan.Plan, db *catalog.Database, text bool) (take []*route, skipped []catalog.Name, err error) {
	decisions := make(map[catalog.Name]*plan.Table, len(p.Tables))
	for i := range p.Tables {
		decisions[p.Tables[i].Name] = &p.Tables[i]
	}
	shared := map[string]*layout{}
	for _, t := range db.Tables {
		if t.Partitioned {
			continue
		}
		decision := decisions[t.Decider()]
		if decision == nil {
			return nil, nil, fmt.Errorf("%s: the plan has no decision on this table; build the plan again", t.Name)
		}
		if decision.Skip {
			skipped = append(skipped, t.Name)
			continue
		}
		r, err := newRoute(t, decision, db, text, shared)
		if err != nil {
			return nil, nil, err
		}
		take = append(take, r)
	}
	return take, skipped, nil
}

func newRoute(t *catalog.Table, decision *plan.Table, db *catalog.Database, text bool, shared map[string]*layout) (*route, error) {
	r := &route{leaf: t, names: []string{}, joins: decision.Joins}
	l := &layout{table: decision.Name}
	for _, c := range t.Columns {
		if c.Generated {
			continue
		}
		d, err := decided(t, decision, c)
		if err != nil {
			return nil, err
		}
		r.names = append(r.names, c.Name)
		l.columns = append(l.columns, d)
	}
	if err := l.addExtras(t.Name, decision, db); err != nil {
		return nil, err
	}
	if err := l.check(t.Name); err != nil {
		return nil, err
	}
	if !text && l.binary() {
		l.format = wire.Binary
	}
	r.into = destination(t, db, decision)
	key := fmt.Sprintf("%s %s %q", l.table, l.format, strings.Join(r.names, "\x00"))
	if shared[key] == nil {
		shared[key] = l
	}
	r.layout = shared[key]
	return r, nil
}

// decided is the plan's column with the type as the catalog has it: a plan read from a file knows no OIDs.
func decided(t *catalog.Table, decision *plan.Table, c catalog.Column) (plan.Column, error) {
	i := slices.IndexFunc(decision.Columns, func(d plan.Column) bool { return d.Name == c.Name })
	if i < 0 || decision.Columns[i].Use.Treatment == "" {
		return plan.Column{}, fmt.Errorf("%s.%s: the plan has no decision on this column; build the plan again", t.Name, catalog.Quote(c.Name))
	}
	d := decision.Columns[i]
	d.Type, d.NotNull = c.Type, c.NotNull
	return d, nil
}

// addExtras finds the columns of referenced rows that treatments need.
func (l *layout) addExtras(leaf catalog.Name, decision *plan.Table, db *catalog.Database) error {
	for _, c := range l.columns {
		for _, need := range c.Needs {
			parts, err := catalog.ParseIdents(need)
			if err != nil || len(parts) < 2 || l.position(need) >= 0 {
				continue // check refuses what is wrong
			}
			e := extraOf(parts)
			i := slices.IndexFunc(decision.Joins, func(j catalog.Join) bool { return j.Path == e.Path })
			if i < 0 {
				return fmt.Errorf("%s.%s: the plan does not say how to reach %s; build the plan again", leaf, catalog.Quote(c.Name), need)
			}
			parent := db.Table(decision.Joins[i].Parent)
			if parent == nil || parent.Column(e.Column) == nil || parent.Column(e.Column).Generated {
				return fmt.Errorf("%s.%s: there is no column %s to read; build the plan again", leaf, catalog.Quote(c.Name), need)
			}
			l.extras = append(l.extras, extra{e, parent.Column(e.Column).Type})
		}
	}
	return nil
}

func (l *layout) check(leaf catalog.Name) error {
	for _, c := range l.columns {
		for _, name := range c.Needs {
			if l.position(name) < 0 {
				return fmt.Errorf("%s.%s: %s needs column %s, which COPY does not read (it is generated, or not there)",
					leaf, catalog.Quote(c.Name), c.Use.Treatment, name)
			}
		}
	}
	return nil
}

// binary says whether COPY binary serves: every type travels in it, and what is decoded has a codec.
// Rows without columns go as text: COPY FROM takes them as empty lines.
func (l *layout) binary() bool {
	if len(l.columns) == 0 {
		return false
	}
	if slices.ContainsFunc(l.extras, func(e extra) bool { return !e.typ.Binary }) {
		return false
	}
	for _, c := range l.columns {
		if !c.Type.Binary {
			return false
		}
		if c.Keeps() {
			continue
		}
		if _, ok := codecOf(c.Type); !ok {
			return false
		}
		for _, name := range c.Needs {
			if _, ok := codecOf(l.typeAt(l.position(name))); !ok {
				return false
			}
		}
	}
	return true
}

func codecOf(t catalog.Type) (wire.Codec, bool) {
	enum := t.Family == catalog.Enum
	if !enum && t.BaseOID >= firstUserOID && t.Base != "citext" {
		return wire.Codec{}, false // somebody's own type that is named like PostgreSQL's
	}
	return wire.CodecFor(t.Base, enum)
}

// destination is the leaf itself, unless its rows may belong to another partition of the target:
// where a column of a partition key is treated, or hashed by an enum, whose hash is of an OID that the target chose anew.
func destination(leaf *catalog.Table, db *catalog.Database, decision *plan.Table) catalog.Name {
	if leaf.Root == nil {
		return leaf.Name
	}
	for at := leaf.PartitionOf; at != nil; {
		parent := db.Table(*at)
		if parent == nil || moves(parent, decision) {
			return *leaf.Root
		}
		at = parent.PartitionOf
	}
	return leaf.Name
}

func moves(parent *catalog.Table, decision *plan.Table) bool {
	for _, c := range decision.Columns {
		if !slices.Contains(parent.PartKey, c.Name) {
			continue
		}
		if !c.Generated && !c.Keeps() {
			return true
		}
		if parent.Strategy == "hash" && holdsEnum(c.Type) {
			return true
		}
	}
	return false
}

func holdsEnum(t catalog.Type) bool {
	return t.Family == catalog.Enum || t.Elem != nil && holdsEnum(*t.Elem) ||
		slices.ContainsFunc(t.Fields, func(f catalog.Field) bool { return holdsEnum(f.Type) })
}
