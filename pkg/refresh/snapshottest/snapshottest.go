// Package snapshottest has tests that every implementation of refresh.Snapshot must pass. Only tests import it.
package snapshottest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/wire"
)

// Run runs the tests. The function open opens a snapshot of the tables that SQL makes, and uses t.Cleanup to close it.
func Run(t *testing.T, open func(t *testing.T) refresh.Snapshot) {
	for name, test := range map[string]func(*testing.T, refresh.Snapshot){
		"EveryRowComesOnce":          everyRowComesOnce,
		"AnExtentIsPlainData":        plainData,
		"AgainAndByAnotherReader":    again,
		"AReaderBreaks":              broken,
		"TwoReadersAtOnce":           twoAtOnce,
		"AReaderMayStopEarly":        stopEarly,
		"AReaderIsClosedInTheMiddle": closedInTheMiddle,
		"TheContextEndsInTheMiddle":  contextEnds,
		"TheHandleOfSomethingElse":   otherHandle,
		"AnExtentNobodyAskedFor":     otherExtent,
		"ATableThatIsNotThere":       otherTable,
		"BlocksAreWholeRows":         wholeRows,
		"SelectedRows":               selectedRows,
		"ASearchEnds":                searchEnds,
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) }) // runs after the snapshot was closed
			test(t, open(t))
		})
	}
}

// Sizes of extents in bytes. With small, a snapshot may cut a table into many extents. With large, it cuts no table.
const (
	small = 64 << 10
	large = 1 << 40
)

// cut cuts all tables, in binary or in text.
func cut(t *testing.T, s refresh.Snapshot, binary bool, bytes int64) ([]catalog.Want, catalog.Cut) {
	t.Helper()
	want := wants(binary)
	c, err := s.Cut(t.Context(), want, catalog.Sizes{Workers: 2, Bytes: bytes})
	if err != nil {
		t.Fatal(err)
	}
	return want, c
}

// reader opens a reader that is closed when the test ends.
func reader(t *testing.T, s refresh.Snapshot, want []catalog.Want, h catalog.Handle) refresh.Reader {
	t.Helper()
	r, err := s.Open(t.Context(), want, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

// read reads one extent to its end.
func read(ctx context.Context, r refresh.Reader, e catalog.Extent) (string, error) {
	rows, err := r.Read(ctx, e)
	if err != nil {
		return "", err
	}
	return rest(rows)
}

func rest(rows wire.Blocks) (string, error) {
	var b strings.Builder
	for {
		block, err := rows.Next()
		if err == io.EOF {
			return b.String(), nil
		}
		if err != nil {
			return "", err
		}
		b.Write(block)
	}
}

// readAll reads extents in the given order. It returns the bytes of each extent.
func readAll(ctx context.Context, r refresh.Reader, extents []catalog.Extent) (map[string]string, error) {
	all := map[string]string{}
	for _, e := range extents {
		text, err := read(ctx, r, e)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", id(e), err)
		}
		all[id(e)] = text
	}
	return all, nil
}

func id(e catalog.Extent) string { return fmt.Sprintf("%s %d", e.Table, e.Index) }

// biggest returns an extent of the table big, which is larger than a reader's buffers.
func biggest(t *testing.T, c catalog.Cut) catalog.Extent {
	t.Helper()
	i := slices.IndexFunc(c.Extents, func(e catalog.Extent) bool { return e.Table == named("big") })
	if i < 0 {
		t.Fatalf("the table has no extent: %v", c.Extents)
	}
	return c.Extents[i]
}

func everyRowComesOnce(t *testing.T, s refresh.Snapshot) {
	for _, bytes := range []int64{0, small, large} {
		for _, binary := range []bool{false, true} {
			want, c := cut(t, s, binary, bytes)
			r := reader(t, s, want, c.Handle)
			got := map[catalog.Name]string{}
			seen := map[catalog.Name][]bool{}
			for _, e := range c.Extents {
				if seen[e.Table] == nil {
					seen[e.Table] = make([]bool, e.Of)
				}
				if e.Of != len(seen[e.Table]) || e.Index < 0 || e.Index >= e.Of || seen[e.Table][e.Index] || want[e.Want].Table != e.Table {
					t.Fatalf("extent %+v is not one of %d", e, len(seen[e.Table]))
				}
				seen[e.Table][e.Index] = true
				text, err := read(t.Context(), r, e)
				if err != nil {
					t.Fatal(err)
				}
				got[e.Table] += text
			}
			for _, table := range tables() {
				if slices.Contains(seen[table.name], false) || len(seen[table.name]) == 0 {
					t.Errorf("%s: extents are missing", table.name)
				}
				if rows := sortedRows(t, table, binary, got[table.name]); !slices.Equal(rows, table.sorted()) {
					t.Errorf("%s, binary %v, extents of %d: %d rows, want %d, or others", table.name, binary, bytes, len(rows), len(table.rows))
				}
			}
		}
	}
}

func plainData(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, true, small)
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var again catalog.Cut
	if err := json.Unmarshal(data, &again); err != nil {
		t.Fatal(err)
	}
	first, err := readAll(t.Context(), reader(t, s, want, c.Handle), c.Extents)
	if err != nil {
		t.Fatal(err)
	}
	second, err := readAll(t.Context(), reader(t, s, want, again.Handle), again.Extents)
	if err != nil {
		t.Fatal(err)
	}
	same(t, second, first)
}

func same(t *testing.T, got, want map[string]string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d extents, want %d", len(got), len(want))
	}
	for key, text := range want {
		if got[key] != text {
			t.Errorf("%s: %d bytes, want the %d that came first, or other bytes", key, len(got[key]), len(text))
		}
	}
}

func again(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, false, small)
	if c.Sequential {
		t.Skip("a sequential snapshot is read once, in order")
	}
	a, b := reader(t, s, want, c.Handle), reader(t, s, want, c.Handle)
	first, err := readAll(t.Context(), a, c.Extents)
	if err != nil {
		t.Fatal(err)
	}
	slices.Reverse(c.Extents)
	for who, r := range map[string]refresh.Reader{"the same reader": a, "another reader": b} {
		second, err := readAll(t.Context(), r, c.Extents)
		if err != nil {
			t.Fatalf("%s: %v", who, err)
		}
		same(t, second, first)
	}
}

func twoAtOnce(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, true, small)
	if c.Sequential {
		t.Skip("a sequential snapshot has one reader")
	}
	backwards := slices.Clone(c.Extents)
	slices.Reverse(backwards)
	var got [2]map[string]string
	var errs [2]error
	var both sync.WaitGroup
	for i, extents := range [][]catalog.Extent{c.Extents, backwards} {
		r := reader(t, s, want, c.Handle)
		both.Go(func() { got[i], errs[i] = readAll(t.Context(), r, extents) })
	}
	both.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	same(t, got[1], got[0])
}

func stopEarly(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, false, large)
	if c.Sequential {
		t.Skip("a sequential snapshot is read to the end")
	}
	e := biggest(t, c)
	r := reader(t, s, want, c.Handle)
	whole, err := read(t.Context(), r, e)
	if err != nil {
		t.Fatal(err)
	}
	for _, blocks := range []int{0, 1, 2} { // 0 is the case of a target that already has the extent
		rows, err := r.Read(t.Context(), e)
		if err != nil {
			t.Fatal(err)
		}
		for range blocks {
			if _, err := rows.Next(); err != nil {
				t.Fatal(err)
			}
		}
		if again, err := read(t.Context(), r, e); err != nil || again != whole {
			t.Errorf("after %d blocks: %d bytes, want %d: %v", blocks, len(again), len(whole), err)
		}
		if text, err := rest(rows); err == nil {
			t.Errorf("after %d blocks: the blocks of the first Read returned %d more bytes and no error", blocks, len(text))
		}
	}
}

func closedInTheMiddle(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, false, large)
	e := biggest(t, c)
	r := reader(t, s, want, c.Handle)
	rows, err := r.Read(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := rest(rows); err == nil {
		t.Error("the blocks of a closed reader returned no error")
	}
	if _, err := r.Read(t.Context(), e); err == nil {
		t.Error("a closed reader reads")
	}
	if c.Sequential {
		return
	}
	if _, err := read(t.Context(), reader(t, s, want, c.Handle), e); err != nil {
		t.Errorf("another reader: %v", err)
	}
}

func contextEnds(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, true, large)
	e := biggest(t, c)
	r := reader(t, s, want, c.Handle)
	ctx, cancel := context.WithCancel(t.Context())
	rows, err := r.Read(ctx, e)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := rows.Next(); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := rest(rows); !errors.Is(err, context.Canceled) {
		t.Errorf("the rows ended with %v", err)
	}
	if _, err := rows.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("and then with %v", err)
	}
	if _, err := read(ctx, r, e); !errors.Is(err, context.Canceled) {
		t.Errorf("another extent was begun: %v", err)
	}
	if c.Sequential {
		return
	}
	if text, err := read(t.Context(), r, e); err != nil || len(text) == 0 {
		t.Errorf("the same reader with another context: %d bytes, %v", len(text), err)
	}
}

func otherHandle(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, false, large)
	for name, change := range map[string]func(h *catalog.Handle, want *[]catalog.Want){
		"snapshot": func(h *catalog.Handle, _ *[]catalog.Want) { h.Snapshot += "0" },
		"server":   func(h *catalog.Handle, _ *[]catalog.Want) { h.SystemID += "0" },
		"database": func(h *catalog.Handle, _ *[]catalog.Want) { h.Database += "0" },
		"columns":  func(_ *catalog.Handle, want *[]catalog.Want) { (*want)[0].Columns = []string{"t", "id"} },
		"tables":   func(_ *catalog.Handle, want *[]catalog.Want) { *want = (*want)[1:] },
		"nothing":  func(h *catalog.Handle, _ *[]catalog.Want) { *h = catalog.Handle{} },
	} {
		h, other := c.Handle, slices.Clone(want)
		change(&h, &other)
		if r, err := s.Open(t.Context(), other, h); err == nil {
			t.Errorf("another %s was accepted", name)
			_ = r.Close() // the test has already failed
		}
	}
}

func otherExtent(t *testing.T, s refresh.Snapshot) {
	want, c := cut(t, s, false, large)
	r := reader(t, s, want, c.Handle)
	for name, change := range map[string]func(e *catalog.Extent){
		"before the first": func(e *catalog.Extent) { e.Want = -1 },
		"after the last":   func(e *catalog.Extent) { e.Want = len(want) },
		"of another table": func(e *catalog.Extent) { e.Table = named("nobody") },
	} {
		e := c.Extents[0]
		change(&e)
		if _, err := r.Read(t.Context(), e); err == nil {
			t.Errorf("an extent %s was read", name)
		}
	}
	if _, err := read(t.Context(), r, c.Extents[0]); err != nil {
		t.Errorf("and then: %v", err)
	}
}

func otherTable(t *testing.T, s refresh.Snapshot) {
	_, err := s.Cut(t.Context(), append(wants(false), catalog.Want{Table: named("nobody"), Columns: []string{"a"}}), catalog.Sizes{Workers: 1})
	if err == nil || !strings.Contains(err.Error(), "nobody") {
		t.Errorf("got %v", err)
	}
	if c, err := s.Cut(t.Context(), nil, catalog.Sizes{Workers: 1}); err != nil || len(c.Extents) != 0 {
		t.Errorf("nothing is wanted: %d extents, %v", len(c.Extents), err)
	}
}

func wholeRows(t *testing.T, s refresh.Snapshot) {
	for _, binary := range []bool{false, true} {
		want, c := cut(t, s, binary, small)
		r := reader(t, s, want, c.Handle)
		for _, e := range c.Extents {
			rows, err := r.Read(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			split := wire.NewSplitter(format(binary && len(want[e.Want].Columns) > 0), len(want[e.Want].Columns), 0)
			for {
				block, err := rows.Next()
				if err == io.EOF {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if _, err := split.Count(block); err != nil || len(block) == 0 {
					t.Fatalf("%s, binary %v: a block of %d bytes is not whole rows: %v", id(e), binary, len(block), err)
				}
			}
			if _, err := rows.Next(); err != io.EOF {
				t.Errorf("%s: after the end: %v", id(e), err)
			}
		}
	}
}
