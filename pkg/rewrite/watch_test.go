package rewrite

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// calls is a Watcher that records its calls.
type calls []string

func (n *calls) Leaf(column int, at transform.Place) transform.Leaf {
	return &recorder{n, strings.TrimSpace(fmt.Sprintf("%d %s", column, at.Path))}
}

func (n *calls) Compares(int) bool   { return true }
func (n *calls) Control(int) Control { return nil }
func (n *calls) Kept(run []byte)     { *n = append(*n, fmt.Sprintf("kept %q", run)) }
func (n *calls) Row(subject []byte)  { *n = append(*n, "row "+shown(subject)) }

type recorder struct {
	to *calls
	at string
}

func (r *recorder) See(before, after []byte) {
	*r.to = append(*r.to, fmt.Sprintf("%s %s -> %s", r.at, shown(before), shown(after)))
}

func shown(b []byte) string {
	if b == nil {
		return "NULL"
	}
	return fmt.Sprintf("%q", b)
}

// watchedRow returns a Row with a Watcher.
func watchedRow(t testing.TB, l *Layout, o Options) *Row {
	t.Helper()
	o.Keys = keysOf(t)
	r, err := Compile(l, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// withSubject returns a layout whose subject is a column.
func withSubject(f wire.Format, columns []plan.Column, subject string) *Layout {
	l := testLayout(f, columns)
	l.Subject = subject
	return l
}

func TestTheWatcherSeesARow(t *testing.T) {
	columns := []plan.Column{
		rewritetest.Kept(t, "id", "numeric", catalog.Numeric),
		rewritetest.Kept(t, "state", "text", catalog.Text),
		rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact")),
		rewritetest.Column(t, "data", "jsonb", catalog.JSON, transform.Use{Treatment: "json", Paths: []transform.Path{{Path: "$.a", Use: rewritetest.Use("null")}}}),
		rewritetest.Column(t, "born", "date", catalog.Date, rewritetest.Use("null")),
		rewritetest.Kept(t, "note", "text", catalog.Text),
	}
	rows := [][][]byte{
		{[]byte("7.0"), []byte("x"), []byte("Ann\tDoe"), []byte(`{"a": "b"}`), []byte("1999-12-31"), []byte("a\nb")},
		{nil, nil, {}, nil, nil, nil},
	}
	leaves := []string{`2 "Ann\tDoe" -> "[redacted]"`, `3 $.a "b" -> NULL`, `4 "1999-12-31" -> NULL`}
	nulls := []string{`2 "" -> "[redacted]"`, `4 NULL -> NULL`}
	for f, kept := range map[wire.Format][]string{
		wire.Text:   {"7.0\tx", `a\nb`, "\\N\t\\N", `\N`},
		wire.Binary: {"\x00\x00\x00\x0a\x00\x01\x00\x00\x00\x00\x00\x01\x00\x07\x00\x00\x00\x01x", "\x00\x00\x00\x03a\nb", "\xff\xff\xff\xff\xff\xff\xff\xff", "\xff\xff\xff\xff"},
	} {
		want := calls(slices.Concat(leaves, []string{fmt.Sprintf("kept %q", kept[0]), fmt.Sprintf("kept %q", kept[1]), `row "7"`}, nulls,
			[]string{fmt.Sprintf("kept %q", kept[2]), fmt.Sprintf("kept %q", kept[3]), `row NULL`}))
		in := rewritetest.Encode(t, f, columns, rows...)
		alone, err := testRow(t, f, columns).Append(nil, in)
		if err != nil {
			t.Fatal(err)
		}
		for what, treat := range map[string]func(r *Row) ([]byte, error){
			"Append":     func(r *Row) ([]byte, error) { return r.Append(nil, in) },
			"AppendRows": func(r *Row) ([]byte, error) { out, _, err := r.AppendRows(nil, nil, in); return out, err },
		} {
			var got calls
			out, err := treat(watchedRow(t, withSubject(f, columns, "id"), Options{Watcher: &got}))
			if err != nil || string(out) != string(alone) {
				t.Errorf("%s, %s: the rows differ without a watcher: %v", f, what, err)
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s, %s: got  %q\nwant %q", f, what, got, want)
			}
		}
	}
}

// A block of a kept table may be used unchanged. The watcher still sees each row.
func TestTheWatcherSeesKeptTables(t *testing.T) {
	columns := []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), rewritetest.Kept(t, "note", "text", catalog.Text)}
	for f, kept := range map[wire.Format][]string{
		wire.Text:   {"1\ta", "2\t\\N"},
		wire.Binary: {"\x00\x00\x00\x04\x00\x00\x00\x01\x00\x00\x00\x01a", "\x00\x00\x00\x04\x00\x00\x00\x02\xff\xff\xff\xff"},
	} {
		in := rewritetest.Encode(t, f, columns, [][]byte{[]byte("1"), []byte("a")}, [][]byte{[]byte("2"), nil})
		want := calls{fmt.Sprintf("kept %q", kept[0]), `row "1"`, fmt.Sprintf("kept %q", kept[1]), `row "2"`}
		var got calls
		r := watchedRow(t, withSubject(f, columns, "id"), Options{Watcher: &got})
		if err := r.Count(in); err != nil || r.Rows() != 2 || !r.Kept() || !slices.Equal(got, want) {
			t.Errorf("%s: %d rows, %v\ngot  %q\nwant %q", f, r.Rows(), err, got, want)
		}
		var row *RowError
		if err := r.Count(in[:len(in)-1]); !errors.As(err, &row) || row.Row != 4 {
			t.Errorf("%s: a block that is cut off: %v", f, err)
		}
		r = watchedRow(t, testLayout(f, columns), Options{Watcher: &calls{}, MaxRow: 4})
		if err := r.Count(in); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: a row that is too large: %v", f, err)
		}
		got = nil
		out, err := watchedRow(t, testLayout(f, columns), Options{Watcher: &got}).Append(nil, in)
		if want[1], want[3] = "row NULL", "row NULL"; err != nil || string(out) != string(in) || !slices.Equal(got, want) {
			t.Errorf("%s: without a subject: %q, %v", f, got, err)
		}
	}
}

// Columns of referenced rows are not columns of the table, so the watcher does not get their cells.
func TestTheWatcherSeesNoCellsOfReferencedRows(t *testing.T) {
	for f, want := range map[wire.Format]calls{
		wire.Text: {`1 "x" -> "Ada\n/open\tnow"`, `kept "1"`, `kept "open\\tnow\t5"`, `row NULL`, `1 "x" -> NULL`, `kept "2"`, `kept "open\t\\N"`, `row NULL`},
		wire.Binary: {
			`1 "x" -> "Ada\n/open\tnow"`, `kept "\x00\x00\x00\b\x00\x00\x00\x00\x00\x00\x00\x01"`, `kept "\x00\x00\x00\bopen\tnow\x00\x00\x00\x04\x00\x00\x00\x05"`, `row NULL`,
			`1 "x" -> NULL`, `kept "\x00\x00\x00\b\x00\x00\x00\x00\x00\x00\x00\x02"`, `kept "\x00\x00\x00\x04open\xff\xff\xff\xff"`, `row NULL`,
		},
	} {
		l, in := referencing(t, f)
		var got calls
		if _, err := watchedRow(t, l, Options{Watcher: &got}).Append(nil, in); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\ngot  %q\nwant %q", f, err, got, want)
		}
	}
}

// controls is a Watcher with a Control of every kept column. It wants the value of every row except the second.
type controls struct {
	calls
	asked []int
}

func (c *controls) Control(column int) Control {
	c.asked = append(c.asked, column)
	return &selective{to: c, column: column}
}

type selective struct {
	to          *controls
	column, row int
}

func (s *selective) Wanted() bool { s.row++; return s.row != 2 }
func (s *selective) See(value []byte) {
	s.to.calls = append(s.to.calls, fmt.Sprintf("control %d %q", s.column, value))
}

// A Control sees the wanted values of a kept column, before the row ends. In COPY binary, a column without a codec has
// no Control.
func TestAControlSeesKeptValues(t *testing.T) {
	columns := []plan.Column{
		rewritetest.Kept(t, "n", "int4", catalog.Integer), rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("null")),
		rewritetest.Kept(t, "note", "text", catalog.Text), rewritetest.Kept(t, "ip", "inet", catalog.Inet),
	}
	for f, asked := range map[wire.Format][]int{wire.Text: {0, 2, 3}, wire.Binary: {0, 2}} {
		var in []byte
		for _, row := range [][][]byte{{[]byte("1"), nil, []byte("a\tb"), nil}, {[]byte("2"), nil, []byte("x"), nil}, {nil, nil, {}, nil}} {
			in = append(in, rewritetest.Encode(t, f, columns, row)...)
		}
		got := &controls{}
		if _, err := watchedRow(t, withSubject(f, columns, "n"), Options{Watcher: got}).Append(nil, in); err != nil {
			t.Fatal(err)
		}
		got.calls = slices.DeleteFunc(got.calls, func(c string) bool { return !strings.HasPrefix(c, "control") && !strings.HasPrefix(c, "row") })
		want := calls{`control 0 "1"`, `control 2 "a\tb"`, `row "1"`, `row "2"`, `control 2 ""`, "row NULL"}
		if !slices.Equal(got.calls, want) || !slices.Equal(got.asked, asked) {
			t.Errorf("%s: %q, asked for %v", f, got.calls, got.asked)
		}
	}
}

// pickers is a Watcher that compares only the columns 0, 2 and 3.
type pickers struct{ calls }

func (p *pickers) Compares(column int) bool { return column != 1 }

func TestTheWatcherChoosesWhichKeptCellsItGets(t *testing.T) {
	var columns []plan.Column
	for _, n := range []string{"a", "b", "c", "d"} {
		columns = append(columns, rewritetest.Kept(t, n, "text", catalog.Text))
	}
	got := &pickers{}
	in := rewritetest.Encode(t, wire.Text, columns, [][]byte{[]byte("A"), []byte("B"), []byte("C"), []byte("D")})
	if err := watchedRow(t, testLayout(wire.Text, columns), Options{Watcher: got}).Count(in); err != nil || !slices.Equal(got.calls, calls{`kept "A"`, `kept "C\tD"`, "row NULL"}) {
		t.Errorf("%q, %v", got.calls, err)
	}
}

func TestASubjectThatCannotBeReadStopsTheRow(t *testing.T) {
	columns := []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer)}
	var row *RowError
	err := watchedRow(t, withSubject(wire.Binary, columns, "id"), Options{Watcher: &calls{}}).Count([]byte("\x00\x01\x00\x00\x00\x01x"))
	if !errors.As(err, &row) || row.Column != "id" || row.Row != 1 {
		t.Errorf("%v", err)
	}
}

// The watcher sees the answers of a program. It does not see the first pass, which only collects values.
func TestTheWatcherSeesAProgramsAnswersOnly(t *testing.T) {
	columns := []plan.Column{rewritetest.Column(t, "name", "text", catalog.Text, command(10))}
	var got calls
	r := watchedRow(t, testLayout(wire.Text, columns), Options{Watcher: &got, Programs: &shouter{}})
	if _, err := r.Append(nil, []byte("ann\nnobody\n")); err != nil {
		t.Fatal(err)
	}
	if want := (calls{`0 "ann" -> "ANN!"`, "row NULL", `0 "nobody" -> NULL`, "row NULL"}); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// The watcher does not see a cell that stops the refresh, because the cell has no result.
func TestTheWatcherDoesNotSeeFailedCells(t *testing.T) {
	columns := []plan.Column{rewritetest.Column(t, "n", "int4", catalog.Integer, transform.Use{Treatment: "token", Domain: "d", Params: transform.Params{"range": []any{int64(0), int64(9)}}})}
	var got calls
	r := watchedRow(t, testLayout(wire.Text, columns), Options{Watcher: &got})
	if _, err := r.Append(nil, []byte("77\n")); err == nil || len(got) != 0 {
		t.Errorf("%q, %v", got, err)
	}
}

// sums is a Watcher that only counts.
type sums struct{ leaves, kept, rows, bytes int }

func (s *sums) Compares(int) bool                        { return true }
func (s *sums) Control(int) Control                      { return (*looked)(s) }
func (s *sums) Leaf(int, transform.Place) transform.Leaf { return s }
func (s *sums) See(before, after []byte) {
	s.leaves, s.bytes = s.leaves+1, s.bytes+len(before)+len(after)
}
func (s *sums) Kept(b []byte) { s.kept, s.bytes = s.kept+1, s.bytes+len(b) }
func (s *sums) Row(b []byte)  { s.rows, s.bytes = s.rows+1, s.bytes+len(b) }

// looked is a Control that only counts.
type looked sums

func (*looked) Wanted() bool       { return true }
func (l *looked) See(value []byte) { l.bytes += len(value) }

func TestAWatcherCostsNoAllocation(t *testing.T) {
	kept := []plan.Column{rewritetest.Kept(t, "id", "int8", catalog.Integer), rewritetest.Kept(t, "note", "text", catalog.Text)}
	for _, f := range rewritetest.Formats() {
		var s sums
		shop := rewritetest.Shop(t)
		for what, c := range map[string]struct {
			row   *Row
			block []byte
		}{
			"watched":     {watchedRow(t, withSubject(f, shop, "id"), Options{Watcher: &s}), rewritetest.Encode(t, f, shop, rewritetest.ShopRow(), rewritetest.ShopRow())},
			"not watched": {testRow(t, f, shop), rewritetest.Encode(t, f, shop, rewritetest.ShopRow(), rewritetest.ShopRow())},
			"kept":        {watchedRow(t, withSubject(f, kept, "id"), Options{Watcher: &sums{}}), rewritetest.Encode(t, f, kept, [][]byte{[]byte("1"), []byte("x")})},
		} {
			out := make([]byte, 0, 4*len(c.block))
			if n := testing.AllocsPerRun(100, func() {
				var err error
				if out, err = c.row.Append(out[:0], c.block); err != nil {
					t.Fatal(err)
				}
			}); n != 0 {
				t.Errorf("%s, %s: %v allocations", f, what, n)
			}
		}
		if s.leaves != 101*2*11 || s.rows != 101*2 || s.kept != 101*2*5 {
			t.Errorf("%s: the watcher saw %+v", f, s)
		}
	}
}
