package subset

import (
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Reference is one reference of the plan: columns of a child that hold the key of a parent.
type Reference struct {
	Name          string // for messages: the name of the constraint, or where the rules declare it
	Child         catalog.Name
	ChildColumns  []string
	By, Value     string // the reference holds only for children whose column By has this value
	Parent        catalog.Name
	ParentColumns []string
	Period        bool // the last columns are periods. A child needs every parent whose period overlaps its own
}

// String names the reference.
func (r Reference) String() string {
	text := fmt.Sprintf("%s (%s) → %s (%s)", r.Child, quoted(r.ChildColumns), r.Parent, quoted(r.ParentColumns))
	if r.By != "" {
		text += fmt.Sprintf(" where %s is %q", catalog.Quote(r.By), r.Value)
	}
	return text
}

func quoted(columns []string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = catalog.Quote(c)
	}
	return strings.Join(list, ", ")
}

// Input is what a definition is resolved against.
type Input struct {
	Database   *catalog.Database
	References []Reference
	Skipped    func(catalog.Name) bool           // tables that are copied without their rows
	Seed       func(catalog.Name) int64          // of the sample of a table
	Indexed    func(catalog.Name, []string) bool // an index finds rows of the table by these columns
	Pairs      bool                              // remember for each row which row brought it
}

// table is an ordinary table, or a partitioned table with all its partitions.
type table struct {
	cat      *catalog.Table
	key      []string // columns that order the rows; nil if no unique key has only columns that are never NULL
	whole    bool     // all its rows are in the subset
	chosen   bool     // all its rows are chosen
	excluded string   // condition; "" for none
}

// New resolves a definition. Its errors name what does not fit the schema.
func New(d Definition, in Input) (*Selection, error) {
	if err := d.Check(); err != nil {
		return nil, err
	}
	s := &Selection{in: in, tables: map[catalog.Name]*table{}, leaves: map[catalog.Name]*leaf{}, origins: map[Row]Origin{}, batch: batch}
	s.addTables()
	for _, step := range []func(Definition) error{s.addExclusions, s.addWhole, s.addRoots, s.addEdges} {
		if err := step(d); err != nil {
			return nil, fmt.Errorf("subset: %w", err)
		}
	}
	return s, nil
}

func (s *Selection) addTables() {
	for _, t := range s.in.Database.Tables {
		if s.in.Skipped(t.Decider()) {
			continue
		}
		root := t.Decider()
		if s.tables[root] == nil {
			cat := s.in.Database.Table(root)
			s.tables[root] = &table{cat: cat, key: keyOf(cat), whole: cat.ExtMember != ""} // CREATE EXTENSION makes rows of its own
		}
		if !t.Partitioned {
			l := &leaf{table: s.tables[root], name: t.Name}
			s.leaves[t.Name] = l
			s.order = append(s.order, l)
		}
	}
}

// keyOf returns the columns of the primary key, or of the first other key that identifies every row.
func keyOf(t *catalog.Table) []string {
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

// find returns a table that the definition names.
func (s *Selection) find(what string, name catalog.Name) (*table, error) {
	if t := s.tables[name]; t != nil {
		return t, nil
	}
	t := s.in.Database.Table(name)
	switch {
	case t == nil:
		return nil, fmt.Errorf("%s: there is no table %s in the source", what, name)
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
		t, err := s.find("root", r.Table)
		if err != nil {
			return err
		}
		if r.All || t.whole {
			continue
		}
		if len(t.key) == 0 && (r.Percent > 0 || r.Limit > 0) {
			return fmt.Errorf("root %s: percent and limit need a key that identifies each row, and this table has none; use where", r.Table)
		}
		if r.Column != "" && t.cat.Column(r.Column) == nil {
			return fmt.Errorf("root %s: there is no column %s", r.Table, catalog.Quote(r.Column))
		}
		search := catalog.Search{Table: r.Table, Where: r.condition(), Excluded: t.excluded, Limit: r.Limit}
		if r.Limit > 0 {
			search.Order = t.key
		}
		if r.Percent > 0 {
			search.Sample = catalog.Sample{Columns: t.key, Percent: r.Percent, Seed: s.in.Seed(r.Table)}
		}
		s.roots = append(s.roots, &Edge{Root: r.String(), table: t, search: search, chooses: true, partial: r.Where != "" && r.Percent == 0 && r.Limit == 0})
	}
	return nil
}

// condition returns the condition for the rows of the root, as SQL. It is "" if there is none.
func (r Root) condition() string {
	if r.Column == "" {
		return r.Where
	}
	return among(r.Column, r.Values)
}

// among returns the condition that a column has one of some values.
func among(column string, values []string) string {
	list := make([]string, len(values))
	for i, v := range values {
		list[i] = catalog.Literal(v)
	}
	return catalog.Quote(column) + " IN (" + strings.Join(list, ", ") + ")"
}

// addEdges makes the edges: from children to parents for each reference, and from parents to children for each reference
// that a rule names.
func (s *Selection) addEdges(d Definition) error {
	used := make([]bool, len(d.Children))
	for _, r := range s.in.References {
		child, parent := s.tables[r.Child], s.tables[r.Parent]
		if child == nil || parent == nil {
			continue // one of them is copied without its rows; the plan has checked what that means
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

// ruleFor returns the index of the rule for the children of a reference. A rule that names columns comes before a rule that
// names the table, and that one before a rule for every table. It returns -1 if there is none.
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

// addEdge adds an edge, which starts from each table that stores rows of e.from.
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
