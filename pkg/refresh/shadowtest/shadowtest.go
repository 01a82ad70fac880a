// Package shadowtest has tests that every implementation of refresh.Shadow must pass. Only tests import it.
package shadowtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/wire"
)

// Subject is a shadow to test. It has the tables that SQL makes, without rows.
type Subject struct {
	Shadow refresh.Shadow
	// Rows returns the committed rows of a table as COPY text, in any order.
	Rows func(t *testing.T, table catalog.Name) []byte
	// Break breaks the connection of the worker that is writing an extent. Break is nil if a shadow has no connections.
	Break func(t *testing.T)
}

// SQL returns statements that make the tables on a server.
func SQL() string { return "CREATE TABLE t (id int, t text); CREATE TABLE bare ()" }

// Run runs the tests. The function open makes a new shadow for each test, and uses t.Cleanup to drop it.
func Run(t *testing.T, open func(t *testing.T) Subject) {
	for name, test := range map[string]func(*testing.T, Subject){
		"EveryExtentArrives":              everyExtentArrives,
		"ARepeatedExtentIsNoOp":           repeated,
		"RowsThatEndInAnError":            endInAnError,
		"TheContextEndsInTheMiddle":       contextEnds,
		"AWorkerBreaks":                   broken,
		"RowsThatDoNotFit":                doNotFit,
		"AnExtentWithoutRows":             withoutRows,
		"ATableWithoutColumns":            withoutColumns,
		"ARowLongerThanABlock":            longRow,
		"PartsLeaveEachOtherAlone":        parts,
		"ItIsFinishedAfterTheLastOfThese": finished,
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			t.Cleanup(func() { goleak.VerifyNone(t, before) }) // runs after the shadow was dropped
			test(t, open(t))
		})
	}
}

func named(n string) catalog.Name { return catalog.Name{Schema: "public", Name: n} }

func extent(index, of int) catalog.Extent {
	return catalog.Extent{Table: named("t"), Index: index, Of: of}
}

// write loads rows of the table t as text.
func write(ctx context.Context, s Subject, worker int, e catalog.Extent, rows wire.Blocks) (int64, error) {
	return s.Shadow.Write(ctx, worker, e, e.Table, []string{"id", "t"}, wire.Text, rows)
}

// blocks returns rows, and checks how a Shadow reads them.
type blocks struct {
	rest  [][]byte
	err   error  // returned at the end; nil for io.EOF
	then  func() // called before err is returned
	block []byte
	over  atomic.Bool  // Write has returned
	late  atomic.Bool  // Next was called after Write had returned
	in    atomic.Int32 // number of goroutines that are in Next
	twice atomic.Bool  // two goroutines were in Next at the same time
}

func rows(lines ...string) *blocks {
	b := &blocks{}
	for _, line := range lines {
		b.rest = append(b.rest, []byte(line))
	}
	return b
}

func failing(err error, lines ...string) *blocks {
	b := rows(lines...)
	b.err = err
	return b
}

func (b *blocks) Next() ([]byte, error) {
	if b.in.Add(1) > 1 {
		b.twice.Store(true)
	}
	defer b.in.Add(-1)
	if b.over.Load() {
		b.late.Store(true)
	}
	clear(b.block) // a block is valid only until the next call
	if len(b.rest) == 0 {
		if b.then != nil {
			b.then()
		}
		if b.err != nil {
			return nil, b.err
		}
		return nil, io.EOF
	}
	b.block = append(b.block[:0], b.rest[0]...)
	b.rest = b.rest[1:]
	return b.block, nil
}

// returned records that Write has returned, and checks how Write has called Next.
func (b *blocks) returned(t *testing.T) {
	t.Helper()
	b.over.Store(true)
	if b.twice.Load() || b.late.Load() {
		t.Error("two goroutines called Next at the same time, or Next was called after Write had returned")
	}
}

// arrived checks that a table has exactly these rows.
func arrived(t *testing.T, s Subject, table string, want ...string) {
	t.Helper()
	got := strings.SplitAfter(string(s.Rows(t, named(table))), "\n")
	got = slices.DeleteFunc(got, func(line string) bool { return line == "" })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: %d rows arrived, want %d, or others: %.200q", table, len(got), len(want), got)
	}
}

func everyExtentArrives(t *testing.T, s Subject) {
	const extents, each = 8, 100
	var want []string
	var errs [2]error
	var both sync.WaitGroup
	for i := range extents * each {
		want = append(want, fmt.Sprintf("%d\trow %d\n", i, i))
	}
	for worker := range 2 {
		both.Go(func() {
			for e := worker; e < extents; e += 2 {
				b := rows(slices.Clone(want[e*each : (e+1)*each])...)
				if n, err := write(t.Context(), s, worker, extent(e, extents), b); err != nil || n != each {
					errs[worker] = fmt.Errorf("extent %d: %d rows, %w", e, n, err)
				}
				b.returned(t)
			}
		})
	}
	both.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	arrived(t, s, "t", want...)
}

func repeated(t *testing.T, s Subject) {
	for _, of := range []int{1, 2} {
		s := s
		e := extent(of-1, of) // first the whole table, then a part of it
		first := fmt.Sprintf("%d\ta\n", of)
		if n, err := write(t.Context(), s, 0, e, rows(first)); err != nil || n != 1 {
			t.Fatalf("%d rows, %v", n, err)
		}
		for worker := range 2 {
			if n, err := write(t.Context(), s, worker, e, rows("7\tagain\n", "8\tagain\n")); err != nil || n != 1 {
				t.Errorf("worker %d, again: %d rows, %v", worker, n, err)
			}
		}
	}
	arrived(t, s, "t", "1\ta\n", "2\ta\n")
}

func endInAnError(t *testing.T, s Subject) {
	cause := errors.New("the source broke")
	for _, of := range []int{2, 1} {
		e := extent(0, of)
		for _, lines := range [][]string{nil, {"1\ta\n"}, {"1\ta\n", "2\tb\n", "3\tc\n"}} {
			b := failing(cause, lines...)
			if n, err := write(t.Context(), s, 0, e, b); !errors.Is(err, cause) || n != 0 {
				t.Fatalf("after %d blocks: %d rows, %v", len(lines), n, err)
			}
			b.returned(t)
			arrived(t, s, "t")
		}
	}
	if n, err := write(t.Context(), s, 0, extent(0, 2), rows("1\ta\n", "2\tb\n")); err != nil || n != 2 {
		t.Errorf("the extent was counted as written: %d rows, %v", n, err)
	}
	arrived(t, s, "t", "1\ta\n", "2\tb\n")
}

func contextEnds(t *testing.T, s Subject) {
	ctx, cancel := context.WithCancel(t.Context())
	b := failing(context.Canceled, "1\ta\n", "2\tb\n")
	b.then = cancel
	if _, err := write(ctx, s, 0, extent(0, 2), b); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	b.returned(t)
	b = rows("1\ta\n")
	if _, err := write(ctx, s, 0, extent(1, 2), b); err == nil {
		t.Error("an extent was written although the context had ended")
	}
	b.returned(t)
	arrived(t, s, "t")
	for worker, line := range []string{"1\ta\n", "2\tb\n"} { // with the same worker, and with another one
		if n, err := write(t.Context(), s, worker, extent(worker, 2), rows(line)); err != nil || n != 1 {
			t.Errorf("worker %d, with another context: %d rows, %v", worker, n, err)
		}
	}
	arrived(t, s, "t", "1\ta\n", "2\tb\n")
}

func doNotFit(t *testing.T, s Subject) {
	const canary = "canary-5d1e"
	b := rows("1\ta\n", canary+"\n", "3\tc\n")
	_, err := write(t.Context(), s, 0, extent(0, 2), b)
	if err == nil || strings.Contains(err.Error(), canary) {
		t.Errorf("got %v", err)
	}
	b.returned(t)
	if n, err := write(t.Context(), s, 0, extent(0, 2), rows("1\ta\n")); err != nil || n != 1 {
		t.Errorf("and then: %d rows, %v", n, err)
	}
	arrived(t, s, "t", "1\ta\n")
}

func withoutRows(t *testing.T, s Subject) {
	for _, f := range []wire.Format{wire.Text, wire.Binary} {
		e := extent(int(f), 3)
		for range 2 {
			if n, err := s.Shadow.Write(t.Context(), 0, e, e.Table, []string{"id", "t"}, f, rows()); err != nil || n != 0 {
				t.Errorf("%s: %d rows, %v", f, n, err)
			}
		}
		if n, err := write(t.Context(), s, 0, e, rows("7\tagain\n")); err != nil || n != 0 {
			t.Errorf("%s: an extent without rows was not remembered: %d rows, %v", f, n, err)
		}
	}
	arrived(t, s, "t")
}

func withoutColumns(t *testing.T, s Subject) {
	e := catalog.Extent{Table: named("bare"), Of: 1}
	for range 2 {
		if n, err := s.Shadow.Write(t.Context(), 0, e, e.Table, []string{}, wire.Text, rows("\n", "\n\n")); err != nil || n != 3 {
			t.Errorf("%d rows, %v", n, err)
		}
	}
	arrived(t, s, "bare", "\n", "\n", "\n")
}

func longRow(t *testing.T, s Subject) {
	line := "1\t" + strings.Repeat("long", 1<<20) + "\n"
	b := rows(line, "2\tb\n")
	if n, err := write(t.Context(), s, 0, extent(0, 2), b); err != nil || n != 2 {
		t.Errorf("%d rows, %v", n, err)
	}
	b.returned(t)
	arrived(t, s, "t", line, "2\tb\n")
}

// Writing one part of a table does not change the rows of other parts.
func parts(t *testing.T, s Subject) {
	for index := range 3 {
		if n, err := write(t.Context(), s, index%2, extent(index, 3), rows(fmt.Sprintf("%d\ta\n", index))); err != nil || n != 1 {
			t.Fatalf("%d rows, %v", n, err)
		}
	}
	arrived(t, s, "t", "0\ta\n", "1\ta\n", "2\ta\n")
}

func finished(t *testing.T, s Subject) {
	if _, err := write(t.Context(), s, 0, extent(0, 1), rows("1\ta\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := write(t.Context(), s, 1, extent(1, 2), failing(errors.New("broken"), "2\tb\n")); err == nil {
		t.Error("no error")
	}
	if err := s.Shadow.Finish(t.Context()); err != nil {
		t.Error(err)
	}
	arrived(t, s, "t", "1\ta\n")
}
