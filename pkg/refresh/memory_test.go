package refresh_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/wire"
)

// memory is a snapshot in memory. Its method options makes a plan for it.
type memory struct{ snapshottest.Memory }

// heap is a shadow in memory.
type heap struct {
	mu       sync.Mutex
	loaded   map[catalog.Name][]byte // all blocks, by the table into which they were loaded
	formats  map[catalog.Name]wire.Format
	written  map[string]int64 // number of rows, by extent
	finished bool
	short    int64                 // the result of Write is too small by this number
	stop     func(bytes int) error // called after each block with the size of the extent so far
}

func newHeap() *heap {
	return &heap{loaded: map[catalog.Name][]byte{}, formats: map[catalog.Name]wire.Format{}, written: map[string]int64{}}
}

func extentKey(e catalog.Extent) string { return fmt.Sprintf("%s %d", e.Table, e.Index) }

// Write reads the rows in another goroutine, as pgx does.
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

// rowsOf returns the number of rows, and an error if a row does not have the right number of columns.
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

// withLargeObjects is a snapshot that has large objects.
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

// heapOfLargeObjects is a shadow that takes large objects.
type heapOfLargeObjects struct {
	*heap
	large map[uint32]string
}

func (h heapOfLargeObjects) PutLargeObject(_ context.Context, oid uint32, r io.Reader) error {
	text, err := io.ReadAll(r)
	h.large[oid] = string(text)
	return err
}

// options returns options with this snapshot, and a catalog, a plan and a permit for it.
func (m *memory) options(t rewritetest.Fataler, o refresh.Options) refresh.Options {
	o.Plan, o.Catalog = &plan.Plan{TargetKind: "staging"}, &catalog.Database{}
	for name, table := range m.Tables {
		o.Plan.Tables = append(o.Plan.Tables, plan.Table{Name: name, Columns: table.Columns})
		ct := &catalog.Table{Name: name, Size: catalog.Size{Rows: int64(len(table.Rows)), Bytes: 100}}
		for _, c := range table.Columns {
			ct.Columns = append(ct.Columns, catalog.Column{Name: c.Name, Type: c.Type})
		}
		o.Catalog.Tables = append(o.Catalog.Tables, ct)
	}
	slices.SortFunc(o.Catalog.Tables, func(a, b *catalog.Table) int { return a.Name.Compare(b.Name) })
	o.Snapshot = m
	permit(t, &o)
	return o
}

// permit sets a permit for the present plan.
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
