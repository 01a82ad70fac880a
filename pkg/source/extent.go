package source

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// leastPiece is the minimum size in bytes of an extent that is cut only to give work to idle workers. Cutting smaller
// extents costs more than it gains.
const leastPiece = 4 << 20

// measure is the size of a table, for cutting it into extents.
type measure struct {
	Schema, Table string
	Heap, Total   int64 // bytes without and with TOAST
	Block         int64 // bytes of a heap block
	Rows          int64 // an estimate; -1 if it is not known
	Cuttable      bool  // the table's access method is heap; with another method, a ctid need not name a block
}

// Cut measures the wanted tables and cuts them into extents. If s.Bytes is set, it cuts every larger table into extents
// of at most that size. Otherwise it cuts only the tables that would keep one worker busy after all other workers have
// finished. These extents have at most 64 MiB.
//
// The snapshot is older than the sizes, so every row that the snapshot sees is within the measured pages. In addition,
// the last extent of a table has no end.
func (p *Postgres) Cut(ctx context.Context, want []catalog.Want, s catalog.Sizes) (catalog.Cut, error) {
	extents, err := p.cut(ctx, want, s)
	if err != nil {
		return catalog.Cut{}, p.Explain(err)
	}
	return catalog.Cut{Handle: p.handle(want), Extents: extents}, nil
}

// handle returns a description of the snapshot and of what is read from it. Open compares it with the description that
// Cut returned.
func (p *Postgres) handle(want []catalog.Want) catalog.Handle {
	f := &p.facts
	return catalog.Handle{Snapshot: f.SnapshotID, SystemID: f.SystemID, Database: f.Database, Wants: catalog.DigestWants(want)}
}

// Joinable returns an error if w joins a table that this snapshot cannot read.
func (p *Postgres) Joinable(w catalog.Want) error {
	for _, j := range w.Joins {
		if !p.locked[j.Parent] {
			return fmt.Errorf("rows of %s reference %s, which is not a table that this snapshot can read", w.Table, j.Parent)
		}
	}
	return nil
}

func (p *Postgres) cut(ctx context.Context, want []catalog.Want, s catalog.Sizes) ([]catalog.Extent, error) {
	index := make(map[catalog.Name]int, len(want)) // the index of each Want that is not cut yet
	for i, w := range want {
		if !p.locked[w.Table] {
			return nil, fmt.Errorf("%s is not a table with rows in this snapshot", w.Table)
		}
		if err := p.Joinable(w); err != nil {
			return nil, err
		}
		index[w.Table] = i
	}
	sizes, err := p.measure(ctx)
	if err != nil {
		return nil, fmt.Errorf("measuring the tables on the session that holds the snapshot (the snapshot is gone if this session ended): %w", err)
	}
	sizes = slices.DeleteFunc(sizes, func(m measure) bool { _, ok := index[m.name()]; return !ok })
	for i := range sizes {
		sizes[i].Cuttable = sizes[i].Cuttable && p.filters[sizes[i].name()] == ""
		if rows := want[index[sizes[i].name()]].Rows; rows != nil {
			sizes[i].reduce(rows)
		}
	}
	slices.SortStableFunc(sizes, func(a, b measure) int { return cmp.Compare(b.Total, a.Total) }) // sort again, because subsets change the sizes
	workers, chunk, cut := max(s.Workers, 1), s.Bytes, len(sizes)
	if chunk <= 0 {
		chunk = defaultChunk
		cut = tablesToCut(sizes, chunk, workers)
	}
	var list []catalog.Extent
	for i, m := range sizes {
		pieces := int64(1)
		if i < cut {
			pieces = m.pieces(chunk, workers)
		}
		w := want[index[m.name()]]
		if w.Rows != nil {
			list = append(list, subsetExtents(index[m.name()], m, pieces, w)...)
		} else {
			list = append(list, extents(index[m.name()], m, pieces, w.Stripes)...)
		}
		delete(index, m.name())
	}
	for name := range index {
		return nil, fmt.Errorf("%s has no rows itself; its rows are in its partitions", name)
	}
	return list, nil
}

// from returns a table as FROM and LOCK TABLE need it. A partitioned table has all its rows in its partitions. Any
// other table is read without the rows of the tables that inherit from it.
func (p *Postgres) from(name catalog.Name) string {
	if t := p.database.Table(name); t != nil && t.Partitioned {
		return name.String()
	}
	return "ONLY " + name.String()
}

// measure returns the sizes of all tables, the largest first. It runs on the holder's session, because the size
// functions lock each table. Another session does not have the holder's locks. For a lock, it would have to wait behind
// all sessions that wait for the holder.
func (p *Postgres) measure(ctx context.Context) ([]measure, error) {
	p.holding.Lock()
	defer p.holding.Unlock()
	r := reader{ctx: ctx, conn: p.holder}
	return rows[measure](&r, `SELECT n.nspname::text, c.relname::text, COALESCE(pg_relation_size(c.oid, 'main'), 0), COALESCE(pg_table_size(c.oid), 0),
			current_setting('block_size')::bigint, c.reltuples::bigint, COALESCE(a.amname = 'heap', false)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
		WHERE c.relkind = 'r' AND `+userRelation+` ORDER BY 4 DESC, n.nspname, c.relname`), r.err
}

func (m measure) name() catalog.Name { return catalog.Name{Schema: m.Schema, Name: m.Table} }

// pieces returns the number of extents of a table. Each has about chunk bytes or less, and a table that is large enough
// has at least one extent for each worker.
func (m measure) pieces(chunk int64, workers int) int64 {
	if !m.Cuttable {
		return 1
	}
	n := max((m.Total+chunk-1)/chunk, min(int64(workers), m.Total/leastPiece))
	return max(min(n, m.blocks()), 1)
}

func (m measure) blocks() int64 { return (m.Heap + m.Block - 1) / m.Block }

// idleShare limits how long workers may wait for the last worker, as a share of the time that all rows take. A table is
// cut only if they would wait longer. A worker loads faster if it has a table of its own, because sessions that load
// the same table compete for the end of its file. Also, rows can only be loaded frozen if the whole table is one
// extent.
const idleShare = 0.15

// tablesToCut returns how many of the largest tables have to be cut so that all workers end at about the same time. In
// sizes, the largest table is first.
func tablesToCut(sizes []measure, chunk int64, workers int) int {
	var total int64
	for _, m := range sizes {
		total += m.Total
	}
	even := float64(total) / float64(workers)
	for cut := range sizes {
		if sizes[cut].Total < leastPiece || float64(longest(sizes, cut, chunk, workers)) <= even*(1+idleShare) {
			return cut
		}
	}
	return len(sizes)
}

// longest returns the number of bytes that the busiest worker reads if the largest tables are cut. The argument cut is
// the number of tables that are cut. Every worker always takes the largest extent that is left.
func longest(sizes []measure, cut int, chunk int64, workers int) int64 {
	var list []int64
	for i, m := range sizes {
		n := int64(1)
		if i < cut {
			n = m.pieces(chunk, workers)
		}
		for range n {
			list = append(list, m.Total/n)
		}
	}
	slices.SortFunc(list, func(a, b int64) int { return cmp.Compare(b, a) })
	loads := make([]int64, workers)
	for _, bytes := range list {
		least := 0
		for i := range loads {
			if loads[i] < loads[least] {
				least = i
			}
		}
		loads[least] += bytes
	}
	return slices.Max(loads)
}

// A stripe is usually 1 MiB long, so that hard disks still read stripes fast. Smaller tables have smaller stripes. With
// fewer than leastStripes stripes, a random order of them would too often be close to the source's order. A table
// smaller than leastStriped is not divided, because the shuffle holds all its rows in memory before the first one is
// written.
const (
	stripeSize   = 1 << 20
	leastStripe  = 64 << 10
	leastStripes = 64
	mostStripes  = 1 << 16 // larger tables have larger stripes, because an extent lists its stripes
	leastStriped = 1 << 20
)

// stripes returns the number of stripes of a table. It counts the size with TOAST. But if most of the table is TOAST,
// the server mixes the rows of each stripe, and only the heap counts.
func (m measure) stripes() int64 {
	total := m.Total
	if m.long() {
		total = m.Heap
	}
	if !m.Cuttable || total < leastStriped {
		return 1
	}
	size := min(max(total/leastStripes, leastStripe), stripeSize)
	return max(min(total/size, mostStripes, m.blocks()), 1)
}

// long reports whether most of a table is values that PostgreSQL stores out of line.
func (m measure) long() bool { return m.Cuttable && m.Total > 4*max(m.Heap, m.Block) }

// extents divides the table of a Want into extents of equal size. A single extent has no ranges of pages, and stands
// for the whole table. Otherwise each extent has one range. If the Want asks for stripes, an extent has several ranges.
func extents(want int, m measure, pieces int64, striped bool) []catalog.Extent {
	ranges := pieces
	if striped {
		ranges = max(m.stripes(), pieces)
	}
	pages := m.pages(ranges)
	list := make([]catalog.Extent, 0, pieces)
	for i := range pieces {
		e := catalog.Extent{Want: want, Table: m.name(), Index: int(i), Of: int(pieces), Bytes: m.Total / pieces, Long: striped && m.long()}
		if ranges > 1 {
			e.Pages = pages[ranges*i/pieces : ranges*(i+1)/pieces]
		}
		list = append(list, e)
	}
	return list
}

// pages divides a table into n ranges of equal length. The last range has no end.
func (m measure) pages(n int64) []catalog.Pages {
	blocks := m.blocks()
	list := make([]catalog.Pages, n)
	for i := range n {
		list[i] = catalog.Pages{From: uint32(blocks * i / n), To: uint32(blocks * (i + 1) / n)}
	}
	list[n-1].To = 0
	return list
}
