package subset

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
)

// Row is one row of the source.
type Row struct {
	Table catalog.Name // the table that stores the row: an ordinary table or a partition
	At    catalog.Position
}

// Edge is a way by which rows come into the subset: a root, or a reference in one of its two directions.
type Edge struct {
	Root      string    // a description of the root; "" if the edge is a reference
	Reference Reference // the zero Reference if the edge is a root
	Down      bool      // the edge leads from parents to children

	Rows     int // number of rows that the edge brought first. A row that was in the subset before does not count
	Searches int // number of searches so far

	table, from *table
	search      catalog.Search
	chooses     bool  // the rows that the edge brings are chosen
	every       bool  // for an edge to children: the edge starts from needed rows too
	line        *Line // the line of the file from which the root is, or nil
	partial     bool  // for a root: it is an error if the root's condition matches every row
	found       int   // number of times that a search of the edge found a row
	indexed     bool  // an index finds the rows
}

// String describes the edge.
func (e *Edge) String() string {
	switch {
	case e.Root != "":
		return "root " + e.Root
	case e.Down:
		return "children by " + e.Reference.String()
	}
	return "parents by " + e.Reference.String()
}

// leaf is a table that stores rows itself: an ordinary table, or a partition.
type leaf struct {
	table        *table // the table itself, or the root of the partition
	name         catalog.Name
	rows, chosen catalog.Rows
	queues       []*queue // the queues of the edges that start from this table
}

// queue holds the rows of one leaf, a table that stores rows, from which the searches of an edge still have to start.
type queue struct {
	edge *Edge
	leaf *leaf
	rows catalog.Rows
	all  bool // the edge still has to start once from all rows of the table
}

// Selection finds the rows of a subset. Only one goroutine may use it.
type Selection struct {
	in      Input
	tables  map[catalog.Name]*table
	leaves  map[catalog.Name]*leaf
	order   []*leaf // in the order of the catalog
	more    More
	roots   []*Edge
	edges   []*Edge
	queues  []*queue
	current *Edge        // the edge of the current search
	from    catalog.Name // the table from which the current search starts
	batch   int
	origins map[Row]Origin // empty if Input.Pairs is false
}

// A search starts from at most batch rows. If no index finds the rows, every search reads a whole table. Then a search
// starts from up to wideBatch rows. This needs more memory, but fewer searches.
const (
	batch     = 10_000
	wideBatch = 1_000_000
)

// Find executes a search, and calls the function found for each row that the search finds. If the function returns an
// error, Find returns this error.
type Find func(search catalog.Search, found func(catalog.Found) error) error

// Run selects the rows. It returns an error if a root matches no row, if a root has only the setting Where and this
// condition matches every row, if a row of the subset references an excluded row, or if the lines of More select more
// rows than More.Limit. A line of More may match no row: Missing reports such lines. Run also returns the errors of
// find.
func (s *Selection) Run(find Find) error {
	for _, root := range s.roots {
		s.start(root, catalog.Name{})
		if err := find(root.search, s.add); err != nil {
			return root.named(err)
		}
		if err := root.checkRoot(find); err != nil {
			return err
		}
	}
	if err := s.checkMore(); err != nil {
		return err
	}
	for search, ok := s.next(); ok; search, ok = s.next() {
		if err := find(search, s.add); err != nil {
			return err
		}
	}
	return nil
}

// Start adds a row from which the selection begins. It is called before Run.
func (s *Selection) Start(r Row) error {
	l := s.leaves[r.Table]
	if l == nil {
		return fmt.Errorf("subset: no row of %s can be selected", r.Table)
	}
	if l.table.whole || !l.rows.Add(r.At) {
		return nil
	}
	l.chosen.Add(r.At)
	for _, q := range l.queues {
		q.rows.Add(r.At)
	}
	return nil
}

// checkRoot returns an error if a root matches no row, or if its condition matches every row. Both are usually
// mistakes. A user who wants the whole table can write all: true.
func (e *Edge) checkRoot(find Find) error {
	if e.line != nil {
		return nil // Missing reports such a root. A row that was deleted in the source should not end every run
	}
	if e.found == 0 {
		return fmt.Errorf("subset: root %s matches no row; change it, or remove it", e.Root)
	}
	if !e.partial {
		return nil
	}
	others := 0
	other := catalog.Search{Table: e.search.Table, Where: "(" + e.search.Where + ") IS NOT TRUE", Limit: 1}
	err := find(other, func(catalog.Found) error { others++; return nil })
	if err == nil && others == 0 {
		return fmt.Errorf("subset: root %s matches every row of the table; change the condition, or write all (in masker.yaml: all: true) if the subset needs the whole table", e.Root)
	}
	return err
}

// next returns the next search that starts from rows of the subset. It returns false if the subset is complete.
func (s *Selection) next() (catalog.Search, bool) {
	for _, indexed := range []bool{true, false} {
		for _, q := range s.queues {
			if q.edge.indexed == indexed && (q.all || q.rows.Len() > 0) {
				s.start(q.edge, q.leaf.name)
				return q.take(s.batch), true
			}
		}
	}
	return catalog.Search{}, false
}

func (s *Selection) start(e *Edge, from catalog.Name) {
	e.Searches++
	s.current, s.from = e, from
}

// take returns the search for the next rows of the queue.
func (q *queue) take(batch int) catalog.Search {
	search, from := q.edge.search, *q.edge.search.From
	from.Table = q.leaf.name
	switch {
	case q.all:
		q.all, from.All = false, true
	case q.edge.indexed:
		from.Rows = q.rows.Take(batch)
	default:
		from.Rows = q.rows.Take(wideBatch)
	}
	search.From = &from
	return search
}

// add adds a row that the current search found. It returns an error if the row must not be in the subset.
func (s *Selection) add(f catalog.Found) error {
	e := s.current
	e.found++
	l := s.leaves[f.Table]
	switch {
	case l == nil || l.table != e.table:
		return fmt.Errorf("subset: %s: the source found a row of %s", e, f.Table)
	case f.Excluded:
		return &ExcludedError{Table: e.table.cat.Name, Edge: e.String()}
	case l.table.whole:
		return nil
	}
	added := l.rows.Add(f.At)
	chosen := e.chooses && l.chosen.Add(f.At)
	if added {
		e.Rows++
		if s.in.Pairs {
			s.origins[Row{f.Table, f.At}] = Origin{Edge: e, From: Row{s.from, f.From}}
		}
	}
	for _, q := range l.queues {
		if chosen && q.edge.Down && !q.edge.every || added && (!q.edge.Down || q.edge.every) {
			q.rows.Add(f.At)
		}
	}
	return nil
}

// ExcludedError says that a row of the subset references a row that must not be in it.
type ExcludedError struct {
	Table catalog.Name
	Edge  string
}

func (e *ExcludedError) Error() string {
	return fmt.Sprintf("subset: a row of the subset references a row of %s that is excluded: %s; change exclude, or do not select the row that references it", e.Table, e.Edge)
}

// Rows returns the selected rows of a table that stores rows itself. It returns nil if the subset has the whole table.
func (s *Selection) Rows(name catalog.Name) *catalog.Rows {
	l := s.leaves[name]
	switch {
	case l == nil: // the rules skip the rows of this table
		return &catalog.Rows{}
	case l.table.whole:
		return nil
	}
	l.rows.Sort()
	return &l.rows
}

// Origin says why a row is in the subset.
type Origin struct {
	Edge *Edge
	From Row // the row from which the edge leads here; the zero Row if the edge is a root
}

// Chain returns why a row is in the subset. The first edge brought the row. Each further edge brought the row at which
// the edge before it starts. The last edge is a root, or leads from a row of Start or from a table that is in the
// subset as a whole. The chain is empty if no edge brought the row. Chain works only if Input.Pairs was true.
func (s *Selection) Chain(r Row) []Origin {
	var chain []Origin
	for {
		o, ok := s.origins[r]
		if !ok {
			return chain
		}
		chain, r = append(chain, o), o.From
	}
}

// Edges returns all edges that were searched: the roots, then the references in the order of the input.
func (s *Selection) Edges() []*Edge {
	list := append([]*Edge{}, s.roots...)
	for _, e := range s.edges {
		if e.Searches > 0 {
			list = append(list, e)
		}
	}
	return list
}
