package source

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// leastPiece is the size below which cutting a table for the sake of idle workers costs more than it gains.
const leastPiece = 4 << 20

// task is an extent and the statement that reads it.
type task struct {
	extent catalog.Extent
	sql    string
	joins  []catalog.Join // other tables that the statement reads
}

// measure is what cutting a table needs to know of it.
type measure struct {
	Schema, Table string
	Heap, Total   int64  // bytes without and with TOAST
	Block         int64  // bytes of a heap block
	Cuttable      bool   // a heap: only its row identifiers are known to be ranges of blocks
	Filter        string // of an extension's configuration table: "WHERE …", the rows CREATE EXTENSION does not make by itself
}

// cut measures the wanted tables and cuts them into extents, largest first. It runs after the snapshot
// was taken: rows the snapshot sees lie below a bound taken now, and the last extent is open besides.
func (p *Postgres) cut(ctx context.Context, want []catalog.Want, workers int) ([]task, error) {
	byName := make(map[catalog.Name]catalog.Want, len(want))
	for _, w := range want {
		if !p.locked[w.Table] {
			return nil, fmt.Errorf("%s is not a table of this snapshot that holds rows", w.Table)
		}
		for _, j := range w.Joins {
			if !p.locked[j.Parent] {
				return nil, fmt.Errorf("%s, which rows of %s reference, is not a table of this snapshot that can be read", j.Parent, w.Table)
			}
		}
		byName[w.Table] = w
	}
	sizes, err := p.measure(ctx)
	if err != nil {
		return nil, fmt.Errorf("measuring the tables on the session that holds the snapshot (if it ended, the snapshot is gone): %w", err)
	}
	sizes = slices.DeleteFunc(sizes, func(m measure) bool { _, ok := byName[m.name()]; return !ok })
	chunk := p.opt.ChunkBytes
	cut := len(sizes)
	if chunk <= 0 {
		chunk = defaultChunk
		cut = tablesToCut(sizes, chunk, workers)
	}
	var tasks []task
	for i, m := range sizes {
		w := byName[m.name()]
		delete(byName, w.Table)
		pieces := int64(1)
		if i < cut {
			pieces = m.pieces(chunk, workers)
		}
		for _, e := range extents(w.Table, m, pieces) {
			tasks = append(tasks, task{e, copySQL(w, e, m.Filter, p.partitioned), w.Joins})
		}
	}
	for name := range byName {
		return nil, fmt.Errorf("%s holds no rows itself", name)
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return cmp.Compare(b.extent.Bytes, a.extent.Bytes) })
	return tasks, nil
}

// partitioned says that a table's rows are in its partitions.
func (p *Postgres) partitioned(name catalog.Name) bool {
	t := p.database.Table(name)
	return t != nil && t.Partitioned
}

// measure runs on the holder: the size functions lock each table, and whoever lacks the lock would queue
// behind somebody who waits for the holder.
func (p *Postgres) measure(ctx context.Context) ([]measure, error) {
	p.holding.Lock()
	defer p.holding.Unlock()
	r := reader{ctx: ctx, conn: p.holder}
	return rows[measure](&r, `SELECT n.nspname::text, c.relname::text, COALESCE(pg_relation_size(c.oid, 'main'), 0), COALESCE(pg_table_size(c.oid), 0),
			current_setting('block_size')::bigint, COALESCE(a.amname = 'heap', false),
			COALESCE((SELECT x.extcondition[array_position(x.extconfig, c.oid)] FROM pg_extension x WHERE c.oid = ANY (x.extconfig) LIMIT 1), '')
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_am a ON a.oid = c.relam
		WHERE c.relkind = 'r' AND `+userRelation+` ORDER BY 4 DESC, n.nspname, c.relname`), r.err
}

func (m measure) name() catalog.Name { return catalog.Name{Schema: m.Schema, Name: m.Table} }

// pieces is how many extents of about chunk bytes a table is cut into, and where it is big enough one for each worker.
func (m measure) pieces(chunk int64, workers int) int64 {
	if !m.Cuttable || m.Filter != "" {
		return 1
	}
	n := max((m.Total+chunk-1)/chunk, min(int64(workers), m.Total/leastPiece))
	return max(min(n, m.blocks()), 1)
}

func (m measure) blocks() int64 { return (m.Heap + m.Block - 1) / m.Block }

// idle is the share of the rows phase that workers may spend waiting for the last one before cutting a
// table pays. A table that is read and written whole, by one worker, is quicker than the same table in
// pieces: two sessions that load one table contend for its end, and only a whole one arrives frozen.
const idle = 0.15

// tablesToCut says how many of the largest tables have to be cut so that all workers end at about the
// same time. sizes are largest first.
func tablesToCut(sizes []measure, chunk int64, workers int) int {
	var total int64
	for _, m := range sizes {
		total += m.Total
	}
	even := float64(total) / float64(workers)
	for cut := range sizes {
		if sizes[cut].Total < leastPiece || float64(longest(sizes, cut, chunk, workers)) <= even*(1+idle) {
			return cut
		}
	}
	return len(sizes)
}

// longest is the load of the worker that ends last, in bytes, when the largest cut tables are cut and
// every worker takes the largest extent that is left.
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

// extents cuts one table into pieces of equal length.
func extents(name catalog.Name, m measure, pieces int64) []catalog.Extent {
	blocks := m.blocks()
	list := make([]catalog.Extent, 0, pieces)
	for i := range pieces {
		e := catalog.Extent{
			Table: name, Index: int(i), Of: int(pieces), Bytes: m.Total / pieces,
			From: uint32(blocks * i / pieces), To: uint32(blocks * (i + 1) / pieces),
		}
		if i == pieces-1 {
			e.To = 0 // open
		}
		list = append(list, e)
	}
	return list
}

// copySQL is the statement that reads one extent.
func copySQL(w catalog.Want, e catalog.Extent, filter string, whole func(catalog.Name) bool) string {
	format := "text"
	if w.Binary && len(w.Columns) > 0 {
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
	if e.Of == 1 && len(columns) > 0 && filter == "" { // no executor in between; COPY of a table reads that table ONLY
		return fmt.Sprintf("COPY %s (%s) TO STDOUT (FORMAT %s)", w.Table, list, format)
	}
	return fmt.Sprintf("COPY (SELECT %s FROM ONLY %s%s) TO STDOUT (FORMAT %s)", list, w.Table, where(e, filter), format)
}

// where is the condition on the extent's rows, with a blank before it.
func where(e catalog.Extent, filter string) string {
	switch {
	case e.Of == 1 && filter != "":
		return " " + filter
	case e.Of == 1:
		return ""
	case e.To == 0:
		return fmt.Sprintf(" WHERE ctid >= '(%d,0)'", e.From)
	}
	return fmt.Sprintf(" WHERE ctid >= '(%d,0)' AND ctid < '(%d,0)'", e.From, e.To)
}

// joinSQL selects the extent's rows, each followed by columns of the rows it references. The rows of
// the table come from a subquery of their own, so that a filter sees that table alone. Each key is
// unique, so LEFT JOIN neither adds rows nor leaves any out.
func joinSQL(w catalog.Want, e catalog.Extent, filter string, whole func(catalog.Name) bool) string {
	alias := map[string]string{"": "r"}
	from := fmt.Sprintf("(SELECT * FROM ONLY %s%s) AS r", w.Table, where(e, filter))
	for i, j := range w.Joins {
		alias[j.Path] = fmt.Sprintf("p%d", i+1)
		only := "ONLY "
		if whole(j.Parent) { // the rows are in its partitions
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

// split cuts the last column, still quoted, off a path.
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
