package source

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

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
	Cuttable      bool  // the table's access method is heap; for others, ctids may not be numbers of blocks
}

// Cut measures the wanted tables and cuts them into extents. If s.Bytes is set, it cuts every larger table into extents
// of that size. Otherwise it cuts only the tables that would occupy one worker after the others have finished. These
// extents have 64 MiB.
//
// The snapshot is older than the sizes, so every row that the snapshot sees is within the measured pages. In addition, the
// last extent of a table has no end.
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
	}
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
		list = append(list, extents(index[m.name()], m, pieces)...)
		delete(index, m.name())
	}
	for name := range index {
		return nil, fmt.Errorf("%s has no rows itself; its rows are in its partitions", name)
	}
	return list, nil
}

// partitioned reports whether a table is partitioned. Such a table has all its rows in its partitions.
func (p *Postgres) partitioned(name catalog.Name) bool {
	t := p.database.Table(name)
	return t != nil && t.Partitioned
}

// measure returns the sizes of all tables, the largest first. It runs on the holder's session, because the size functions
// lock each table. A session without these locks would queue behind anybody who waits for the holder.
func (p *Postgres) measure(ctx context.Context) ([]measure, error) {
	p.holding.Lock()
	defer p.holding.Unlock()
	r := reader{ctx: ctx, conn: p.holder}
	return rows[measure](&r, `SELECT n.nspname::text, c.relname::text, COALESCE(pg_relation_size(c.oid, 'main'), 0), COALESCE(pg_table_size(c.oid), 0),
			current_setting('block_size')::bigint, COALESCE(a.amname = 'heap', false)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
		WHERE c.relkind = 'r' AND `+userRelation+` ORDER BY 4 DESC, n.nspname, c.relname`), r.err
}

func (m measure) name() catalog.Name { return catalog.Name{Schema: m.Schema, Name: m.Table} }

// pieces returns the number of extents of a table. Each has about chunk bytes or less, and a table that is large enough has
// at least one extent for each worker.
func (m measure) pieces(chunk int64, workers int) int64 {
	if !m.Cuttable {
		return 1
	}
	n := max((m.Total+chunk-1)/chunk, min(int64(workers), m.Total/leastPiece))
	return max(min(n, m.blocks()), 1)
}

func (m measure) blocks() int64 { return (m.Heap + m.Block - 1) / m.Block }

// idleShare limits how long workers may wait for the last worker, as a share of the time that all rows take. It is
// worth cutting a table only if they would wait longer. One worker reads and writes a whole table faster than several
// do, because sessions that load the same table compete for the end of its file. Also, rows can only be loaded frozen
// if the whole table is one extent.
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

// extents cuts the table of a Want into extents of equal length.
func extents(want int, m measure, pieces int64) []catalog.Extent {
	blocks := m.blocks()
	list := make([]catalog.Extent, 0, pieces)
	for i := range pieces {
		e := catalog.Extent{Want: want, Table: m.name(), Index: int(i), Of: int(pieces), Bytes: m.Total / pieces}
		if pieces > 1 {
			e.Pages = []catalog.Pages{{From: uint32(blocks * i / pieces), To: uint32(blocks * (i + 1) / pieces)}}
		}
		if pieces > 1 && i == pieces-1 {
			e.Pages[0].To = 0 // no end
		}
		list = append(list, e)
	}
	return list
}

// copySQL returns the statement that reads one extent. The function whole reports whether a table is read with its
// partitions.
func copySQL(w catalog.Want, e catalog.Extent, filter string, whole func(catalog.Name) bool) string {
	format := "text"
	if inBinary(w) {
		format = "binary"
	}
	if len(w.Extras) > 0 {
		return fmt.Sprintf("COPY (%s) TO STDOUT (FORMAT %s)", joinSQL(w, e, filter, whole), format)
	}
	columns := make([]string, len(w.Columns))
	for i, c := range w.Columns {
		columns[i] = catalog.Quote(c)
	}
	list := strings.Join(columns, ", ")
	if len(e.Pages) == 0 && len(columns) > 0 && filter == "" { // COPY of a table needs no query, and reads ONLY that table
		return fmt.Sprintf("COPY %s (%s) TO STDOUT (FORMAT %s)", w.Table, list, format)
	}
	return fmt.Sprintf("COPY (SELECT %s FROM ONLY %s%s) TO STDOUT (FORMAT %s)", list, w.Table, where(e, filter), format)
}

// inBinary reports whether a Want is read in binary. Rows without columns are always read as text, as empty lines.
func inBinary(w catalog.Want) bool { return w.Binary && len(w.Columns) > 0 }

// where returns the condition on the extent's rows, with a blank before it, or "" for all rows.
func where(e catalog.Extent, filter string) string {
	switch {
	case len(e.Pages) == 0 && filter == "":
		return ""
	case len(e.Pages) == 0:
		return " " + filter
	case e.Pages[0].To == 0:
		return fmt.Sprintf(" WHERE ctid >= '(%d,0)'", e.Pages[0].From)
	}
	return fmt.Sprintf(" WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)'", e.Pages[0].From, e.Pages[0].To)
}

// joinSQL returns a query for the extent's rows. Each row is followed by columns of the rows that it references. The
// table is in a subquery, so that the filter applies to this table alone. Each key is unique, so LEFT JOIN neither adds
// nor removes rows.
func joinSQL(w catalog.Want, e catalog.Extent, filter string, whole func(catalog.Name) bool) string {
	alias := map[string]string{"": "r"}
	from := fmt.Sprintf("(SELECT * FROM ONLY %s%s) AS r", w.Table, where(e, filter))
	for i, j := range w.Joins {
		alias[j.Path] = fmt.Sprintf("p%d", i+1)
		only := "ONLY "
		if whole(j.Parent) {
			only = ""
		}
		before, column := split(j.Path)
		from += fmt.Sprintf(" LEFT JOIN %s%s AS %s ON %s.%s = %s.%s", only, j.Parent, alias[j.Path],
			alias[j.Path], catalog.Quote(j.Key), alias[before], column)
	}
	var list []string
	for _, c := range w.Columns {
		list = append(list, "r."+catalog.Quote(c))
	}
	for _, x := range w.Extras {
		list = append(list, alias[x.Path]+"."+catalog.Quote(x.Column))
	}
	return fmt.Sprintf("SELECT %s FROM %s", strings.Join(list, ", "), from)
}

// split separates the last column of a path, still quoted, from the part before it.
func split(path string) (before, column string) {
	quoted := false
	for i := len(path) - 1; i >= 0; i-- {
		switch {
		case path[i] == '"':
			quoted = !quoted
		case path[i] == '.' && !quoted:
			return path[:i], path[i+1:]
		}
	}
	return "", path
}
