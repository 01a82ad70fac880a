package probe

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// Table says what is known of a table whose rows were loaded.
type Table struct {
	Columns []Column // in the order in which its rows were loaded
	Binary  bool     // its rows were loaded with COPY binary
}

// Column is a loaded column.
type Column struct {
	Name     string
	Kept     bool // its values are those of the source
	Compared bool // its bytes in COPY are those of the source; only a kept column can be compared
	Tellable bool // a report may quote its values
}

// reading says how a relation is read and looked at. All parts of the relation have the same reading.
type reading struct {
	relation *Relation
	root     catalog.Name // the table whose name is in reports
	table    Table        // has no columns if nothing is known of the relation
	columns  []string     // the columns of Want.Columns
	texts    []string
	binary   bool
	values   bool // values are looked up
	sums     bool // rows are counted and compared
}

// plan decides how a relation is read. The loaded columns come first, in the order in which they were loaded, so that
// the cells of a row can be compared. After them come the columns that the database has computed or that hooks have
// added. If known is false, nothing was loaded into the relation, and t has no columns.
func plan(r *Relation, t Table, known bool, o Options) *reading {
	root := r.Root
	if root == (catalog.Name{}) {
		root = r.Name
	}
	g := &reading{relation: r, root: root, table: t, binary: t.Binary, values: o.Values, sums: o.Sums && known}
	if !known {
		g.binary = len(r.Columns) > 0
	}
	for _, c := range t.Columns {
		column := r.column(c.Name)
		if column == nil { // a hook has dropped the column
			continue
		}
		g.columns = append(g.columns, c.Name)
		if g.values && g.binary && !decodes(column.Type) {
			g.texts = append(g.texts, c.Name)
		}
	}
	for _, c := range r.Columns {
		switch {
		case !g.values || slices.Contains(g.columns, c.Name):
		case g.binary && !decodes(c.Type):
			g.texts = append(g.texts, c.Name)
		default:
			g.columns = append(g.columns, c.Name)
		}
	}
	return g
}

func (r *Relation) column(name string) *catalog.Column {
	for i := range r.Columns {
		if r.Columns[i].Name == name {
			return &r.Columns[i]
		}
	}
	return nil
}

// decodes reports whether the decoders for COPY binary know a type.
func decodes(t catalog.Type) bool {
	_, ok := decoderFor(nobody{}, verify.Place{}, t, true)
	return ok && t.Binary
}

// nobody is a Prober that looks up nothing.
type nobody struct{ Prober }

func (nobody) Target(verify.Place) Target { return nothing{} }

type nothing struct{ Target }

func (nothing) Controlled() bool { return false }

// known returns what is known of a loaded column.
func (g *reading) known(name string) Column {
	i := slices.IndexFunc(g.table.Columns, func(c Column) bool { return c.Name == name })
	if i < 0 {
		return Column{}
	}
	return g.table.Columns[i]
}

// looker returns the looker for the rows of one part.
func (g *reading) looker(w Want, p Prober, d *detectors) *looker {
	width := len(g.columns) + len(g.texts)
	l := &looker{want: w, prober: p, table: g.root, spans: make([]span, width)}
	if g.sums {
		l.sum, l.runs = p.Sum(g.root), g.runs()
	}
	if !g.values {
		return l
	}
	key := g.key()
	for at, name := range slices.Concat(g.columns, g.texts) {
		text := at >= len(g.columns)
		if !text && slices.Contains(g.texts, name) {
			continue // the column comes again as a text, which is looked up
		}
		column, place := *g.relation.column(name), verify.Place{Table: g.root, Column: name}
		of := p
		if g.known(name).Kept {
			of = d.watch(p)
		}
		dec, _ := decoderFor(of, place, column.Type, g.binary && !text)
		s := probedColumn{at: at, column: column, label: catalog.Quote(name) + " = ", decoder: dec, long: longTarget(p, place, column.Type)}
		if _, skips := dec.(*skipped); skips {
			s.long = nil
		}
		if slices.Contains(key, name) {
			l.cells = slices.Insert(l.cells, l.keys, s)
			l.keys++
		} else {
			l.cells = append(l.cells, s)
		}
	}
	return l
}

// longTarget returns the Target for the pieces of a column's long values. A piece of a document does not show its path.
func longTarget(p Prober, column verify.Place, t catalog.Type) Target {
	switch t.Family {
	case catalog.JSON, catalog.Hstore, catalog.Composite:
		column.Path = verify.Unplaced
	}
	return p.Target(column)
}

// runs returns the neighbouring columns that are compared.
func (g *reading) runs() (list []run) {
	for at, name := range g.columns {
		if !g.known(name).Compared {
			continue
		}
		if n := len(list); n > 0 && list[n-1].last == at-1 {
			list[n-1].last = at
			continue
		}
		list = append(list, run{at, at})
	}
	return list
}

// key returns the columns of the primary key if a report may show their values. A report never shows a text, because a
// text in a key is often a name.
func (g *reading) key() []string {
	for _, name := range g.relation.Primary {
		c := g.relation.column(name)
		if c == nil || !g.known(name).Tellable || c.Type.Family != catalog.Integer && c.Type.Family != catalog.UUID {
			return nil
		}
	}
	return g.relation.Primary
}
