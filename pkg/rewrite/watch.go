package rewrite

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/wire"
)

// Watcher sees the rows of a Row. For each row, it first sees the treated values with their results, then the kept
// cells, then the end of the row. It runs in the goroutine that treats the rows. It gets only final results, except
// for a text that is not JSON and is redacted: it then also gets the values that could be read. If a row cannot be
// treated, the Watcher may have seen a part of the row. It does not get cells that a condition keeps, because
// the column of such a cell counts as treated.
type Watcher interface {
	// Leaf returns the transform.Leaf that gets the values of a place, or nil. Compile calls it once for each place of
	// each treated column. The argument column is an index in Layout.Columns.
	Leaf(column int, at transform.Place) transform.Leaf
	// Control returns the Control that gets values of a kept column, or nil. Compile calls it once for each kept
	// column that a Row can decode.
	Control(column int) Control
	// Compares reports whether Kept gets the cells of a kept column. Compile calls it once for each kept column.
	Compares(column int) bool
	// Kept is called for each run of kept cells that are compared and are in neighbouring columns,
	// in the order of the columns. It gets the bytes of COPY: in binary with the length words, in
	// text with the tabs between the cells. A run does not include the row's header, its line end,
	// or a tab before or after the run. The slice is valid during the call only.
	Kept(run []byte)
	// Row ends a row. The argument subject is the canonical text of the column Layout.Subject. Two subjects are equal
	// if their canonical texts are equal, even if their columns have different types. The argument is nil if the layout
	// has no subject, or if the column is NULL. The slice is valid during the call only.
	Row(subject []byte)
}

// Control sees some values of a kept column. Only these are decoded.
type Control interface {
	// Wanted reports whether the Control sees the value of the current row.
	Wanted() bool
	// See gets the value as PostgreSQL prints it. It is not called for NULL. The slice is valid during the call only.
	See(value []byte)
}

// watching is the state of a Row with a Watcher.
type watching struct {
	watcher   Watcher
	runs      []run         // the kept columns that Kept gets
	controls  []control     // the Controls of kept columns
	subject   int           // index of the subject in Row.sources; -1 if there is none
	name      string        // name of the subject's column, for errors
	typ       *catalog.Type // type of the subject's column
	canonical []byte        // scratch memory
	muted     bool          // the treatments run to collect values, so their results are not final
}

// run is a range of neighbouring columns, both included.
type run struct{ first, last int }

// control is a kept column with its Control.
type control struct {
	Control
	source int // index of the column in Row.sources
	name   string
}

// gate is the Leaf that treatments get. It passes on no result of a value that was only collected for a program.
type gate struct {
	watch *watching
	leaf  transform.Leaf
}

func (g *gate) See(before, after []byte) {
	if !g.watch.muted {
		g.leaf.See(before, after)
	}
}

// watch prepares the Row for a Watcher.
func (c *compiler) watch(w Watcher) error {
	if w == nil {
		return nil
	}
	l, s := c.layout, &watching{watcher: w, subject: -1}
	c.row.watch = s
	for at := range l.Columns {
		switch n := len(s.runs); {
		case !l.Columns[at].Keeps() || !w.Compares(at):
		case n > 0 && s.runs[n-1].last == at-1:
			s.runs[n-1].last = at
		default:
			s.runs = append(s.runs, run{at, at})
		}
		if l.Columns[at].Keeps() {
			if err := c.control(at); err != nil {
				return err
			}
		}
		if l.Columns[at].Name != l.Subject {
			continue
		}
		var err error
		if s.subject, err = c.slot(at); err != nil {
			return err
		}
		s.name, s.typ = l.Subject, &l.Columns[at].Type
	}
	return nil
}

// control asks the Watcher for a Control of a kept column.
func (c *compiler) control(at int) error {
	col, s := &c.layout.Columns[at], c.row.watch
	if _, ok := codecOf(col.Type); !ok && c.layout.Format == wire.Binary {
		return nil
	}
	to := s.watcher.Control(at)
	if to == nil {
		return nil
	}
	source, err := c.slot(at)
	s.controls = append(s.controls, control{to, source, col.Name})
	return err
}

// watched returns the use of a column with the Watcher's leaves.
func (c *compiler) watched(at int) transform.Use {
	u, s := c.layout.Columns[at].Use, c.row.watch
	if s == nil {
		return u
	}
	return library.Watched(u, func(place transform.Place) transform.Leaf {
		if leaf := s.watcher.Leaf(at, place); leaf != nil {
			return &gate{s, leaf}
		}
		return nil
	})
}

// tell tells the Watcher the kept cells and the end of the current row.
func (r *Row) tell() error {
	s := r.watch
	for _, kept := range s.runs {
		from, to := r.spans[kept.first].Lead, r.spans[kept.last].End
		s.watcher.Kept(r.row[from:to:to])
	}
	for i := range s.controls {
		c := &s.controls[i]
		if !c.Wanted() {
			continue
		}
		cell, err := r.decode(c.source)
		if err != nil {
			return &RowError{Row: r.number, Column: c.name, Err: err}
		}
		if !cell.Null {
			c.See(cell.Bytes())
		}
	}
	return r.tellSubject()
}

// tellSubject tells the Watcher the end of the current row, with the row's subject.
func (r *Row) tellSubject() error {
	s := r.watch
	if s.subject < 0 {
		s.watcher.Row(nil)
		return nil
	}
	subject, err := r.decode(s.subject)
	if err != nil {
		return &RowError{Row: r.number, Column: s.name, Err: err}
	}
	if subject.Null {
		s.watcher.Row(nil)
		return nil
	}
	s.canonical = library.AppendCanonical(s.canonical[:0], s.typ, subject.Text)
	if s.canonical == nil {
		s.canonical = []byte{} // an empty subject is not NULL
	}
	s.watcher.Row(s.canonical)
	return nil
}

// countWatched does the same as Count, and tells the Watcher each row.
func (r *Row) countWatched(block []byte) error {
	for len(block) > 0 {
		r.number++
		n, err := r.split.Split(r.spans, block)
		if err != nil {
			return &RowError{Row: r.number, Err: err}
		}
		if n > r.maxRow {
			return &RowError{Row: r.number, Err: ErrTooLarge}
		}
		r.row, block, r.text = block[:n:n], block[n:], r.text[:0]
		if err := r.tell(); err != nil {
			return err
		}
	}
	r.shrink()
	return nil
}
