package refresh

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/wire"
)

// memory is a snapshot held in memory: rows of text per table, cut into extents of perExtent rows and blocks of perBlock.
type memory struct {
	tables    map[catalog.Name]memoryTable
	perExtent int
	perBlock  int
	large     map[uint32]string
	lose      bool                       // the last extent of every table is not streamed
	broken    func(catalog.Extent) error // what Next says after the first block
	asked     func(want []catalog.Want)
}

type memoryTable struct {
	columns []plan.Column // as the plan decides, in the table's order
	rows    [][][]byte
}

func (m *memory) Stream(ctx context.Context, want []catalog.Want, workers int, fn func(context.Context, int, catalog.Extent, wire.Blocks) error) error {
	if m.asked != nil {
		m.asked(want)
	}
	type task struct {
		extent catalog.Extent
		blocks *memoryBlocks
	}
	queue := make(chan task, 10000)
	for _, w := range want {
		t := m.tables[w.Table]
		chunks := slices.Collect(slices.Chunk(t.rows, m.perExtent))
		if len(chunks) == 0 {
			chunks = [][][][]byte{nil}
		}
		for i, rows := range chunks {
			if m.lose && i == len(chunks)-1 {
				break
			}
			e := catalog.Extent{Table: w.Table, Index: i, Of: len(chunks)}
			queue <- task{e, &memoryBlocks{m: m, e: e, t: t, rows: rows, binary: w.Binary}}
		}
	}
	close(queue)
	group, ctx := errgroup.WithContext(ctx)
	for n := range workers {
		group.Go(func() error {
			for t := range queue {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := fn(ctx, n, t.extent, t.blocks); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

func (m *memory) LargeObjects(ctx context.Context, fn func(context.Context, uint32, io.Reader) error) error {
	for oid, text := range m.large {
		if err := fn(ctx, oid, strings.NewReader(text)); err != nil {
			return err
		}
	}
	return nil
}

type memoryBlocks struct {
	m      *memory
	e      catalog.Extent
	t      memoryTable
	rows   [][][]byte
	binary bool
	calls  int
	block  []byte
}

func (b *memoryBlocks) Next() ([]byte, error) {
	b.calls++
	if b.m.broken != nil && b.calls > 1 {
		if err := b.m.broken(b.e); err != nil {
			return nil, err
		}
	}
	if len(b.rows) == 0 {
		return nil, io.EOF
	}
	clear(b.block) // whoever kept the last block sees it go
	n := min(b.m.perBlock, len(b.rows))
	f := wire.Text
	if b.binary {
		f = wire.Binary
	}
	b.block = append(b.block[:0], rewritetest.Encode(panics{}, f, b.t.columns, b.rows[:n]...)...)
	b.rows = b.rows[n:]
	return b.block, nil
}

type panics struct{}

func (panics) Fatalf(format string, _ ...any) { panic(format) }

// heap is a shadow held in memory.
type heap struct {
	mu       sync.Mutex
	loaded   map[catalog.Name][]byte // blocks as they came, by the table they were loaded into
	formats  map[catalog.Name]wire.Format
	large    map[uint32]string
	finished bool
	short    int64                // rows Write says fewer than it took
	stop     func(rows int) error // after each block
	repeat   map[catalog.Extent]int64
}

func newHeap() *heap {
	return &heap{loaded: map[catalog.Name][]byte{}, formats: map[catalog.Name]wire.Format{}, large: map[uint32]string{}, repeat: map[catalog.Extent]int64{}}
}

// Write reads in a goroutine of its own, as pgx does.
func (h *heap) Write(ctx context.Context, _ int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	h.mu.Lock()
	n, again := h.repeat[e]
	h.mu.Unlock()
	if again {
		return n, nil
	}
	done := make(chan error, 1)
	var all bytes.Buffer
	go func() {
		for {
			b, err := rows.Next()
			if err == io.EOF {
				done <- nil
				return
			}
			if err != nil {
				done <- errors.New("rows stopped")
				return
			}
			all.Write(b)
			if h.stop != nil {
				if err := h.stop(all.Len()); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	if err := <-done; err != nil {
		return 0, err
	}
	n, err := wire.NewSplitter(f, len(columns), 0).Count(all.Bytes())
	h.mu.Lock()
	defer h.mu.Unlock()
	h.loaded[into] = append(h.loaded[into], all.Bytes()...)
	h.formats[into] = f
	return n - h.short, err
}

func (h *heap) PutLargeObject(_ context.Context, oid uint32, r io.Reader) error {
	text, err := io.ReadAll(r)
	h.large[oid] = string(text)
	return err
}

func (h *heap) Finish(context.Context) error {
	h.finished = true
	return nil
}

// world is a plan, its catalog, a snapshot and a shadow that fit together.
func (m *memory) options(t rewritetest.Fataler, k Options) Options {
	k.Plan, k.Catalog = &plan.Plan{TargetKind: "staging"}, &catalog.Database{}
	for name, table := range m.tables {
		k.Plan.Tables = append(k.Plan.Tables, plan.Table{Name: name, Columns: table.columns})
		ct := &catalog.Table{Name: name, Size: catalog.Size{Rows: int64(len(table.rows)), Bytes: 100}}
		for _, c := range table.columns {
			ct.Columns = append(ct.Columns, catalog.Column{Name: c.Name, Type: c.Type})
		}
		k.Catalog.Tables = append(k.Catalog.Tables, ct)
	}
	k.Snapshot = m
	k.permit(t)
	return k
}

// permit asks guard for a permit of the plan as it is now.
func (o *Options) permit(t rewritetest.Fataler) {
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
