package refresh

import (
	"cmp"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// waves divides extents into groups. The extents of a group are moved when all extents of the groups before it are in
// the target. A table is in a later group than the tables that its functions read while it is loaded. If the functions
// of tables read each other's tables, no order is right, and one of them comes first. Within a group, the largest
// extents come first.
func (p *pool) waves(extents []catalog.Extent) [][]catalog.Extent {
	d := depths{reads: map[catalog.Name][]catalog.Name{}, of: map[catalog.Name]int{}, open: map[catalog.Name]bool{}}
	for _, r := range p.take {
		for _, t := range line(p.o.Catalog, r.leaf) {
			d.reads[r.leaf.Decider()] = append(d.reads[r.leaf.Decider()], d.deciders(p, t)...)
		}
	}
	var out [][]catalog.Extent
	for _, e := range extents {
		n := d.depth(p.take[e.Want].leaf.Decider())
		for len(out) <= n {
			out = append(out, nil)
		}
		out[n] = append(out[n], e)
	}
	for _, wave := range out {
		slices.SortStableFunc(wave, func(a, b catalog.Extent) int { return cmp.Compare(b.Bytes, a.Bytes) })
	}
	return out
}

// depths computes for each table how many groups of tables must be in the target before it. Partitions count as their
// root.
type depths struct {
	reads map[catalog.Name][]catalog.Name
	of    map[catalog.Name]int
	open  map[catalog.Name]bool // the tables whose number is being computed; depth skips them, so that a circle of tables that read each other ends
}

// deciders returns the tables that the functions of t read. A query of a table also reads the tables that inherit from
// it.
func (d *depths) deciders(p *pool, t *catalog.Table) (out []catalog.Name) {
	for _, name := range t.LoadAfter() {
		for _, r := range p.take {
			if slices.ContainsFunc(line(p.o.Catalog, r.leaf), func(above *catalog.Table) bool { return above.Name == name }) {
				out = append(out, r.leaf.Decider())
			}
		}
	}
	return out
}

func (d *depths) depth(table catalog.Name) int {
	if n, known := d.of[table]; known {
		return n
	}
	d.open[table] = true
	n := 0
	for _, before := range d.reads[table] {
		if !d.open[before] {
			n = max(n, d.depth(before)+1)
		}
	}
	d.open[table], d.of[table] = false, n
	return n
}

// line returns a table and all tables above it: those that it is a partition of, and those that it inherits from.
func line(db *catalog.Database, t *catalog.Table) []*catalog.Table {
	line := []*catalog.Table{t}
	for i := 0; i < len(line); i++ {
		above := line[i].Inherits
		if line[i].PartitionOf != nil {
			above = append(slices.Clone(above), *line[i].PartitionOf)
		}
		for _, name := range above {
			if t := db.Table(name); t != nil && !slices.Contains(line, t) {
				line = append(line, t)
			}
		}
	}
	return line
}
