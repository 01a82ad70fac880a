package source

import (
	"cmp"
	"context"
	"slices"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/pkg/catalog"
)

// figures are the sizes of tables, and the planner's statistics of columns. No fingerprint depends on them.
type figures struct {
	sizes      []sizeRow
	statistics []statisticRow
	visible    []visibleRow // used instead of statistics if the role may not read pg_statistic
}

type sizeRow struct {
	Table                uint32
	Heap, Toast, Indexes int64
	Rows                 int64
}

type statisticRow struct {
	Table  uint32
	Column int
	statistic
}

type visibleRow struct {
	Schema, Table, Column string
	statistic
}

type statistic struct {
	Distinct, Common, Nulls, Correlation float64
	Inherited                            bool
}

// figures reads the sizes and the statistics. It needs nothing that other queries have read.
func (r *reader) figures() (f figures) {
	f.sizes = r.sizes()
	if r.readsStatistics() {
		f.statistics = rows[statisticRow](r, statisticsQuery)
	} else {
		f.visible = rows[visibleRow](r, visibleQuery)
	}
	return f
}

// sizes reads the sizes of all tables. It asks the server for one file of the table, of its TOAST table and of each of
// its indexes. The functions for exact sizes also open three more files of each, and the index of the TOAST table. With
// thousands of tables, this takes as long as all other queries of the catalog. The size of a TOAST table's index is
// estimated: one page and 1/64 of the TOAST table, because the index has an entry for each 2 KB.
func (r *reader) sizes() []sizeRow {
	return rows[sizeRow](r, `SELECT c.oid, COALESCE(pg_relation_size(c.oid), 0),
			CASE WHEN c.reltoastrelid <> 0 THEN COALESCE(pg_relation_size(c.reltoastrelid), 0) * 65 / 64 + 8192 ELSE 0 END,
			COALESCE((SELECT sum(pg_relation_size(i.indexrelid)) FROM pg_index i WHERE i.indrelid = c.oid), 0)::bigint,
			c.reltuples::bigint
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND `+userRelation)
}

// readsStatistics reports whether the role may read every column, and pg_statistic itself.
func (r *reader) readsStatistics() bool {
	for _, may := range rows[struct{ Yes bool }](r, `SELECT pg_has_role('pg_read_all_data', 'USAGE') AND has_table_privilege('pg_catalog.pg_statistic', 'SELECT')`) {
		return may.Yes
	}
	return false
}

// statisticsQuery reads the planner's statistics of each column, which are numbers and shares. It does not read the
// values that pg_statistic also contains. A kind of 1 marks the frequencies of the most common values, and a kind of 3
// the correlation.
//
// The view pg_stats has the same numbers, but it checks privileges on each column. With thousands of tables this takes
// several times as long. Like the view, the query leaves out tables whose rows a policy may hide.
const statisticsQuery = `SELECT s.starelid, s.staattnum::int, s.stadistinct::float8,
		COALESCE(CASE 1 WHEN s.stakind1 THEN s.stanumbers1[1] WHEN s.stakind2 THEN s.stanumbers2[1] WHEN s.stakind3 THEN s.stanumbers3[1]
			WHEN s.stakind4 THEN s.stanumbers4[1] WHEN s.stakind5 THEN s.stanumbers5[1] END, 0)::float8,
		s.stanullfrac::float8,
		COALESCE(CASE 3 WHEN s.stakind1 THEN s.stanumbers1[1] WHEN s.stakind2 THEN s.stanumbers2[1] WHEN s.stakind3 THEN s.stanumbers3[1]
			WHEN s.stakind4 THEN s.stanumbers4[1] WHEN s.stakind5 THEN s.stanumbers5[1] END, 0)::float8,
		s.stainherit
	FROM pg_statistic s JOIN pg_class c ON c.oid = s.starelid JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE s.staattnum > 0 AND c.relkind IN ('r', 'p') AND ` + userRelation + ` AND NOT (c.relrowsecurity AND row_security_active(c.oid))`

// visibleQuery reads the same statistics of the columns that the role may read. System columns have no statistics, so
// the query excludes them before the view checks privileges.
const visibleQuery = `SELECT schemaname::text, tablename::text, attname::text, n_distinct::float8,
		COALESCE(most_common_freqs[1], 0)::float8, null_frac::float8, COALESCE(correlation, 0)::float8, inherited FROM pg_stats
	WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema' AND n_distinct IS NOT NULL
		AND attname NOT IN ('ctid', 'tableoid', 'xmin', 'cmin', 'xmax', 'cmax')`

// set sets the figures of the tables.
func (f figures) set(tables map[uint32]*catalog.Table) {
	for _, s := range f.sizes {
		if t := tables[s.Table]; t != nil {
			t.Size = catalog.Size{Pages: (s.Heap + 8191) / 8192, Rows: s.Rows, Bytes: s.Heap + s.Toast, IndexBytes: s.Indexes}
		}
	}
	for _, s := range f.statistics {
		if t := tables[s.Table]; t != nil && s.Inherited == t.Partitioned {
			i, ok := slices.BinarySearchFunc(t.Columns, s.Column, func(c catalog.Column, num int) int { return cmp.Compare(c.Num, num) })
			if ok {
				t.Columns[i].Stats = s.column()
			}
		}
	}
	if f.visible == nil {
		return
	}
	byName := make(map[catalog.Name]*catalog.Table, len(tables))
	for _, t := range tables {
		byName[t.Name] = t
	}
	for _, s := range f.visible {
		t := byName[catalog.Name{Schema: s.Schema, Name: s.Table}]
		if t == nil || s.Inherited != t.Partitioned {
			continue
		}
		if c := t.Column(s.Column); c != nil {
			c.Stats = s.column()
		}
	}
}

func (s statistic) column() catalog.Statistics {
	return catalog.Statistics{Known: true, Distinct: s.Distinct, Common: s.Common, Nulls: s.Nulls, Correlation: s.Correlation}
}

// read reads the whole catalog in the snapshot. With Look, it reads the figures on a second session of the snapshot,
// beside everything else. Without Look, the figures need the holder's locks on the tables, because the functions for
// sizes lock each table too. If no second session can be opened, read needs only the holder's.
func (p *Postgres) read(ctx context.Context) (*catalog.Database, error) {
	if !p.opt.Look {
		return readCatalog(ctx, p.holder)
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	type answer struct {
		figures
		err error
	}
	beside := make(chan *answer, 1)
	go func() {
		conn := p.another(ctx)
		if conn == nil {
			beside <- nil
			return
		}
		r := reader{ctx: ctx, conn: conn}
		f := r.figures()
		p.giveBack(ctx, conn)
		beside <- &answer{f, r.err}
	}()
	r := reader{ctx: ctx, conn: p.holder}
	d, tables := r.shape()
	if r.err != nil {
		stop()
		<-beside
		return nil, r.err
	}
	a := <-beside
	if a == nil {
		a = &answer{figures: r.figures()}
		a.err = r.err
	}
	if a.err != nil {
		return nil, a.err
	}
	a.set(tables)
	return d, nil
}

// another returns another session of the snapshot, or nil if it cannot be opened. A role may have only few connections,
// so pg_dump gets its session first.
func (p *Postgres) another(ctx context.Context) *pgx.Conn {
	if p.ahead != nil {
		select {
		case <-p.ahead.lent:
		case <-ctx.Done():
			return nil
		}
	}
	conn, err := p.session(ctx)
	if err != nil {
		return nil // the caller can do without it
	}
	return conn
}

// giveBack ends the transaction of a session, so that another user of the snapshot gets the session. If this fails,
// giveBack closes the session.
func (p *Postgres) giveBack(ctx context.Context, conn *pgx.Conn) {
	if _, err := conn.Exec(ctx, "ROLLBACK", pgx.QueryExecModeSimpleProtocol); err != nil {
		p.leave(conn)
		return
	}
	p.sessions.keep(conn)
}
