package refresh_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/wire"
)

// memory is a snapshot held in memory: rows of text per table, cut into extents of perExtent rows and blocks of perBlock.
type memory struct {
	tables     map[catalog.Name]memoryTable
	perExtent  int
	perBlock   int
	sequential bool
	lose       bool                       // the last extent of every table is not cut
	broken     func(catalog.Extent) error // what Next says after the first block
	asked      func(want []catalog.Want)
	reading    func(catalog.Extent)
	readers    atomic.Int32 // that were opened
}

type memoryTable struct {
	columns []plan.Column // as the plan decides, in the table's order
	rows    [][][]byte
}

func (m *memory) handle(want []catalog.Want) catalog.Handle {
	return catalog.Handle{Snapshot: "memory", Wants: catalog.DigestWants(want)}
}

func (m *memory) Cut(_ context.Context, want []catalog.Want, _ catalog.Sizes) (catalog.Cut, error) {
	if m.asked != nil {
		m.asked(want)
	}
	c := catalog.Cut{Handle: m.handle(want), Sequential: m.sequential}
	for i, w := range want {
		t, ok := m.tables[w.Table]
		if !ok {
			return c, fmt.Errorf("there is no table %s", w.Table)
		}
		of := max(1, (len(t.rows)+m.perExtent-1)/m.perExtent)
		for index := range of {
			if m.lose && index == of-1 {
				break
			}
			c.Extents = append(c.Extents, catalog.Extent{Want: i, Table: w.Table, Index: index, Of: of, Bytes: int64(len(t.rows))})
		}
	}
	return c, nil
}

func (m *memory) Open(_ context.Context, want []catalog.Want, h catalog.Handle) (refresh.Reader, error) {
	if h != m.handle(want) {
		return nil, errors.New("another snapshot")
	}
	m.readers.Add(1)
	return &memoryReader{m: m, want: want}, nil
}

// memoryReader reads for one worker. Its blocks share one buffer.
type memoryReader struct {
	m       *memory
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
	if r.m.reading != nil {
		r.m.reading(e)
	}
	t := r.m.tables[e.Table]
	f := wire.Text
	if r.want[e.Want].Binary && len(t.columns) > 0 {
		f = wire.Binary
	}
	rows := t.rows[e.Index*r.m.perExtent : min(len(t.rows), (e.Index+1)*r.m.perExtent)]
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
	t      memoryTable
	rows   [][][]byte
	format wire.Format
	calls  int
	err    error
}

func (b *memoryBlocks) Next() ([]byte, error) {
	b.calls++
	if b.r.m.broken != nil && b.calls > 1 {
		b.err = cmp.Or(b.err, b.r.m.broken(b.e))
	}
	if b.err = cmp.Or(b.err, b.ctx.Err()); b.err == nil && len(b.rows) == 0 {
		b.err = io.EOF
	}
	if b.err != nil {
		return nil, b.err
	}
	clear(b.r.block) // whoever kept the last block sees it go
	n := min(b.r.m.perBlock, len(b.rows))
	b.r.block = append(b.r.block[:0], rewritetest.Encode(panics{}, b.format, b.t.columns, b.rows[:n]...)...)
	b.rows = b.rows[n:]
	return b.r.block, nil
}

type panics struct{}

func (panics) Fatalf(format string, _ ...any) { panic(format) }

// heap is a shadow held in memory.
type heap struct {
	mu       sync.Mutex
	loaded   map[catalog.Name][]byte // blocks as they came, by the table they were loaded into
	formats  map[catalog.Name]wire.Format
	written  map[string]int64 // rows, by extent
	finished bool
	short    int64                // rows Write says fewer than it took
	stop     func(rows int) error // after each block
}

func newHeap() *heap {
	return &heap{loaded: map[catalog.Name][]byte{}, formats: map[catalog.Name]wire.Format{}, written: map[string]int64{}}
}

func extentKey(e catalog.Extent) string { return fmt.Sprintf("%s %d", e.Table, e.Index) }

// Write reads in a goroutine of its own, as pgx does.
func (h *heap) Write(ctx context.Context, _ int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	h.mu.Lock()
	n, again := h.written[extentKey(e)]
	h.mu.Unlock()
	if again {
		return n, nil
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	done := make(chan error, 1)
	var all bytes.Buffer
	go func() { done <- h.take(&all, rows) }()
	if err := <-done; err != nil {
		return 0, err
	}
	n, err := rowsOf(f, len(columns), all.Bytes())
	if err != nil {
		return 0, err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loaded[into] = append(h.loaded[into], all.Bytes()...)
	h.formats[into] = f
	h.written[extentKey(e)] = n
	return n - h.short, nil
}

// rowsOf counts rows, each of which has to fit.
func rowsOf(f wire.Format, columns int, all []byte) (n int64, err error) {
	split, spans := wire.NewSplitter(f, columns, columns), make([]wire.Span, columns)
	for len(all) > 0 {
		size, err := split.Split(spans, all)
		if err != nil {
			return n, err
		}
		all = all[size:]
		n++
	}
	return n, nil
}

func (h *heap) take(all *bytes.Buffer, rows wire.Blocks) error {
	for {
		b, err := rows.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		all.Write(b)
		if h.stop != nil {
			if err := h.stop(all.Len()); err != nil {
				return err
			}
		}
	}
}

func (h *heap) Finish(context.Context) error {
	h.finished = true
	return nil
}

// withLargeObjects are a snapshot that has large objects, and a shadow that takes them.
type withLargeObjects struct {
	*memory
	large map[uint32]string
}

func (m withLargeObjects) LargeObjects(ctx context.Context, fn func(context.Context, uint32, io.Reader) error) error {
	for oid, text := range m.large {
		if err := fn(ctx, oid, strings.NewReader(text)); err != nil {
			return err
		}
	}
	return nil
}

type heapOfLargeObjects struct {
	*heap
	large map[uint32]string
}

func (h heapOfLargeObjects) PutLargeObject(_ context.Context, oid uint32, r io.Reader) error {
	text, err := io.ReadAll(r)
	h.large[oid] = string(text)
	return err
}

// options are a plan, its catalog and this snapshot, which fit together.
func (m *memory) options(t rewritetest.Fataler, o refresh.Options) refresh.Options {
	o.Plan, o.Catalog = &plan.Plan{TargetKind: "staging"}, &catalog.Database{}
	for name, table := range m.tables {
		o.Plan.Tables = append(o.Plan.Tables, plan.Table{Name: name, Columns: table.columns})
		ct := &catalog.Table{Name: name, Size: catalog.Size{Rows: int64(len(table.rows)), Bytes: 100}}
		for _, c := range table.columns {
			ct.Columns = append(ct.Columns, catalog.Column{Name: c.Name, Type: c.Type})
		}
		o.Catalog.Tables = append(o.Catalog.Tables, ct)
	}
	slices.SortFunc(o.Catalog.Tables, func(a, b *catalog.Table) int { return a.Name.Compare(b.Name) })
	o.Snapshot = m
	permit(t, &o)
	return o
}

// permit asks guard for a permit of the plan as it is now.
func permit(t rewritetest.Fataler, o *refresh.Options) {
	p, err := guard.Allow(guard.Request{
		Flow: guard.Flow{
			Name: "nightly", Treats: true,
			From: guard.Environment{Name: "production", Kind: guard.Production}, To: guard.Environment{Name: "staging", Kind: guard.Staging},
		},
		Plan: o.Plan.Digest(), TargetKind: "staging", At: time.Unix(1, 0),
		Evidence: guard.Evidence{Target: guard.Identity{Database: "staging"}},
	})
	if err != nil {
		t.Fatalf("%v", err)
	}
	o.Permit = p
}
