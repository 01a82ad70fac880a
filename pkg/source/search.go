package source

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
)

// Finder executes searches, one after the other. It is an alias for the same reason as Reader.
type Finder = interface {
	Indexed(ctx context.Context, table catalog.Name, columns []string) (bool, error)
	Find(ctx context.Context, s catalog.Search, found func(catalog.Found) error) error
	Close() error
}

// Finder returns a finder with its own session, whose transaction is on the snapshot.
func (p *Postgres) Finder(ctx context.Context) (Finder, error) {
	f, err := p.finder(ctx)
	if err != nil {
		return nil, err
	}
	return f, nil
}

func (p *Postgres) finder(ctx context.Context) (*finder, error) {
	f := &finder{copier: copier{snapshot: p, anyOrder: true}, names: map[uint32]catalog.Name{}, operators: map[uint32]string{}}
	for _, t := range p.database.Tables {
		f.names[t.OID] = t.Name
	}
	if err := f.enter(ctx); err != nil {
		return nil, p.Explain(err)
	}
	r := reader{ctx: ctx, conn: f.conn}
	for _, o := range rows[typeOperator](&r, `SELECT c.opcintype, format('OPERATOR(%I.%s)', n.nspname, o.oprname)
		FROM pg_opclass c JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
		JOIN pg_amop a ON a.amopfamily = c.opcfamily AND a.amoplefttype = c.opcintype AND a.amoprighttype = c.opcintype AND a.amopstrategy = 3
		JOIN pg_operator o ON o.oid = a.amopopr JOIN pg_namespace n ON n.oid = o.oprnamespace
		WHERE c.opcdefault AND n.nspname <> 'pg_catalog'`) {
		f.operators[o.Type] = o.Operator
	}
	if r.err != nil {
		f.leave()
		return nil, p.Explain(r.err)
	}
	return f, nil
}

// finder uses the session of a copier. Only one goroutine may use it.
type finder struct {
	copier
	names     map[uint32]catalog.Name // tables, by their OIDs
	operators map[uint32]string       // the operators for "equal" that are not in pg_catalog, by the OIDs of their types
}

type typeOperator struct {
	Type     uint32
	Operator string
}

// Indexed reports whether an index begins with one of the columns. With such an index, the server finds rows by these
// columns without reading the whole table.
func (f *finder) Indexed(ctx context.Context, table catalog.Name, columns []string) (bool, error) {
	t, err := f.table(table)
	if err != nil {
		return false, err
	}
	var nums []int16
	for _, c := range columns {
		if col := t.Column(c); col != nil {
			nums = append(nums, int16(col.Num))
		}
	}
	var indexed bool
	err = f.conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = $1 AND i.indisvalid AND i.indpred IS NULL AND i.indkey[0] = ANY ($2))`,
		t.OID, nums).Scan(&indexed)
	return indexed, f.snapshot.Explain(pgsession.Safe(err))
}

func (f *finder) table(name catalog.Name) (*catalog.Table, error) {
	if t := f.snapshot.database.Table(name); t != nil {
		return t, nil
	}
	return nil, fmt.Errorf("there is no table %s in the snapshot", name)
}

// Find calls the function found for every row that the search finds, in no particular order. It may call the function
// twice for one row.
func (f *finder) Find(ctx context.Context, s catalog.Search, found func(catalog.Found) error) error {
	if _, err := f.table(s.Table); err != nil {
		return err
	}
	if err := f.ready(ctx, &catalog.Want{Table: s.Table}); err != nil {
		return f.snapshot.Explain(err)
	}
	if s.From != nil {
		if err := f.lock(ctx, s.From.Table); err != nil {
			return f.snapshot.Explain(err)
		}
	}
	q := searchSQL{Search: s, equal: f.equal, from: f.snapshot.from}
	if err := f.execute(ctx, q.query(), found); err != nil {
		by := ""
		if s.Where != "" || s.Excluded != "" {
			by = " by a condition of the subset"
		}
		return f.snapshot.Explain(fmt.Errorf("searching %s%s: %w", s.Table, by, err))
	}
	return nil
}

// execute executes a query of searchSQL. The results are binary.
func (f *finder) execute(ctx context.Context, sql string, found func(catalog.Found) error) error {
	return eachRow(f.conn.PgConn().ExecParams(ctx, sql, nil, nil, nil, []int16{1}), func(values [][]byte) error {
		row, err := f.decode(values)
		if err != nil {
			return err
		}
		return found(row)
	})
}

// eachRow calls the function do for every row of a result, until the function returns an error. It always reads
// the whole result, because otherwise the session could not be used again. An error of the server comes before an
// error of the function.
func eachRow(result *pgconn.ResultReader, do func(values [][]byte) error) error {
	var wrong error
	for result.NextRow() {
		if wrong == nil {
			wrong = do(result.Values())
		}
	}
	if _, err := result.Close(); err != nil {
		return pgsession.Safe(err)
	}
	return wrong
}

var errFound = errors.New("the server sent a row that is no position in a table of the snapshot")

func (f *finder) decode(values [][]byte) (row catalog.Found, err error) {
	if len(values) < 3 || len(values[0]) != 4 || len(values[2]) != 1 {
		return row, errFound
	}
	name, ok := f.names[binary.BigEndian.Uint32(values[0])]
	if !ok {
		return row, errFound
	}
	row.Table, row.Excluded = name, values[2][0] != 0
	if row.At, err = position(values[1]); err == nil && len(values) > 3 {
		row.From, err = position(values[3])
	}
	return row, err
}

// position decodes a tid as the server sends it: the block in 4 bytes and the line in 2.
func position(tid []byte) (catalog.Position, error) {
	if len(tid) != 6 {
		return 0, errFound
	}
	p, ok := catalog.At(binary.BigEndian.Uint32(tid), binary.BigEndian.Uint16(tid[4:]))
	if !ok {
		return 0, errFound
	}
	return p, nil
}

// equal returns the operator that compares a column. The search path of masker's sessions is empty, so the server finds
// only operators of pg_catalog by their names. Every other operator is written with its schema.
func (f *finder) equal(table catalog.Name, column string) string {
	if t := f.snapshot.database.Table(table); t != nil {
		if c := t.Column(column); c != nil && f.operators[c.Type.BaseOID] != "" {
			return f.operators[c.Type.BaseOID]
		}
	}
	return "="
}
