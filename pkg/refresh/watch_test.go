package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/refresh/snapshottest"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// recording is a Watch that keeps what its watchers saw of the extents that are in the target.
type recording struct {
	mu     sync.Mutex
	done   map[string]*extentSeen // by table and index of the extent
	layout map[*rewrite.Layout]bool
	twice  []string // extents that were done twice
}

// extentSeen is what a watcher saw of one extent.
type extentSeen struct {
	leaves   int
	subjects []string // subjects of the rows in their order; "NULL" for none
	kept     []string // kept cells of the rows in their order
}

func newRecording() *recording {
	return &recording{done: map[string]*extentSeen{}, layout: map[*rewrite.Layout]bool{}}
}

func (r *recording) Watcher(l *rewrite.Layout) refresh.Watcher {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.layout[l] = true
	return &recorder{to: r}
}

// recorder is one watcher of a recording. It is a Leaf too.
type recorder struct {
	to   *recording
	of   string
	seen *extentSeen
	row  []byte // the kept cells of the row
}

func (w *recorder) Begin(e catalog.Extent) { w.of, w.seen = extentKey(e), &extentSeen{} }

func (w *recorder) Done() {
	w.to.mu.Lock()
	defer w.to.mu.Unlock()
	if w.to.done[w.of] != nil {
		w.to.twice = append(w.to.twice, w.of)
	}
	w.to.done[w.of], w.seen = w.seen, nil
}

func (w *recorder) Compares(int) bool                        { return true }
func (w *recorder) Control(int) rewrite.Control              { return nil }
func (w *recorder) Leaf(int, transform.Place) transform.Leaf { return w }
func (w *recorder) See(_, _ []byte)                          { w.seen.leaves++ }
func (w *recorder) Kept(run []byte)                          { w.row = append(w.row, run...) }

func (w *recorder) Row(subject []byte) {
	text := "NULL"
	if subject != nil {
		text = string(subject)
	}
	w.seen.subjects, w.seen.kept, w.row = append(w.seen.subjects, text), append(w.seen.kept, string(w.row)), w.row[:0]
}

// check compares a recording with the rows of shopWorld.
func (r *recording) check(t *testing.T, what string, customers, perExtent int) {
	t.Helper()
	if len(r.twice) > 0 {
		t.Errorf("%s: done twice: %q", what, r.twice)
	}
	extents := (customers + perExtent - 1) / perExtent
	if len(r.done) != 2*extents+1 {
		t.Errorf("%s: %d extents, want %d", what, len(r.done), 2*extents+1)
	}
	for index := range extents {
		e := r.done[extentKey(catalog.Extent{Table: name("customers"), Index: index})]
		n := r.done[extentKey(catalog.Extent{Table: name("notes"), Index: index})]
		if e == nil || n == nil {
			t.Fatalf("%s: extent %d was not seen", what, index)
		}
		var subjects, nobody []string
		for i := index * perExtent; i < min((index+1)*perExtent, customers); i++ {
			subjects, nobody = append(subjects, strconv.Itoa(i)), append(nobody, "NULL")
			if at := i - index*perExtent; at < len(n.kept) && !strings.Contains(n.kept[at], strconv.Itoa(i)) {
				t.Errorf("%s: extent %d: row %d has the kept cells %q", what, index, at, n.kept[at])
			}
		}
		if e.leaves != 11*len(subjects) || !slices.Equal(e.subjects, subjects) {
			t.Errorf("%s: extent %d: %d leaves, and the subjects %q; want %q", what, index, e.leaves, e.subjects, subjects)
		}
		if n.leaves != 0 || !slices.Equal(n.subjects, nobody) {
			t.Errorf("%s: extent %d of notes: %d leaves, %q", what, index, n.leaves, n.subjects)
		}
	}
}

// watchedOptions returns options with a watch. The customers have a subject. If shuffled is true, both tables are
// shuffled.
func watchedOptions(t *testing.T, m *memory, shuffled bool, o refresh.Options) (refresh.Options, *recording) {
	t.Helper()
	r := newRecording()
	o.Keys, o.Watch = rewritetest.Keys(t), r
	snapshot := o.Snapshot
	o = m.options(t, o)
	if snapshot != nil {
		o.Snapshot = snapshot
	}
	for i := range o.Plan.Tables {
		p := &o.Plan.Tables[i]
		p.Shuffled = shuffled
		if p.Name == name("customers") {
			p.Subject = "id"
		}
	}
	permit(t, &o)
	return o, r
}

func TestAWatchSeesEveryRowOnce(t *testing.T) {
	m := shopWorld(t, 100)
	for _, workers := range []int{1, 4} {
		for _, text := range []bool{false, true} {
			for _, shuffled := range []bool{false, true} {
				o, r := watchedOptions(t, m, shuffled, refresh.Options{Workers: workers, Text: text})
				h, _ := refreshed(t, m, o)
				what := fmt.Sprintf("%d workers, text %v, shuffled %v", workers, text, shuffled)
				r.check(t, what, 100, m.PerExtent)
				o.Watch = nil
				alone, _ := refreshed(t, m, o)
				if got, want := sorted(t, m, h, name("customers")), sorted(t, m, alone, name("customers")); !slices.Equal(got, want) {
					t.Errorf("%s: the target differs without a watch", what)
				}
				if len(r.layout) != 3 {
					t.Errorf("%s: %d layouts", what, len(r.layout))
				}
			}
		}
	}
}

// forgetful is a shadow whose first answer for extent 3 of customers is lost, after the extent was loaded.
type forgetful struct {
	mendedHeap
	lost atomic.Bool
}

func (f *forgetful) Write(ctx context.Context, worker int, e catalog.Extent, into catalog.Name, columns []string, format wire.Format, rows wire.Blocks) (int64, error) {
	n, err := f.mendedHeap.Write(ctx, worker, e, into, columns, format, rows)
	if e.Table == name("customers") && e.Index == 3 && err == nil && !f.lost.Swap(true) {
		return 0, errBroken
	}
	return n, err
}

// An extent is moved again if reading or writing it failed, or if only the target's answer was lost. The watch counts
// its rows once.
func TestAWatchCountsARepeatedExtentOnce(t *testing.T) {
	for _, shuffled := range []bool{false, true} {
		for what, fail := range map[string]func(m *memory, h *heap) (refresh.Snapshot, refresh.Shadow){
			"reading": func(m *memory, h *heap) (refresh.Snapshot, refresh.Shadow) {
				m.Broken, _ = breaks(2, errBroken)
				return mended{m}, h
			},
			"writing": func(m *memory, h *heap) (refresh.Snapshot, refresh.Shadow) {
				var failures atomic.Int32
				h.stop = func(int) error {
					if failures.Add(1) <= 2 {
						return errBroken
					}
					return nil
				}
				return m, mendedHeap{h}
			},
			"the answer": func(m *memory, h *heap) (refresh.Snapshot, refresh.Shadow) {
				return m, &forgetful{mendedHeap: mendedHeap{h}}
			},
		} {
			m, h := shopWorld(t, 100), newHeap()
			snapshot, shadow := fail(m, h)
			o, r := watchedOptions(t, m, shuffled, refresh.Options{Workers: 1, Snapshot: snapshot, Shadow: shadow})
			s, err := refresh.Run(t.Context(), o)
			if err != nil || s.Rows != 200 || len(s.Repeated) == 0 {
				t.Errorf("%s: %d rows, repeated %v, %v", what, s.Rows, s.Repeated, err)
			}
			r.check(t, fmt.Sprintf("%s, shuffled %v", what, shuffled), 100, m.PerExtent)
		}
	}
}

// A refresh fails if the target has an extent whose rows the watcher did not see, because nobody could verify these
// rows.
func TestAWatchRefusesRowsThatItDidNotSee(t *testing.T) {
	m, h := shopWorld(t, 20), newHeap()
	h.written[extentKey(catalog.Extent{Table: name("customers"), Index: 1})] = 7
	o, _ := watchedOptions(t, m, false, refresh.Options{Shadow: h})
	if _, err := refresh.Run(t.Context(), o); err == nil || !strings.HasPrefix(err.Error(), "public.customers: extent 1: ") || h.finished {
		t.Errorf("%v", err)
	}
}

// faulty is a Watch whose watchers panic.
type faulty struct{ *recording }

func (f faulty) Watcher(l *rewrite.Layout) refresh.Watcher {
	return panicking{f.recording.Watcher(l)}
}

type panicking struct{ refresh.Watcher }

func (panicking) Row([]byte) { panic("999999999") }

func TestAWatcherThatPanicsStopsTheRefresh(t *testing.T) {
	m, h := shopWorld(t, 20), newHeap()
	o, r := watchedOptions(t, m, false, refresh.Options{Shadow: h})
	o.Watch = faulty{r}
	var row *refresh.RowError
	if _, err := refresh.Run(t.Context(), o); !errors.As(err, &row) || strings.Contains(err.Error(), "999999999") || h.finished {
		t.Errorf("%v", err)
	}
}

// The watcher sees the rows of a partition as rows of the partition, even if they are loaded through the root. It
// gets the kept cells in the order of the root's columns, even if the partition has its columns in another order.
func TestAWatchSeesPartitions(t *testing.T) {
	root := name("root")
	key := rewritetest.Column(t, "k", "text", catalog.Text, rewritetest.Use("redact"))
	columns := []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), key, rewritetest.Kept(t, "note", "text", catalog.Text)}
	m := &memory{snapshottest.Memory{PerExtent: 2, PerBlock: 1, Tables: map[catalog.Name]snapshottest.MemoryTable{}}}
	for _, p := range []string{"p1", "p2"} {
		table := snapshottest.MemoryTable{Columns: columns}
		for i := range 3 {
			table.Rows = append(table.Rows, [][]byte{[]byte(strconv.Itoa(i)), []byte(p), []byte("note of " + p)})
		}
		m.Tables[name(p)] = table
	}
	o, r := watchedOptions(t, m, false, refresh.Options{Text: true})
	o.Plan.Tables = []plan.Table{{Name: root, Columns: columns, Subject: "id"}}
	for _, p := range o.Catalog.Tables {
		p.Root, p.PartitionOf = &root, &root
	}
	slices.Reverse(o.Catalog.Tables[1].Columns)
	o.Catalog.Tables = append(o.Catalog.Tables, &catalog.Table{Name: root, Partitioned: true, Strategy: "list", PartKey: []string{"k"}, Columns: o.Catalog.Tables[0].Columns})
	permit(t, &o)
	h := newHeap()
	o.Shadow = h
	if _, err := refresh.Run(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if len(r.layout) != 1 || len(r.done) != 4 || len(h.loaded[root]) == 0 {
		t.Errorf("%d layouts, %d extents, %q", len(r.layout), len(r.done), h.loaded)
	}
	for _, p := range []string{"p1", "p2"} {
		first, second := r.done["public."+p+" 0"], r.done["public."+p+" 1"]
		if first == nil || second == nil || !slices.Equal(slices.Concat(first.subjects, second.subjects), []string{"0", "1", "2"}) || first.leaves+second.leaves != 3 || second.kept[0] != "2note of "+p {
			t.Errorf("%s: %+v, %+v", p, first, second)
		}
	}
}
