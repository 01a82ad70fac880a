package verification

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/probe"
	"github.com/masker-project/masker/pkg/wire"
)

// watcher passes what a worker sees on to a Collector. It belongs to the worker's goroutine.
type watcher struct {
	*verify.Collector
	of     *verification
	layout *rewrite.Layout
	values bool // values are collected, and not only the sums of rows
}

func newWatcher(v *verification, l *rewrite.Layout) *watcher {
	w := &watcher{Collector: v.collection.Collector(l.Table), of: v, layout: l, values: v.Level == guard.VerifyStrict}
	for i := range l.Columns {
		if l.Columns[i].Keeps() {
			w.Control(i) // tells the collector that the column is kept, even if the refresh cannot decode its values
		}
	}
	return w
}

// Leaf implements rewrite.Watcher.
func (w *watcher) Leaf(column int, at transform.Place) transform.Leaf {
	if !w.values {
		return nil
	}
	return w.Collector.Leaf(w.source(&w.layout.Columns[column], at))
}

// Control implements rewrite.Watcher.
func (w *watcher) Control(column int) rewrite.Control {
	if !w.values {
		return nil
	}
	col := &w.layout.Columns[column]
	if c := w.Collector.Control(verify.Place{Table: w.layout.Table, Column: col.Name}, col.Type); c != nil {
		return c
	}
	return nil
}

// Compares implements rewrite.Watcher.
func (w *watcher) Compares(column int) bool {
	return verify.Compared(&w.layout.Columns[column].Type, w.layout.Format == wire.Binary)
}

// Begin implements refresh.Watcher. Partitions share a layout, and each of them has an extent 0. So the number of the
// extent includes the partition.
func (w *watcher) Begin(e catalog.Extent) {
	w.Collector.Begin(e.Want<<32 | e.Index)
}

// source describes a treated place.
func (w *watcher) source(col *plan.Column, at transform.Place) verify.Source {
	s := verify.Source{
		Place:     verify.Place{Table: w.layout.Table, Column: col.Name, Path: at.Path},
		Class:     classOf(col, at),
		Treatment: at.Use.Treatment, Label: string(at.Traits.Discloses), Space: at.Traits.Space, Keeps: keeps(at.Use.Params),
		Type:  at.Type,
		Every: at.Path == "" && len(col.Use.Paths) == 0 && col.Use.When == "" && whole(&col.Type),
	}
	if s.Every {
		s.Default = w.of.constant(w.layout.Table, col.Name)
	}
	s.Dictionary = w.of.dictionary(place{s.Place, s.Treatment, at.Type.Family}, transform.Column{Type: at.Type}, at.Use)
	return s
}

// whole reports whether a cell of the type is one value without parts.
func whole(t *catalog.Type) bool {
	switch t.Family {
	case catalog.Text, catalog.Integer, catalog.Numeric, catalog.UUID, catalog.Inet, catalog.MAC:
		return t.Elem == nil
	}
	return false
}

// classOf returns the class of the values. The rules give a class only to columns. For any other place, and for a
// column without a class, classOf returns the class whose values the treatment invents.
func classOf(col *plan.Column, at transform.Place) string {
	invented, _ := strings.CutPrefix(at.Use.Treatment, "fake.")
	if invented == at.Use.Treatment {
		invented = ""
	}
	if at.Path != "" {
		return invented
	}
	return cmp.Or(col.Class, invented)
}

// keeps returns how many characters a treatment keeps at the beginning or at the end of a value, whichever is more.
func keeps(p transform.Params) int {
	first, _ := p["keep_first"].(int64)
	last, _ := p["keep_last"].(int64)
	return int(max(first, last))
}

// tableOf says how the rows of a table are loaded.
func tableOf(l *rewrite.Layout) probe.Table {
	t := probe.Table{Binary: l.Format == wire.Binary}
	for i := range l.Columns {
		col := &l.Columns[i]
		c := probe.Column{Name: col.Name, Kept: col.Keeps()}
		c.Compared = c.Kept && verify.Compared(&col.Type, t.Binary)
		c.Tellable = c.Kept && col.Class == "" && (col.Type.Family == catalog.Integer || col.Type.Family == catalog.UUID)
		t.Columns = append(t.Columns, c)
	}
	return t
}

// keptTable says which columns of a published table the rules keep.
func keptTable(columns map[string]bool) probe.Table {
	var t probe.Table
	for _, name := range slices.Sorted(maps.Keys(columns)) {
		t.Columns = append(t.Columns, probe.Column{Name: name, Kept: columns[name]})
	}
	return t
}
