package rewrite

import (
	"fmt"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// calls records the calls of an Observer.
type calls []string

func (n *calls) Cell(column int, before, after transform.Cell) {
	*n = append(*n, fmt.Sprintf("%d %s -> %s", column, shown(before), shown(after)))
}

func shown(c transform.Cell) string {
	if c.Null {
		return "NULL"
	}
	return fmt.Sprintf("%q", c.Text)
}

// observed returns a Row with an observer.
func observed(t *testing.T, f wire.Format, columns []plan.Column, o Options) *Row {
	t.Helper()
	o.Keys = keysOf(t)
	r, err := Compile(testLayout(f, columns), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestTheObserverSeesEachTreatedCellAsText(t *testing.T) {
	columns := []plan.Column{
		rewritetest.Kept(t, "id", "int8", catalog.Integer),
		rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact")),
		rewritetest.Column(t, "tag", "text", catalog.Text, transform.Use{Treatment: "constant", Params: transform.Params{"value": "a\tb"}}),
		rewritetest.Column(t, "born", "date", catalog.Date, rewritetest.Use("null")),
	}
	want := calls{
		`1 "Ann\tDoe" -> "[redacted]"`, `2 NULL -> NULL`, `3 "1999-12-31" -> NULL`,
		`1 NULL -> NULL`, `2 "" -> "a\tb"`, `3 NULL -> NULL`,
	}
	for _, f := range rewritetest.Formats() {
		var got calls
		r := observed(t, f, columns, Options{Observer: &got})
		in := rewritetest.Encode(t, f, columns, [][]byte{[]byte("1"), []byte("Ann\tDoe"), nil, []byte("1999-12-31")}, [][]byte{[]byte("2"), nil, {}, nil})
		out, err := r.Append(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q", f, got)
		}
		alone, err := testRow(t, f, columns).Append(nil, in)
		if err != nil || string(alone) != string(out) {
			t.Errorf("%s: the rows differ without an observer: %v", f, err)
		}
	}
}

// The observer sees the answers of a program. It does not see the first pass, which only collects values.
func TestObserverSeesAProgramsAnswersOnly(t *testing.T) {
	columns := []plan.Column{rewritetest.Column(t, "name", "text", catalog.Text, command(10))}
	var got calls
	r := observed(t, wire.Text, columns, Options{Observer: &got, Programs: &shouter{}})
	if _, err := r.Append(nil, []byte("ann\nnobody\n")); err != nil {
		t.Fatal(err)
	}
	if want := (calls{`0 "ann" -> "ANN!"`, `0 "nobody" -> NULL`}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// The observer does not see a cell that stops the refresh, because the cell has no result.
func TestObserverDoesNotSeeFailedCells(t *testing.T) {
	columns := []plan.Column{rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact"))}
	var got calls
	r := observed(t, wire.Text, columns, Options{Observer: &got})
	r.cells[0].to = faulty(func(dst []byte, _ transform.Cell, _ transform.Row) ([]byte, bool, error) {
		return dst, false, &transform.Error{Code: "out-of-range", Text: "the value lies outside"}
	})
	if _, err := r.Append(nil, []byte("ann\n")); err == nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

// sums is an observer that only counts.
type sums struct{ cells, before, after int }

func (s *sums) Cell(_ int, before, after transform.Cell) {
	s.cells, s.before, s.after = s.cells+1, s.before+len(before.Text), s.after+len(after.Text)
}

func TestAnObserverCostsNoAllocation(t *testing.T) {
	columns := rewritetest.Shop(t)
	for _, f := range rewritetest.Formats() {
		var s sums
		for name, r := range map[string]*Row{"watched": observed(t, f, columns, Options{Observer: &s}), "not watched": testRow(t, f, columns)} {
			block := rewritetest.Encode(t, f, columns, rewritetest.ShopRow(), rewritetest.ShopRow())
			out := make([]byte, 0, 4*len(block))
			if n := testing.AllocsPerRun(100, func() {
				var err error
				if out, err = r.Append(out[:0], block); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, %s: %v allocations for 2 rows", f, name, n)
			}
		}
		if s.cells != 101*2*11 {
			t.Errorf("%s: the observer saw %d cells", f, s.cells)
		}
	}
}
