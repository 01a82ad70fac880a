package refresh

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
)

// sliced returns rows in blocks of about size bytes.
type sliced struct {
	rows []byte
	size int
}

func (s *sliced) Next() ([]byte, error) {
	if len(s.rows) == 0 {
		return nil, io.EOF
	}
	n := min(s.size, len(s.rows))
	n += bytes.IndexByte(s.rows[n-1:], '\n')
	block := s.rows[:n]
	s.rows = s.rows[n:]
	return block, nil
}

var textTable = catalog.Name{Schema: "public", Name: "t"}

// shuffling returns the shuffled blocks of a table of one text column.
func shuffling(t testing.TB, w *worker, rows []byte, size int) *blocks {
	t.Helper()
	l := &rewrite.Layout{Table: textTable, Columns: []plan.Column{rewritetest.Kept(t, "name", "text", catalog.Text)}}
	r, err := rewrite.Compile(l, rewrite.Options{Keys: ring{rewritetest.Keys(t)}})
	if err != nil {
		t.Fatal(err)
	}
	b := &blocks{ctx: t.Context(), source: &sliced{rows, size}, worker: w, treater: &treater{row: r}, extent: catalog.Extent{Table: textTable}, shuffle: &w.shuffle, moved: func(int64, int64, int64) {}}
	b.shuffle.begin(orderOf(rewritetest.Keys(t), textTable, 1))
	return b
}

// all reads blocks to the end.
func all(t testing.TB, b *blocks) string {
	t.Helper()
	var out bytes.Buffer
	for {
		block, err := b.Next()
		if err == io.EOF {
			return out.String()
		}
		if err != nil {
			t.Fatal(err)
		}
		if len(block) == 0 {
			t.Fatal("an empty block")
		}
		out.Write(block)
	}
}

func numbered(n, width int) []byte {
	var rows []byte
	for i := range n {
		rows = fmt.Appendf(rows, "%0*d\n", width, i)
	}
	return rows
}

// P1: every row arrives once, with many numbers and sizes of rows. If there are at least 1000 rows, few of them arrive
// next to a row that was their neighbour in the source. One worker shuffles all these tables.
func TestP1EveryRowArrivesOnceFarFromItsNeighbours(t *testing.T) {
	w := &worker{}
	for _, c := range []struct{ rows, width, size int }{
		{0, 1, 100}, {1, 1, 100}, {2, 3, 1}, {1000, 8, 64}, {300_000, 8, 64 << 10}, {20_000, 1000, 256 << 10}, {100, 100_000, 256 << 10},
	} {
		rows := numbered(c.rows, c.width)
		b := shuffling(t, w, rows, c.size)
		got := strings.SplitAfter(all(t, b), "\n")
		got = got[:len(got)-1]
		kept, last := 0, -2
		for _, row := range got {
			i, err := strconv.Atoi(strings.TrimSpace(row))
			if err != nil {
				t.Fatal(err)
			}
			if i == last+1 || i == last-1 {
				kept++
			}
			last = i
		}
		if c.rows >= 1000 && kept > 4+c.rows/1000 {
			t.Errorf("%v: %d neighbours are kept", c, kept)
		}
		slices.Sort(got)
		if len(got) != c.rows || strings.Join(got, "") != string(rows) || b.rows != int64(c.rows) {
			t.Errorf("%v: %d rows arrived, %d were counted", c, len(got), b.rows)
		}
	}
}

// F4: the order of rows does not depend on what the worker did before.
func TestF4P1TheSameKeyGivesTheSameOrder(t *testing.T) {
	rows := numbered(200_000, 40)
	w := &worker{}
	want := all(t, shuffling(t, &worker{}, rows, 64<<10))
	for range 2 {
		if all(t, shuffling(t, w, rows, 64<<10)) != want {
			t.Error("the order differs")
		}
	}
}

// P1: a long row does not go through the windows, so it overtakes earlier rows. A long block of short rows goes through
// the windows.
func TestP1OnlyALongRowOvertakesOthers(t *testing.T) {
	long := strings.Repeat("x", longBlock+1) + "\n"
	rows := append(numbered(1000, 8), long...)
	rows = append(rows, numbered(1000, 8)...)
	if got := all(t, shuffling(t, &worker{}, rows, 9000)); !strings.HasPrefix(got, long) || len(got) != len(rows) {
		t.Errorf("%d bytes arrived, want %d; the long row comes first: %v", len(got), len(rows), strings.HasPrefix(got, long))
	}
	short := numbered(60_000, 8)
	if got := all(t, shuffling(t, &worker{}, short, 1<<20)); got == string(short) || len(got) != len(short) {
		t.Error("a long block of short rows keeps its order")
	}
}

func TestShufflingCostsNoAllocation(t *testing.T) {
	rows := numbered(100_000, 40)
	w := &worker{}
	all(t, shuffling(t, w, rows, 64<<10)) // the first call makes the windows
	b := shuffling(t, w, nil, 0)
	if n := testing.AllocsPerRun(5, func() {
		b.source = &sliced{rows, 64 << 10}
		b.err = nil
		b.shuffle.ended = false
		for b.err == nil {
			_, _ = b.Next()
		}
	}); n > 1 { // the source allocates once
		t.Errorf("%v allocations for 100,000 rows", n)
	}
}

// BenchmarkShuffle compares kept rows of 140 bytes with and without the shuffle. A refresh spends about a microsecond
// on such a row.
func BenchmarkShuffle(b *testing.B) {
	rows := numbered(200_000, 139)
	w := &worker{}
	for name, shuffled := range map[string]bool{"kept": false, "shuffled": true} {
		b.Run(name, func(b *testing.B) {
			from := shuffling(b, w, rows, 256<<10)
			if !shuffled {
				from.shuffle = nil
			}
			b.SetBytes(int64(len(rows)))
			for b.Loop() {
				from.source, from.err, w.shuffle.ended = &sliced{rows, 256 << 10}, nil, false
				for from.err == nil {
					_, _ = from.Next()
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*200_000), "ns/row")
		})
	}
}
