package source

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
)

// Sampler is a Finder that also finds examples, and reads single rows. It is an alias for the same reason as the type
// Reader.
type Sampler = interface {
	Indexed(ctx context.Context, table catalog.Name, columns []string) (bool, error)
	Find(ctx context.Context, s catalog.Search, found func(catalog.Found) error) error
	Look(ctx context.Context, l catalog.Look, found func(catalog.Example) error) error
	Read(ctx context.Context, table catalog.Name, s catalog.Selected, read func(catalog.Example) error) error
	Close() error
}

// Sampler returns a sampler with its own session, whose transaction is on the snapshot.
func (p *Postgres) Sampler(ctx context.Context) (Sampler, error) {
	f, err := p.finder(ctx)
	if err != nil {
		return nil, err
	}
	return sampler{f}, nil
}

type sampler struct{ *finder }

// Look calls the function found for every example. The examples of one thing, such as a value or a path, come in the
// order of l.Order.
func (s sampler) Look(ctx context.Context, l catalog.Look, found func(catalog.Example) error) error {
	t, err := s.table(l.Table)
	if err != nil {
		return err
	}
	if err := s.ready(ctx, &catalog.Want{Table: l.Table}); err != nil {
		return s.snapshot.Explain(err)
	}
	q := lookSQL{Look: l, table: t, from: s.snapshot.from(l.Table), equal: s.equal}
	if l.Kind == catalog.Children {
		if err := s.lock(ctx, l.Child); err != nil {
			return s.snapshot.Explain(err)
		}
		q.children = s.snapshot.from(l.Child)
	}
	return s.query(ctx, l.Table, q.query(), found)
}

// Read calls read for every row in sel.Rows, with the texts of the columns sel.Columns.
func (s sampler) Read(ctx context.Context, table catalog.Name, sel catalog.Selected, read func(catalog.Example) error) error {
	t, err := s.table(table)
	if err != nil {
		return err
	}
	if err := s.ready(ctx, &catalog.Want{Table: table}); err != nil {
		return s.snapshot.Explain(err)
	}
	return s.query(ctx, table, selectedSQL(t, sel), read)
}

// query executes a query. The first two columns of its result are the OID of a table and a ctid. All columns are texts.
func (s sampler) query(ctx context.Context, table catalog.Name, sql string, found func(catalog.Example) error) error {
	var wrong error
	err := eachRow(s.conn.PgConn().ExecParams(ctx, sql, nil, nil, nil, nil), func(values [][]byte) error {
		var e catalog.Example
		if e, wrong = s.example(values); wrong == nil {
			wrong = found(e)
		}
		return wrong
	})
	if err == nil || err == wrong { // an error of the function found is not the server's
		return err
	}
	return s.snapshot.Explain(fmt.Errorf("looking for rows of %s: %w", table, err))
}

func (s sampler) example(values [][]byte) (e catalog.Example, err error) {
	if len(values) < 2 {
		return e, errFound
	}
	oid, err := strconv.ParseUint(string(values[0]), 10, 32)
	name, ok := s.names[uint32(oid)]
	if err != nil || !ok {
		return e, errFound
	}
	e.Table = name
	if e.At, err = positionText(string(values[1])); err != nil {
		return e, err
	}
	for _, v := range values[2:] {
		e.Values = append(e.Values, string(v))
		e.Null = append(e.Null, v == nil)
	}
	return e, nil
}

// positionText reads a ctid as the server prints it: (block,line).
func positionText(tid string) (catalog.Position, error) {
	block, line, _ := strings.Cut(strings.Trim(tid, "()"), ",")
	b, err := strconv.ParseUint(block, 10, 32)
	l, bad := strconv.ParseUint(line, 10, 16)
	p, ok := catalog.At(uint32(b), uint16(l))
	if err != nil || bad != nil || !ok {
		return 0, errFound
	}
	return p, nil
}
