package refresh_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/wire"
)

// errBroken is the only error after which mended and mendedHeap want another attempt.
var errBroken = errors.New("the connection broke")

// mended is a snapshot whose extents can be read again.
type mended struct{ *memory }

func (mended) Again(err error) bool { return errors.Is(err, errBroken) }

// mendedHeap is a shadow to which extents can be written again.
type mendedHeap struct{ *heap }

func (mendedHeap) Again(err error) bool { return errors.Is(err, errBroken) }

// breaks returns a function that fails in its first calls for extent 3 of customers. The argument
// times is the number of these calls. If times is negative, every call for this extent fails.
func breaks(times int, err error) (fail func(catalog.Extent) error, failures *atomic.Int32) {
	failures = &atomic.Int32{}
	return func(e catalog.Extent) error {
		if e.Table != name("customers") || e.Index != 3 || times >= 0 && failures.Load() >= int32(times) {
			return nil
		}
		failures.Add(1)
		return err
	}, failures
}

func TestAnExtentIsReadAgainAfterABreak(t *testing.T) {
	m := shopWorld(t, 100)
	whole, _ := refreshed(t, m, m.options(t, refresh.Options{Keys: rewritetest.Keys(t)}))
	want := sorted(t, m, whole, name("customers"))
	for _, workers := range []int{1, 4} {
		m.Broken, _ = breaks(2, errBroken)
		w := &watcher{rows: map[string]int64{}, done: map[string]int64{}}
		h := newHeap()
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Workers: workers, Observer: w, Shadow: h})
		o.Snapshot = mended{m}
		s, err := refresh.Run(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		if got := sorted(t, m, h, name("customers")); !slices.Equal(got, want) {
			t.Errorf("%d workers: the result differs from that of a refresh without a break", workers)
		}
		again := refresh.Repeat{Table: "public.customers", Extent: 3, Why: errBroken.Error()}
		if !slices.Equal(s.Repeated, []refresh.Repeat{again, again}) || s.Rows != 200 || w.rows["public.customers"] != 100 {
			t.Errorf("repeated %v, %d rows, observed %d", s.Repeated, s.Rows, w.rows["public.customers"])
		}
		if told := fmt.Sprintf("public.customers 3: %v", errBroken); !slices.Equal(w.again, []string{told, told}) {
			t.Errorf("told %q", w.again)
		}
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	other := errors.New("a value that cannot be read")
	for what, c := range map[string]struct {
		err      error
		snapshot func(*memory) refresh.Snapshot
		want     int32
	}{
		"a break that stays":                   {errBroken, func(m *memory) refresh.Snapshot { return mended{m} }, 3},
		"an error that is no break":            {other, func(m *memory) refresh.Snapshot { return mended{m} }, 1},
		"a snapshot that cannot be read again": {errBroken, func(m *memory) refresh.Snapshot { return m }, 1},
	} {
		m := shopWorld(t, 100)
		var failures *atomic.Int32
		m.Broken, failures = breaks(-1, c.err)
		h := newHeap()
		o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: mendedHeap{h}, Workers: 1})
		o.Snapshot = c.snapshot(m)
		if _, err := refresh.Run(t.Context(), o); !errors.Is(err, c.err) || failures.Load() != c.want || h.finished {
			t.Errorf("%s: %d attempts, want %d: %v", what, failures.Load(), c.want, err)
		}
	}
}

func TestAnExtentIsWrittenAgainAfterABreak(t *testing.T) {
	m := shopWorld(t, 100)
	h := newHeap()
	var failures atomic.Int32
	h.stop = func(int) error {
		if failures.Add(1) <= 2 {
			return errBroken
		}
		return nil
	}
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: mendedHeap{h}, Workers: 1})
	if s, err := refresh.Run(t.Context(), o); err != nil || s.Rows != 200 || len(s.Repeated) != 2 {
		t.Errorf("%d rows, repeated %v, %v", s.Rows, s.Repeated, err)
	}
	if got := len(sorted(t, m, h, name("customers"))); got != 100 {
		t.Errorf("%d customers in the target", got)
	}
}

// deafHeap is a shadow from which the answer to one write of customers is lost.
type deafHeap struct {
	mendedHeap
	lost atomic.Bool
}

func (d *deafHeap) Write(ctx context.Context, worker int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	n, err := d.mendedHeap.Write(ctx, worker, e, into, columns, f, rows)
	if err == nil && e.Table == name("customers") && !d.lost.Swap(true) {
		return 0, errBroken
	}
	return n, err
}

// If only the answer to a write was lost, the rows and bytes of the extent still count once.
func TestAnExtentWhoseAnswerIsLostCounts(t *testing.T) {
	m := shopWorld(t, 100)
	_, want := refreshed(t, m, m.options(t, refresh.Options{Keys: rewritetest.Keys(t)}))
	w := &watcher{rows: map[string]int64{}, done: map[string]int64{}}
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: &deafHeap{mendedHeap: mendedHeap{newHeap()}}, Workers: 1, Observer: w})
	s, err := refresh.Run(t.Context(), o)
	if err != nil || len(s.Repeated) != 1 {
		t.Fatalf("repeated %v: %v", s.Repeated, err)
	}
	if s.Rows != want.Rows || s.BytesRead != want.BytesRead || s.BytesWritten != want.BytesWritten || w.rows["public.customers"] != 100 {
		t.Errorf("%d rows, %d bytes read, %d written, %d observed; want %d, %d, %d, 100",
			s.Rows, s.BytesRead, s.BytesWritten, w.rows["public.customers"], want.Rows, want.BytesRead, want.BytesWritten)
	}
}

// eager is a side that wants another attempt after any error.
type eager struct{ *memory }

func (eager) Again(error) bool { return true }

// An extent is not moved again if a value cannot be treated, because this would fail every time. It is also not moved
// again if the refresh was ended.
func TestOnlyASideThatFailedIsAsked(t *testing.T) {
	m := shopWorld(t, 20)
	m.Tables[name("customers")].Rows[9][8] = []byte("-999999999")
	var read atomic.Int32
	m.Reading = func(e catalog.Extent) {
		if e.Table == name("customers") && e.Index == 1 {
			read.Add(1)
		}
	}
	o := m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap(), Workers: 1})
	o.Snapshot = eager{m}
	if _, err := refresh.Run(t.Context(), o); err == nil || !strings.Contains(err.Error(), "public.customers.number") || read.Load() != 1 {
		t.Errorf("read %d times: %v", read.Load(), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	m = shopWorld(t, 20)
	read.Store(0)
	m.Broken = func(catalog.Extent) error {
		read.Add(1)
		cancel()
		return errBroken
	}
	o = m.options(t, refresh.Options{Keys: rewritetest.Keys(t), Shadow: newHeap(), Workers: 1})
	o.Snapshot = eager{m}
	if _, err := refresh.Run(ctx, o); err == nil || read.Load() != 1 {
		t.Errorf("after the end, read %d times: %v", read.Load(), err)
	}
}
