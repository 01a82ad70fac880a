package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func name(n string) catalog.Name { return catalog.Name{Schema: "public", Name: n} }

// shopWorld returns a snapshot with treated customers, kept notes and a table without rows.
func shopWorld(t testing.TB, customers int) *memory {
	m := &memory{snapshottest.Memory{PerExtent: 7, PerBlock: 3, Tables: map[catalog.Name]snapshottest.MemoryTable{
		name("notes"): {Columns: []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), rewritetest.Kept(t, "note", "text", catalog.Text)}},
		name("empty"): {Columns: []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer)}},
	}}}
	table := snapshottest.MemoryTable{Columns: rewritetest.Shop(t)}
	notes := m.Tables[name("notes")]
	for i := range customers {
		row := rewritetest.ShopRow()
		row[0], row[1], row[8] = []byte(strconv.Itoa(i)), fmt.Appendf(nil, "person %d", i), []byte(strconv.Itoa(i))
		table.Rows = append(table.Rows, row)
		notes.Rows = append(notes.Rows, [][]byte{row[0], []byte("note\t" + strconv.Itoa(i))})
	}
	m.Tables[name("customers")], m.Tables[name("notes")] = table, notes
	return m
}

// refreshed runs a refresh into a new heap.
func refreshed(t testing.TB, m *memory, o refresh.Options) (*heap, refresh.Summary) {
	t.Helper()
	h := newHeap()
	o.Shadow = h
	s, err := refresh.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	if !h.finished {
		t.Error("the shadow was not finished")
	}
	return h, s
}

// sorted returns every row of a loaded table as text, sorted.
func sorted(t testing.TB, m *memory, h *heap, table catalog.Name) []string {
	t.Helper()
	var out []string
	for _, row := range rewritetest.Decode(t, h.formats[table], m.Tables[table].Columns, h.loaded[table]) {
		out = append(out, fmt.Sprintf("%q", row))
	}
	slices.Sort(out)
	return out
}

func TestTheResultDependsOnNeitherWorkersNorChunksNorFormat(t *testing.T) {
	m := shopWorld(t, 100)
	var want []string
	for _, workers := range []int{1, 2, 8} {
		for _, text := range []bool{false, true} {
			for _, chunk := range []int{1, 7, 1000} {
				m.PerExtent, m.PerBlock = chunk, 1+chunk/2
				h, s := refreshed(t, m, m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Workers: workers, Text: text}))
				if (h.formats[name("customers")] == wire.Text) != text {
					t.Errorf("text %v: loaded as %s", text, h.formats[name("customers")])
				}
				got := append(sorted(t, m, h, name("customers")), sorted(t, m, h, name("notes"))...)
				if want == nil {
					want = got
				}
				if !slices.Equal(got, want) {
					t.Errorf("%d workers, %d rows to an extent, text %v: the result differs", workers, chunk, text)
				}
				if s.Rows != 200 || s.Values != 100*11 {
					t.Errorf("%d rows, %d values", s.Rows, s.Values)
				}
			}
		}
	}
	if strings.Contains(strings.Join(want[:100], ""), "person") {
		t.Error("a name came through")
	}
}

// watcher is an Observer that records the calls.
type watcher struct {
	mu       sync.Mutex
	phases   []string
	tables   int
	started  []string
	rows     map[string]int64
	done     map[string]int64
	finished []string
	again    []string
}

func (w *watcher) Phase(name string)                   { w.phases = append(w.phases, name) }
func (w *watcher) Total(tables int, rows, bytes int64) { w.tables = tables }
func (w *watcher) TableStart(table string, rows, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.started = append(w.started, table)
}

func (w *watcher) Rows(table string, rows, bytes int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rows[table] += rows
}

func (w *watcher) Again(table string, extent int, why error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.again = append(w.again, fmt.Sprintf("%s %d: %v", table, extent, why))
}

func (w *watcher) TableDone(table string, rows int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.done[table] = rows
	w.finished = append(w.finished, table)
}

func TestTheObserverSeesEveryTableOnce(t *testing.T) {
	m := shopWorld(t, 50)
	w := &watcher{rows: map[string]int64{}, done: map[string]int64{}}
	_, s := refreshed(t, m, m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Workers: 4, Observer: w}))
	slices.Sort(w.started)
	slices.Sort(w.finished)
	all := []string{"public.customers", "public.empty", "public.notes"}
	if !slices.Equal(w.started, all) || !slices.Equal(w.finished, all) || w.tables != 3 {
		t.Errorf("started %v, finished %v of %d", w.started, w.finished, w.tables)
	}
	if want := (map[string]int64{"public.customers": 50, "public.notes": 50, "public.empty": 0}); !reflect.DeepEqual(w.done, want) || w.rows["public.notes"] != 50 {
		t.Errorf("done %v, rows %v", w.done, w.rows)
	}
	if !slices.Equal(w.phases, []string{"rows", "finish"}) {
		t.Errorf("phases %v", w.phases)
	}
	if names := []string{s.Tables[0].Table, s.Tables[1].Table, s.Tables[2].Table}; !slices.Equal(names, all) || s.Tables[0].Rows != 50 {
		t.Errorf("%+v", s.Tables)
	}
}

func TestNothingMovesWithoutAPermitForThisPlan(t *testing.T) {
	m := shopWorld(t, 1)
	m.Asked = func([]catalog.Want) { t.Error("the snapshot was asked for rows") }
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap()})
	o.Plan.Tables[0].Columns[0].Use.Treatment = "redact" // this changes the plan after the permit was given
	var refused *guard.Refused
	if _, err := refresh.Run(context.Background(), o); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
	o.Permit = nil
	if _, err := refresh.Run(context.Background(), o); !errors.As(err, &refused) {
		t.Errorf("%v", err)
	}
}

func TestNothingMovesWithoutADecision(t *testing.T) {
	for what, spoil := range map[string]func(*refresh.Options){
		"a table nobody decided on": func(o *refresh.Options) {
			o.Catalog.Tables = append(o.Catalog.Tables, &catalog.Table{Name: name("new")})
		},
		"a column nobody decided on": func(o *refresh.Options) {
			o.Catalog.Tables[0].Columns = append(o.Catalog.Tables[0].Columns, catalog.Column{Name: "new", Type: rewritetest.Type("text", catalog.Text)})
		},
		"a decision left empty": func(o *refresh.Options) { o.Plan.Tables[0].Columns[0].Use.Treatment = "" },
		"a treatment that does not exist": func(o *refresh.Options) {
			o.Plan.Tables[0].Columns[0].Use.Treatment = "no-such"
		},
	} {
		m := shopWorld(t, 1)
		m.Asked = func([]catalog.Want) { t.Errorf("%s: the snapshot was asked for rows", what) }
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap()})
		spoil(&o)
		permit(t, &o)
		if _, err := refresh.Run(context.Background(), o); err == nil {
			t.Errorf("%s: it ran", what)
		}
	}
}

func TestASkippedTableIsNotRead(t *testing.T) {
	m := shopWorld(t, 3)
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t)})
	for i := range o.Plan.Tables {
		o.Plan.Tables[i].Skip = o.Plan.Tables[i].Name == name("notes")
	}
	permit(t, &o)
	h, s := refreshed(t, m, o)
	if h.loaded[name("notes")] != nil || !slices.Equal(s.Skipped, []string{"public.notes"}) || s.Rows != 3 {
		t.Errorf("%q, %+v", h.loaded[name("notes")], s)
	}
}

func TestRowsThatGoMissingStopTheRefresh(t *testing.T) {
	m := shopWorld(t, 20)
	m.Lose = true
	h := newHeap()
	if _, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h})); err == nil || h.finished {
		t.Errorf("an extent that was never streamed: %v", err)
	}
	m.Lose = false
	h = newHeap()
	h.short = 1
	if _, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h})); err == nil || h.finished {
		t.Errorf("a row the shadow did not take: %v", err)
	}
	h = newHeap() // a shadow that already has an extent does not read it
	h.written[extentKey(catalog.Extent{Table: name("customers"), Index: 1})] = 7
	s, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h}))
	if err != nil || s.Rows != 40 {
		t.Errorf("a repeated extent: %d rows, %v", s.Rows, err)
	}
}

func TestTheFirstErrorEndsTheRefresh(t *testing.T) {
	cause := errors.New("the connection broke")
	for _, workers := range []int{1, 4} {
		m := shopWorld(t, 200)
		m.Broken = func(e catalog.Extent) error {
			if e.Index == 3 {
				return cause
			}
			return nil
		}
		h := newHeap()
		if _, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h, Workers: workers})); !errors.Is(err, cause) || h.finished {
			t.Errorf("a broken source: %v", err)
		}
		m.Broken, h = nil, newHeap()
		h.stop = func(int) error { return cause }
		if _, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h, Workers: workers})); !errors.Is(err, cause) || h.finished {
			t.Errorf("a broken shadow: %v", err)
		}
	}
}

func TestABadCellIsNamedAndNotQuoted(t *testing.T) {
	const canary = "999999999"
	m := shopWorld(t, 20)
	customers := m.Tables[name("customers")]
	customers.Rows[9][8] = []byte("-" + canary)
	h := newHeap()
	_, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h}))
	var row *refresh.RowError
	if !errors.As(err, &row) || row.Table != name("customers") || row.Extent != 1 || row.Row != 3 || row.Column != "number" || row.Code() == "" {
		t.Fatalf("%v", err)
	}
	if strings.Contains(err.Error(), canary) || !strings.HasPrefix(err.Error(), "public.customers.number: row 3 of extent 1: token: ") {
		t.Errorf("%v", err)
	}
}

func TestCancellingEndsTheRefresh(t *testing.T) {
	m := shopWorld(t, 1000)
	delete(m.Tables, name("notes"))
	delete(m.Tables, name("empty"))
	m.PerExtent = 1000 // all rows are in one extent, so that the refresh ends within it
	ctx, cancel := context.WithCancel(context.Background())
	h, blocks := newHeap(), 0
	h.stop = func(int) error {
		blocks++
		cancel()
		return nil
	}
	if _, err := refresh.Run(ctx, m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: h, Workers: 3})); !errors.Is(err, context.Canceled) || h.finished || blocks != 1 {
		t.Errorf("%v after %d blocks", err, blocks)
	}
}

func TestALongRowIsRefusedInAKeptTableToo(t *testing.T) {
	for _, text := range []bool{false, true} {
		m := shopWorld(t, 5)
		notes := m.Tables[name("notes")]
		notes.Rows[3][1] = []byte(strings.Repeat("x", 5000))
		_, err := refresh.Run(context.Background(), m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap(), Text: text, MaxRow: 4000}))
		var row *refresh.RowError
		if !errors.As(err, &row) || !errors.Is(err, rewrite.ErrTooLarge) || row.Row != 4 {
			t.Errorf("text %v: %v", text, err)
		}
	}
}
