package snapshottest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/wire"
)

// Memory is a snapshot in memory, for tests of packages that use snapshots.
type Memory struct {
	Tables     map[catalog.Name]MemoryTable
	PerExtent  int // rows in an extent
	PerBlock   int // rows in a block
	Sequential bool
	Lose       bool                       // Cut leaves out the last extent of every table
	Broken     func(catalog.Extent) error // Next calls it after the first block, and returns its error; nil for none
	Asked      func(want []catalog.Want)  // called by Cut; nil for none
	Reading    func(catalog.Extent)       // called by Read; nil for none
	Readers    atomic.Int32               // number of readers that were opened
}

// MemoryTable is one table of a Memory.
type MemoryTable struct {
	Columns []plan.Column // in the table's order, with the plan's decisions
	Rows    [][][]byte    // cells as text; nil for NULL
}

func (m *Memory) handle(want []catalog.Want) catalog.Handle {
	return catalog.Handle{Snapshot: "memory", Wants: catalog.DigestWants(want)}
}

// Cut implements refresh.Snapshot.
func (m *Memory) Cut(_ context.Context, want []catalog.Want, _ catalog.Sizes) (catalog.Cut, error) {
	if m.Asked != nil {
		m.Asked(want)
	}
	c := catalog.Cut{Handle: m.handle(want), Sequential: m.Sequential}
	for i, w := range want {
		t, ok := m.Tables[w.Table]
		if !ok {
			return c, fmt.Errorf("there is no table %s", w.Table)
		}
		of := max(1, (len(t.Rows)+m.PerExtent-1)/m.PerExtent)
		for index := range of {
			if m.Lose && index == of-1 {
				break
			}
			c.Extents = append(c.Extents, catalog.Extent{Want: i, Table: w.Table, Index: index, Of: of, Bytes: int64(len(t.Rows))})
		}
	}
	return c, nil
}

// Open implements refresh.Snapshot.
func (m *Memory) Open(_ context.Context, want []catalog.Want, h catalog.Handle) (refresh.Reader, error) {
	if h != m.handle(want) {
		return nil, errors.New("another snapshot")
	}
	m.Readers.Add(1)
	return &memoryReader{m: m, want: want}, nil
}

// memoryReader is a reader for one worker. Its blocks share one buffer.
type memoryReader struct {
	m       *Memory
	want    []catalog.Want
	current *memoryBlocks
	block   []byte
	closed  bool
}

func (r *memoryReader) Read(ctx context.Context, e catalog.Extent) (wire.Blocks, error) {
	if r.current != nil {
		r.current.err = cmp.Or(r.current.err, errors.New("another extent is read"))
	}
	switch {
	case r.closed:
		return nil, errors.New("the reader is closed")
	case e.Want < 0 || e.Want >= len(r.want) || r.want[e.Want].Table != e.Table:
		return nil, errors.New("nobody asked for this extent")
	case ctx.Err() != nil:
		return nil, ctx.Err()
	}
	if r.m.Reading != nil {
		r.m.Reading(e)
	}
	t := r.m.Tables[e.Table]
	f := wire.Text
	if r.want[e.Want].Binary && len(t.Columns) > 0 {
		f = wire.Binary
	}
	rows := t.Rows[e.Index*r.m.PerExtent : min(len(t.Rows), (e.Index+1)*r.m.PerExtent)]
	r.current = &memoryBlocks{r: r, ctx: ctx, e: e, t: t, rows: rows, format: f}
	return r.current, nil
}

func (r *memoryReader) Close() error {
	if r.current != nil {
		r.current.err = cmp.Or(r.current.err, errors.New("the reader is closed"))
	}
	r.closed = true
	return nil
}

type memoryBlocks struct {
	r      *memoryReader
	ctx    context.Context
	e      catalog.Extent
	t      MemoryTable
	rows   [][][]byte
	format wire.Format
	calls  int
	err    error
}

func (b *memoryBlocks) Next() ([]byte, error) {
	b.calls++
	if b.r.m.Broken != nil && b.calls > 1 {
		b.err = cmp.Or(b.err, b.r.m.Broken(b.e))
	}
	if b.err = cmp.Or(b.err, b.ctx.Err()); b.err == nil && len(b.rows) == 0 {
		b.err = io.EOF
	}
	if b.err != nil {
		return nil, b.err
	}
	clear(b.r.block) // a block is valid only until the next call
	n := min(b.r.m.PerBlock, len(b.rows))
	b.r.block = append(b.r.block[:0], rewritetest.Encode(panics{}, b.format, b.t.Columns, b.rows[:n]...)...)
	b.rows = b.rows[n:]
	return b.r.block, nil
}

type panics struct{}

func (panics) Fatalf(format string, _ ...any) { panic(format) }
