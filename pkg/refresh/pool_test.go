package refresh_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/shadowtest"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
)

func TestMemoryIsASnapshot(t *testing.T) {
	m := &memory{snapshottest.Memory{PerExtent: 1000, PerBlock: 100, Tables: map[catalog.Name]snapshottest.MemoryTable{}}}
	for table, rows := range snapshottest.Tables() {
		m.Tables[table] = snapshottest.MemoryTable{Columns: snapshottest.Columns()[table], Rows: rows}
	}
	snapshottest.Run(t, func(*testing.T) refresh.Snapshot { return m })
}

func TestMemoryIsAShadow(t *testing.T) {
	shadowtest.Run(t, func(*testing.T) shadowtest.Subject {
		h := newHeap()
		return shadowtest.Subject{Shadow: h, Rows: func(_ *testing.T, table catalog.Name) []byte { return h.loaded[table] }}
	})
}

// read returns a list to which every extent is added when a worker begins to read it.
func (m *memory) read() *[]string {
	var mu sync.Mutex
	var order []string
	m.Reading = func(e catalog.Extent) {
		mu.Lock()
		defer mu.Unlock()
		order = append(order, extentKey(e))
	}
	return &order
}

func TestLargestExtentsComeFirst(t *testing.T) {
	m := shopWorld(t, 20)
	order := m.read()
	refreshed(t, m, m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Workers: 1}))
	want := []string{
		"public.customers 0", "public.customers 1", "public.customers 2", "public.notes 0", "public.notes 1", "public.notes 2", "public.empty 0",
	}
	if !slices.Equal(*order, want) {
		t.Errorf("got %q", *order)
	}
}

// A sequential snapshot, such as a stream of rows, is read by one worker, in the order of its extents.
func TestASequentialSnapshotIsReadInItsOrder(t *testing.T) {
	m := shopWorld(t, 20)
	m.Sequential = true
	order := m.read()
	refreshed(t, m, m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Workers: 8}))
	want := []string{
		"public.customers 0", "public.customers 1", "public.customers 2", "public.empty 0", "public.notes 0", "public.notes 1", "public.notes 2",
	}
	if readers := m.Readers.Load(); !slices.Equal(*order, want) || readers != 1 {
		t.Errorf("%d readers, %q", readers, *order)
	}
}

// odd is a snapshot with a function that changes its cut.
type odd struct {
	*memory
	change func(*catalog.Cut)
}

func (o odd) Cut(ctx context.Context, want []catalog.Want, s catalog.Sizes) (catalog.Cut, error) {
	c, err := o.memory.Cut(ctx, want, s)
	o.change(&c)
	return c, err
}

func TestACutThatWasNotAskedForIsRefused(t *testing.T) {
	for name, change := range map[string]func(*catalog.Cut){
		"a Want that is not there": func(c *catalog.Cut) { c.Extents[0].Want = 3 },
		"a Want below the first":   func(c *catalog.Cut) { c.Extents[0].Want = -1 },
		"another table":            func(c *catalog.Cut) { c.Extents[0].Table.Name = "secrets" },
	} {
		m := shopWorld(t, 3)
		m.Reading = func(catalog.Extent) { t.Errorf("%s: rows were read", name) }
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap()})
		o.Snapshot = odd{m, change}
		if _, err := refresh.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "cut an extent nobody asked for") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A table whose functions read another table is loaded after that table. Tables that read each other are loaded too.
func TestTablesThatFunctionsReadComeFirst(t *testing.T) {
	customers, notes, empty := catalog.Name{Schema: "public", Name: "customers"}, catalog.Name{Schema: "public", Name: "notes"}, catalog.Name{Schema: "public", Name: "empty"}
	for _, c := range []struct {
		after map[catalog.Name]catalog.Name
		want  []string // the extents of the first table and of the last
	}{
		{map[catalog.Name]catalog.Name{customers: notes, notes: empty}, []string{"public.empty 0", "public.customers"}},
		{map[catalog.Name]catalog.Name{customers: notes, notes: customers, empty: customers}, []string{"public.notes", "public.empty 0"}},
	} {
		m := shopWorld(t, 20)
		order := m.read()
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Workers: 4})
		for table, read := range c.after {
			o.Catalog.Table(table).LoadReads = []catalog.LoadRead{{Name: read}}
		}
		refreshed(t, m, o)
		if got := *order; len(got) != 7 || !strings.HasPrefix(got[0], c.want[0]) || !strings.HasPrefix(got[6], c.want[1]) {
			t.Errorf("%v: got %q", c.after, got)
		}
	}
}
