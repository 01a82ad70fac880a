package subset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/catalog"
)

// Reference is one reference of the plan: columns of a child that hold the key of a parent.
type Reference struct {
	Name          string // for messages: the name of the constraint, or where the rules declare it
	Child         catalog.Name
	ChildColumns  []string
	By, Value     string // only children whose column By has this Value have the reference. If By is "", all children have it
	Parent        catalog.Name
	ParentColumns []string
	Period        bool // the last column of each list is a period. A child needs every parent whose period overlaps the child's period
}

// String names the reference.
func (r Reference) String() string {
	text := fmt.Sprintf("%s (%s) → %s (%s)", r.Child, quoted(r.ChildColumns), r.Parent, quoted(r.ParentColumns))
	if r.By != "" {
		text += fmt.Sprintf(" where %s is %q", catalog.Quote(r.By), r.Value)
	}
	return text
}

func quoted(columns []string) string { return strings.Join(catalog.QuoteAll(columns), ", ") }

// Input holds the data that are needed to resolve a definition.
type Input struct {
	Database   *catalog.Database
	References []Reference
	Skipped    func(catalog.Name) bool           // reports whether a table is copied without its rows
	Seed       func(catalog.Name) int64          // returns the seed for the sample of a table
	Indexed    func(catalog.Name, []string) bool // reports whether an index finds rows of the table by these columns
	Pairs      bool                              // the selection remembers for each row which row brought it
}

// table is an ordinary table, or a partitioned table with all its partitions.
type table struct {
	cat      *catalog.Table
	key      []string // the columns of a unique key that is never NULL. They order the rows. nil if the table has no such key
	whole    bool     // all rows of the table are in the subset
	chosen   bool     // all rows of the table are chosen
	excluded string   // an SQL condition for the rows that are excluded; "" for none
}

// New resolves a definition. If the definition does not fit the schema, the error names the part that does not fit.
func New(d Definition, in Input) (*Selection, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	s := empty(in)
	for _, step := range []func(Definition) error{s.addExclusions, s.addWhole, s.addRoots, s.addEdges} {
		if err := step(d); err != nil {
			return nil, fmt.Errorf("subset: %w", err)
		}
	}
	return s, nil
}

// Closure returns a selection without roots. Start adds the rows from which it begins. The selection brings the parents
// of these rows, and no children.
func Closure(in Input) (*Selection, error) {
	s := empty(in)
	if err := s.addEdges(Definition{}); err != nil {
		return nil, fmt.Errorf("subset: %w", err)
	}
	return s, nil
}

func empty(in Input) *Selection {
	s := &Selection{in: in, tables: map[catalog.Name]*table{}, leaves: map[catalog.Name]*leaf{}, origins: map[Row]Origin{}, batch: batch}
	s.addTables()
	return s
}

func (s *Selection) addTables() {
	for _, t := range s.in.Database.Tables {
		if s.in.Skipped(t.Decider()) {
			continue
		}
		root := t.Decider()
		if s.tables[root] == nil {
			cat := s.in.Database.Table(root)
			s.tables[root] = &table{cat: cat, key: KeyOf(cat), whole: cat.ExtMember != ""} // CREATE EXTENSION also puts rows into the tables of an extension
		}
		if !t.Partitioned {
			l := &leaf{table: s.tables[root], name: t.Name}
			s.leaves[t.Name] = l
			s.order = append(s.order, l)
		}
	}
}

// KeyOf returns the columns of the primary key. If there is none, it returns the columns of the first other key that
// identifies every row. It returns nil if the table has no such key.
func KeyOf(t *catalog.Table) []string {
	var best *catalog.Key
	for i, k := range t.Keys {
		whole := k.Predicate == "" && len(k.Members) == 0
		filled := !slices.ContainsFunc(k.Columns, func(c string) bool { col := t.Column(c); return col == nil || !col.NotNull })
		if whole && filled && (best == nil || k.Primary && !best.Primary) {
			best = &t.Keys[i]
		}
	}
	if best == nil {
		return nil
	}
	return best.Columns
}

// find returns a table that the definition names. The argument what names the part of the definition, for messages.
func (s *Selection) find(what string, name catalog.Name) (*table, error) {
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	t := s.in.Database.Table(name)
	switch {
	case t == nil:
		names := make([]string, len(s.in.Database.Tables))
		for i := range s.in.Database.Tables {
			names[i] = s.in.Database.Tables[i].Name.String()
		}
		return nil, fmt.Errorf("%s: there is no table %s in the source%s", what, name, spell.Mean(name.String(), names))
	case t.Root != nil:
		return nil, fmt.Errorf("%s: %s is a partition; name its root %s", what, name, *t.Root)
	}
	return nil, fmt.Errorf("%s: the rules skip the rows of %s", what, name)
}

func (s *Selection) addExclusions(d Definition) error {
	for _, e := range d.Exclude {
		t, err := s.find("exclude", e.Table)
		if err != nil {
			return err
		}
		condition := "true"
		if e.Where != "" {
			condition = e.Where
		}
		if t.excluded != "" {
			condition = "(" + t.excluded + ") OR (" + condition + ")"
		}
		t.excluded = condition
	}
	return nil
}

func (s *Selection) addWhole(d Definition) error {
	for _, r := range d.Roots {
		if !r.All {
			continue
		}
		t, err := s.find("root", r.Table)
		if err != nil {
			return err
		}
		t.whole, t.chosen = true, true
	}
	part := false
	for _, l := range s.order {
		if l.table.whole && l.table.excluded != "" {
			return fmt.Errorf("exclude: all rows of %s are in the subset, so none can be excluded; remove the root or the exclusion", l.table.cat.Name)
		}
		part = part || !l.table.whole
	}
	if !part {
		return fmt.Errorf("the roots are all tables as a whole; remove the subset to copy every row")
	}
	return nil
}

func (s *Selection) addRoots(d Definition) error {
	for _, r := range d.Roots {
		if err := s.addRoot(r, nil); err != nil {
			return err
		}
	}
	s.more = d.More
	if err := s.more.count(); err != nil {
		return err
	}
	for i, l := range s.more.Lines {
		if err := s.addRoot(l.Root, &s.more.Lines[i]); err != nil {
			return err
		}
	}
	return nil
}

// addRoot adds the edge of a root. The line is nil if the root is not from a file.
func (s *Selection) addRoot(r Root, line *Line) error {
	what := "root"
	if line != nil {
		what = "more: " + line.At
	}
	t, err := s.find(what, r.Table)
	if err != nil {
		return err
	}
	if r.All || t.whole {
		return nil
	}
	if len(t.key) == 0 && (r.Percent > 0 || r.Limit > 0) {
		return fmt.Errorf("%s %s: percent and limit need a key that identifies each row, and this table has none; use where", what, r.Table)
	}
	if r.Column != "" {
		if err := r.fits(t.cat); err != nil {
			return fmt.Errorf("%s %s: %w", what, r.Table, err)
		}
	}
	e := &Edge{Root: r.String(), table: t, chooses: true, partial: r.Where != "" && r.Percent == 0 && r.Limit == 0, line: line}
	e.search = catalog.Search{Table: r.Table, Where: r.condition(), Excluded: t.excluded, Limit: r.Limit}
	if r.Limit > 0 {
		e.search.Order = t.key
	}
	if r.Percent > 0 {
		e.search.Sample = catalog.Sample{Columns: t.key, Percent: r.Percent, Seed: s.in.Seed(r.Table)}
	}
	if line != nil {
		e.Root += " (" + line.At + ")"
	}
	s.roots = append(s.roots, e)
	return nil
}

// condition returns the SQL condition for the rows of the root, or "" if there is no condition.
func (r Root) condition() string {
	if r.Column == "" {
		return r.Where
	}
	return among(r.Column, r.Values)
}

// among returns the SQL condition that is true if a column has one of the values.
func among(column string, values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = catalog.Literal(v)
	}
	return catalog.Quote(column) + " IN (" + strings.Join(list, ", ") + ")"
}

// addEdges makes the edges: from children to parents for each reference, and from parents to children for each
// reference that a rule names.
func (s *Selection) addEdges(d Definition) error {
	used := make([]bool, len(d.Children))
	for _, r := range s.in.References {
		child, parent := s.tables[r.Child], s.tables[r.Parent]
		if child == nil || parent == nil {
			continue // one of the two tables is copied without its rows. The plan checks references to such tables
		}
		if !parent.whole {
			s.addEdge(&Edge{Reference: r, table: parent, from: child, search: catalog.Search{
				Table: r.Parent, Columns: r.ParentColumns, Excluded: parent.excluded, Tell: parent.excluded != "",
				Overlap: r.Period,
				From:    &catalog.From{Columns: r.ChildColumns, Is: catalog.Is{Column: r.By, Value: r.Value}, Pairs: s.in.Pairs},
			}})
		}
		rule := ruleFor(d.Children, r)
		if rule < 0 {
			continue
		}
		used[rule] = true
		c := d.Children[rule]
		if c.Limit > 0 && len(child.key) == 0 {
			return fmt.Errorf("children %s: limit needs a key that identifies each row, and this table has none; remove the limit", r.Child)
		}
		if child.whole {
			continue
		}
		search := catalog.Search{
			Table: r.Child, Columns: r.ChildColumns, Is: catalog.Is{Column: r.By, Value: r.Value}, Excluded: child.excluded, Limit: c.Limit,
			Overlap: r.Period, From: &catalog.From{Columns: r.ParentColumns, Pairs: s.in.Pairs},
		}
		if c.Limit > 0 {
			search.Order = child.key
		}
		s.addEdge(&Edge{Reference: r, Down: true, table: child, from: parent, search: search, chooses: true, every: c.Every})
	}
	for i, c := range d.Children {
		if !used[i] {
			return fmt.Errorf("children %s: no reference of the plan fits this rule, or another rule names it first", c)
		}
	}
	return nil
}

// ruleFor returns the index of the rule for the children of a reference, or -1 if no rule fits. If several rules fit, a
// rule that names the columns wins over a rule that names only the table. A rule that names the table wins over a rule
// for every table.
func ruleFor(rules []Children, r Reference) int {
	best, rank := -1, 0
	for i, c := range rules {
		n := 0
		switch {
		case c.Table == r.Child && slices.Equal(c.Via, r.ChildColumns):
			n = 3
		case c.Table == r.Child && len(c.Via) == 0:
			n = 2
		case c.Table == (catalog.Name{}):
			n = 1
		}
		if n > rank {
			best, rank = i, n
		}
	}
	return best
}

// addEdge adds an edge. The edge gets one queue for each table that stores rows of e.from: for e.from itself, or for
// each of its partitions.
func (s *Selection) addEdge(e *Edge) {
	e.indexed = s.in.Indexed(e.search.Table, e.search.Columns)
	s.edges = append(s.edges, e)
	for _, l := range s.order {
		if l.table != e.from {
			continue
		}
		q := &queue{edge: e, leaf: l, all: l.table.whole && (!e.Down || e.every || l.table.chosen)}
		l.queues = append(l.queues, q)
		s.queues = append(s.queues, q)
	}
}
