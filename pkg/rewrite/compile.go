package rewrite

import (
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform/library"
	"github.com/masker-project/masker/pkg/wire"
)

// Compile returns the Row of a layout. It returns an error if a treatment cannot be compiled, or if COPY binary needs a
// codec that does not exist.
func Compile(l *Layout, o Options) (*Row, error) {
	if o.MaxRow <= 0 {
		o.MaxRow = DefaultMaxRow
	}
	r := &Row{format: l.Format, maxRow: o.MaxRow, written: len(l.Columns), extras: len(l.Extras) > 0}
	c := &compiler{layout: l, keys: newKeys(o), row: r, slots: map[int]int{}}
	if err := c.watch(o.Watcher); err != nil {
		return nil, err
	}
	for at := range l.Columns {
		if l.Columns[at].Keeps() {
			continue
		}
		if err := c.column(at); err != nil {
			return nil, err
		}
	}
	r.prefetched = c.keys.prefetched
	last := -1
	for _, s := range r.sources {
		last = max(last, s.at)
	}
	if r.extras || r.watch != nil {
		last = max(last, r.written-1) // endRow and tell need all written columns
	}
	r.split = wire.NewSplitter(l.Format, l.width(), last+1)
	r.spans = make([]wire.Span, last+1)
	return r, nil
}

// compiler is the state of one Compile.
type compiler struct {
	layout *Layout
	keys   *keys
	row    *Row
	slots  map[int]int // index of a column in the row → its index in Row.sources
}

// slot returns a column's index in Row.sources. On the first call for a column, slot adds the column.
func (c *compiler) slot(at int) (int, error) {
	if i, ok := c.slots[at]; ok {
		return i, nil
	}
	l := c.layout
	codec, ok := codecOf(l.typeAt(at))
	if !ok && l.Format == wire.Binary {
		return 0, fmt.Errorf("%s: no codec for type %s in COPY binary", l.Table, l.typeAt(at).Name)
	}
	i := len(c.row.sources)
	c.slots[at] = i
	c.row.sources = append(c.row.sources, source{at: at, codec: codec})
	return i, nil
}

// column adds a treated column to the Row.
func (c *compiler) column(at int) error {
	before := len(c.keys.prefetched)
	cell, err := c.cell(at)
	if err != nil {
		return err
	}
	for _, p := range c.keys.prefetched[before:] {
		p.column, cell.prefetches = cell.column, true
	}
	c.row.cells = append(c.row.cells, cell)
	return nil
}

func (c *compiler) cell(at int) (treated, error) {
	l := c.layout
	col := l.Columns[at]
	where := l.Table.String() + "." + catalog.Quote(col.Name)
	to, err := library.Compile(col.Target(l.Table), c.watched(at), c.keys)
	if err != nil {
		return treated{}, fmt.Errorf("%s: %s: %w", where, col.Use.Treatment, err)
	}
	t := treated{at: at, to: to, column: col.Name, treatment: col.Use.Treatment, needs: siblings{r: c.row}}
	if t.source, err = c.slot(at); err != nil {
		return treated{}, err
	}
	t.codec, _ = codecOf(col.Type)
	for _, name := range col.Needs {
		sibling := l.index(name)
		if sibling < 0 {
			return treated{}, fmt.Errorf("%s: %s needs column %s, which is not read", where, col.Use.Treatment, name)
		}
		i, err := c.slot(sibling)
		if err != nil {
			return treated{}, err
		}
		t.needs.sources = append(t.needs.sources, i)
	}
	return t, nil
}
