package verify

import (
	"encoding/binary"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Collector collects the values of the rows of one table. It belongs to one goroutine.
type Collector struct {
	c         *Collection
	table     uint64
	leaves    []*Leaf
	sum       rowSum
	total     *tableSum
	workspace *workspace // nil if no extent has begun, or if the last one has ended
	extent    uint64
	row       uint64
	pending   []pending
	names     []name
	text      []byte // the texts of the names in the current row
	scratch   scratch
}

// pending is a fingerprint of the current row. The subject of the row is not known yet.
type pending struct {
	hash   uint64
	label  uint32
	person bool // the value belongs to one person
}

// scratch holds buffers that a collector uses again.
type scratch struct{ form, after, encoded, small []byte }

// Collector returns a collector for the rows of one table. A collector belongs to one goroutine. Making one is cheap.
func (c *Collection) Collector(table catalog.Name) *Collector {
	c.mu.Lock()
	defer c.mu.Unlock()
	total, ok := c.sums[table]
	if !ok {
		total = &tableSum{}
		c.sums[table] = total
	}
	return &Collector{c: c, table: c.keys.subject.Hash([]byte(table.String())), total: total, sum: newRowSum(c.keys.row)}
}

// Begin starts an extent. The argument is a number that no other extent of the table and its partitions has. A row
// without a subject is identified by its extent and by its number in the extent. So if an extent is repeated, its rows
// are the same rows for the collector. If the extent before was not ended by Done, it did not arrive. Begin then
// discards its figures.
func (w *Collector) Begin(extent int) {
	w.extent, w.row = uint64(extent), 0
	w.forget()
	if w.workspace == nil && w.c.o.Level == Strict {
		w.workspace = w.c.takeWorkspace()
	}
}

// Done ends an extent that arrived. This extent will not be repeated.
func (w *Collector) Done() {
	w.c.mu.Lock()
	for _, l := range w.leaves {
		l.source.stats.add(&l.stats)
	}
	w.total.add(w.sum.tableSum)
	w.c.mu.Unlock()
	w.forget()
	w.leave()
}

func (w *Collector) leave() {
	if w.workspace != nil {
		w.c.returnWorkspace(w.workspace)
		w.workspace = nil
	}
}

func (w *Collector) forget() {
	for _, l := range w.leaves {
		l.stats.reset()
	}
	w.sum.forget()
	w.pending, w.names, w.text = w.pending[:0], w.names[:0], w.text[:0]
}

// Kept gets a run of kept cells of the current row, as COPY has them. The cells of a run are neighbours.
func (w *Collector) Kept(run []byte) { w.sum.write(run) }

// Row ends a row. The argument subject is the canonical text of the row's subject, or nil if the row has none.
func (w *Collector) Row(subject []byte) {
	w.sum.row()
	w.row++
	if w.workspace == nil {
		return
	}
	w.pairs()
	id := w.identity(subject)
	for _, p := range w.pending {
		if subject == nil && p.person {
			w.workspace.writer.AddRow(p.hash, id, p.label)
		} else {
			w.workspace.writer.Add(p.hash, id, p.label)
		}
	}
	w.pending, w.names, w.text = w.pending[:0], w.names[:0], w.text[:0]
}

// identity returns a number for the subject of a row. For a row without a subject, the number identifies the row
// itself.
func (w *Collector) identity(subject []byte) uint64 {
	if subject != nil {
		return w.c.keys.subject.Hash(subject)
	}
	var place [24]byte
	binary.LittleEndian.PutUint64(place[:], w.table)
	binary.LittleEndian.PutUint64(place[8:], w.extent)
	binary.LittleEndian.PutUint64(place[16:], w.row)
	return w.c.keys.subject.Hash(place[:])
}

// name is a given or family name of the current row.
type name struct {
	leaf       *Leaf
	start, end int // offsets in the field text
	known      bool
}

// mostPairs is the largest number of pairs of names that are made of one row.
const mostPairs = 16

// pairs joins each given name of the row with each family name, in both orders, and adds these full names. Both parts
// of a name must be columns, or fields of the same object in a document.
func (w *Collector) pairs() {
	made := 0
	for _, g := range w.names {
		for _, f := range w.names {
			if g.leaf.part != given || f.leaf.part != family || g.leaf.parent != f.leaf.parent || made == mostPairs {
				continue
			}
			made++
			first, last := w.text[g.start:g.end], w.text[f.start:f.end]
			k := pair
			if g.known && f.known {
				k = knownPair
				f.leaf.decoys(first, last)
			}
			w.join(f.leaf, k, first, last)
			w.join(f.leaf, k, last, first)
		}
	}
}

// join adds the form that consists of two forms, unless it is too short.
func (w *Collector) join(l *Leaf, k code, a, b []byte) {
	w.scratch.small = append(append(w.scratch.small[:0], a...), b...)
	if len(w.scratch.small) >= shortest {
		l.add(k, w.scratch.small)
	}
}

// parentOf returns a path without its last key. This is the path of the object that has the key.
func parentOf(path string) string {
	if i := strings.LastIndexByte(path, '.'); i >= 0 {
		return path[:i]
	}
	return path
}
