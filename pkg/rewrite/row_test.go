package rewrite

import (
	"bytes"
	"encoding/hex"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

func TestKeptCellsStayAndTreatedCellsChange(t *testing.T) {
	columns := rewritetest.Shop(t)
	in := rewritetest.ShopRow()
	for _, f := range rewritetest.Formats() {
		block := rewritetest.Encode(t, f, columns, in, in)
		out, err := testRow(t, f, columns).Append([]byte("before"), block)
		if err != nil {
			t.Fatal(err)
		}
		rows := rewritetest.Decode(t, f, columns, bytes.TrimPrefix(out, []byte("before")))
		if len(rows) != 2 || !reflect.DeepEqual(rows[0], rows[1]) {
			t.Fatalf("%s: %q", f, rows)
		}
		for i, c := range columns {
			got := rows[0][i]
			switch {
			case c.Use.Treatment == "keep" && !bytes.Equal(got, in[i]):
				t.Errorf("%s: %s was kept as %q, not %q", f, c.Name, got, in[i])
			case c.Use.Treatment != "keep" && bytes.Equal(got, in[i]):
				t.Errorf("%s: %s is still %q", f, c.Name, got)
			}
		}
		if rows[0][11] != nil || string(rows[0][14]) != "a\tb\\N\n" {
			t.Errorf("%s: null gives %q, constant %q", f, rows[0][11], rows[0][14])
		}
	}
}

// drawRow returns a generator of rows. Each cell is a random value of the column's type, or NULL. The id is never NULL.
func drawRow(columns []plan.Column) *rapid.Generator[[][]byte] {
	texts := rapid.SampledFrom([]string{"", `\N`, `\.`, "\t", "a\nb\r", `\`, "ünïcødé", "x@y.z", "\x01\x7f", strings.Repeat("long\\", 100), "1234567"})
	byBase := map[string]*rapid.Generator[string]{
		"text": texts, "varchar": texts,
		"int2": rapid.StringMatching(`-?[1-9][0-9]{0,3}`), "int4": rapid.StringMatching(`[1-9][0-9]{0,8}`), "int8": rapid.StringMatching(`-?[1-9][0-9]{0,17}`),
		"bool": rapid.SampledFrom([]string{"t", "f"}), "float8": rapid.SampledFrom([]string{"0", "1.5", "NaN", "1e+100"}), "float4": rapid.SampledFrom([]string{"0", "-0.25"}),
		"numeric": rapid.StringMatching(`-?[1-9][0-9]{0,20}\.[0-9]{1,10}`), "jsonb": rapid.SampledFrom([]string{`{}`, `[1, "a\\b"]`}),
		"date":        rapid.SampledFrom([]string{"1999-12-31", "0044-03-15 BC", "12024-02-29"}),
		"timestamptz": rapid.SampledFrom([]string{"2024-05-06 07:08:09.5+00", "0001-01-01 00:00:00+00", "10000-01-01 00:00:00.000001+00"}),
		"uuid":        rapid.StringMatching(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`),
		"bytea":       rapid.StringMatching(`\\x([0-9a-f]{2}){0,9}`),
	}
	return rapid.Custom(func(t *rapid.T) [][]byte {
		row := make([][]byte, len(columns))
		for i, c := range columns {
			if c.Name != "id" && rapid.IntRange(0, 4).Draw(t, "null") == 0 {
				continue
			}
			row[i] = append([]byte{}, byBase[c.Type.Base].Draw(t, c.Name)...)
		}
		return row
	})
}

func TestTextAndBinaryGiveTheSame(t *testing.T) {
	columns := rewritetest.Shop(t)
	text, bin := testRow(t, wire.Text, columns), testRow(t, wire.Binary, columns)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(drawRow(columns), 0, 4).Draw(t, "rows")
		fromText, err := text.Append(nil, rewritetest.Encode(t, wire.Text, columns, rows...))
		if err != nil {
			t.Fatal(err)
		}
		fromBinary, err := bin.Append(nil, rewritetest.Encode(t, wire.Binary, columns, rows...))
		if err != nil {
			t.Fatal(err)
		}
		a, b := rewritetest.Decode(t, wire.Text, columns, fromText), rewritetest.Decode(t, wire.Binary, columns, fromBinary)
		if !reflect.DeepEqual(a, b) {
			t.Fatalf("text gives\n%q\nbinary\n%q", a, b)
		}
		for i, row := range a {
			for j, c := range columns {
				if c.Use.Treatment == "keep" && (row[j] == nil) != (rows[i][j] == nil) || c.Use.Treatment == "keep" && !bytes.Equal(row[j], rows[i][j]) {
					t.Fatalf("%s was kept as %q, not %q", c.Name, row[j], rows[i][j])
				}
			}
		}
	})
}

func TestRewritingAllocatesNothing(t *testing.T) {
	columns := rewritetest.Shop(t)
	for _, f := range rewritetest.Formats() {
		r := testRow(t, f, columns)
		block := rewritetest.Encode(t, f, columns, rewritetest.ShopRow(), rewritetest.ShopRow(), rewritetest.ShopRow())
		out := make([]byte, 0, 4*len(block))
		if n := testing.AllocsPerRun(200, func() {
			var err error
			if out, err = r.Append(out[:0], block); err != nil {
				t.Fatal(err)
			}
		}); n != 0 {
			t.Errorf("%s: %v allocations for 3 rows", f, n)
		}
	}
}

// faulty is a treatment that can violate the rules for treatments.
type faulty func(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error)

func (o faulty) Append(dst []byte, in transform.Cell, row transform.Row) ([]byte, bool, error) {
	return o(dst, in, row)
}

func TestFaultyTreatmentStopsTheRefresh(t *testing.T) {
	const canary = "canary-7f3a"
	fault := &transform.Error{Code: "out-of-range", Text: "the value lies outside"}
	for name, c := range map[string]struct {
		do   faulty
		want string
	}{
		"a NUL byte": {func(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
			return append(append(dst, in.Text...), 0), false, nil
		}, "NUL"},
		"a shorter dst": {func([]byte, transform.Cell, transform.Row) ([]byte, bool, error) { return nil, false, nil }, "shortened"},
		"an error": {func(dst []byte, in transform.Cell, _ transform.Row) ([]byte, bool, error) {
			return append(dst, in.Text...), false, fault
		}, "out-of-range"},
		"another sibling": {func(dst []byte, _ transform.Cell, row transform.Row) ([]byte, bool, error) {
			return append(dst, row.Cell(7).Text...), false, nil
		}, "not declared"},
	} {
		for _, f := range rewritetest.Formats() {
			columns := []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact"))}
			r := testRow(t, f, columns)
			r.cells[0].to = c.do
			good := rewritetest.Encode(t, f, columns, [][]byte{[]byte("1"), []byte(canary)})
			_, err := r.Append(make([]byte, 0, 100), good)
			var row *RowError
			if !errors.As(err, &row) || row.Row != 1 || row.Column != "name" || row.Treatment != "redact" {
				t.Errorf("%s, %s: %v", name, f, err)
				continue
			}
			if text := err.Error(); !strings.Contains(text, c.want) || strings.Contains(text, canary) {
				t.Errorf("%s, %s: %s", name, f, text)
			}
		}
	}
}

func TestErrorOfASiblingStopsTheRefresh(t *testing.T) {
	since := rewritetest.Type("date", catalog.Date)
	days := transform.Use{Treatment: "shift", Domain: "person", Subject: "since", SubjectType: &since}
	columns := []plan.Column{rewritetest.Kept(t, "since", "date", catalog.Date), rewritetest.Column(t, "birthday", "date", catalog.Date, days)}
	r := testRow(t, wire.Binary, columns)
	broken := []byte("\x00\x02" + "\x00\x00\x00\x03abc" + "\x00\x00\x00\x04\x00\x00\x00\x07") // since has three bytes and is broken; birthday is valid
	if _, err := r.Append(nil, broken); !errors.Is(err, wire.ErrSize) {
		t.Errorf("%v", err)
	}
	sound := rewritetest.Encode(t, wire.Binary, columns, [][]byte{[]byte("2000-01-01"), []byte("1990-01-01")})
	if _, err := r.Append(nil, sound); err != nil {
		t.Errorf("the next row: %v", err)
	}
}

func TestErrorsNeverQuoteTheValue(t *testing.T) {
	const canary = "987654321987654321"
	days := transform.Use{Treatment: "shift", Domain: "d"}
	for _, c := range []plan.Column{
		rewritetest.Column(t, "c", "date", catalog.Date, days),
		rewritetest.Column(t, "c", "timestamptz", catalog.TimestampTZ, days),
		rewritetest.Column(t, "c", "int4", catalog.Integer, transform.Use{Treatment: "token", Domain: "d", Params: transform.Params{"range": []any{int64(0), int64(100)}}}),
	} {
		r := testRow(t, wire.Text, []plan.Column{c})
		_, err := r.Append(nil, []byte("1\n"+canary+"\n"))
		var row *RowError
		if !errors.As(err, &row) {
			t.Errorf("%s %s: %v", c.Type.Name, c.Use.Treatment, err)
			continue
		}
		if strings.Contains(err.Error(), canary) {
			t.Errorf("%v", err)
		}
	}
}

func TestARowAboveTheLimitIsRefused(t *testing.T) {
	columns := []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer), rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("mask")), rewritetest.Kept(t, "note", "text", catalog.Text)}
	for _, f := range rewritetest.Formats() {
		small := [][]byte{[]byte("1"), []byte("x"), []byte("y")}
		big := [][]byte{[]byte("2"), []byte("x"), bytes.Repeat([]byte("y"), 200)}
		r := testRow(t, f, columns)
		r.maxRow = 100
		_, err := r.Append(nil, rewritetest.Encode(t, f, columns, small, big))
		var row *RowError
		if !errors.As(err, &row) || row.Row != 2 || !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", f, err)
		}
		grow := testRow(t, f, columns)
		grow.maxRow = 100
		grow.cells[0].to = faulty(func(dst []byte, _ transform.Cell, _ transform.Row) ([]byte, bool, error) {
			return append(dst, bytes.Repeat([]byte("z"), 200)...), false, nil
		})
		if _, err := grow.Append(nil, rewritetest.Encode(t, f, columns, small)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: a result that grew: %v", f, err)
		}
	}
}

func TestScratchShrinksAfterAHugeCell(t *testing.T) {
	columns := []plan.Column{rewritetest.Column(t, "a", "bytea", catalog.Bytes, rewritetest.Use("null")), rewritetest.Column(t, "b", "text", catalog.Text, rewritetest.Use("mask"))}
	huge := []byte(`\x` + hex.EncodeToString(bytes.Repeat([]byte{7}, 2*keepScratch)))
	for _, f := range rewritetest.Formats() {
		r := testRow(t, f, columns)
		if _, err := r.Append(nil, rewritetest.Encode(t, f, columns, [][]byte{huge, []byte(strings.Repeat(`\`, 2*keepScratch))})); err != nil {
			t.Fatal(err)
		}
		if cap(r.text) > keepScratch || cap(r.result) > keepScratch {
			t.Errorf("%s: %d and %d bytes are kept", f, cap(r.text), cap(r.result))
		}
	}
}

func TestKeptTablePassesUnchanged(t *testing.T) {
	columns := []plan.Column{rewritetest.Kept(t, "id", "int4", catalog.Integer)}
	for _, f := range rewritetest.Formats() {
		r := testRow(t, f, columns)
		block := rewritetest.Encode(t, f, columns, [][]byte{[]byte("1")}, [][]byte{nil})
		out, err := r.Append([]byte("before"), block)
		if !r.Kept() || r.Rows() != 2 || err != nil || string(out) != "before"+string(block) {
			t.Errorf("%s: kept %v, %d rows, %q, %v", f, r.Kept(), r.Rows(), out, err)
		}
	}
}

func FuzzRewrite(f *testing.F) {
	columns := rewritetest.Shop(f)
	for i, format := range rewritetest.Formats() {
		f.Add(uint8(i), rewritetest.Encode(f, format, columns, rewritetest.ShopRow(), make([][]byte, len(columns))))
	}
	rewriters := []*Row{testRow(f, wire.Text, columns), testRow(f, wire.Binary, columns)}
	f.Fuzz(func(t *testing.T, which uint8, block []byte) {
		r := rewriters[which%2]
		r.Begin()
		out, err := r.Append(nil, block)
		if err != nil {
			var row *RowError
			if !errors.As(err, &row) {
				t.Fatalf("%T names no row", err)
			}
			return
		}
		s := wire.NewSplitter(r.format, len(columns), len(columns))
		before, _ := s.Count(block)
		if after, err := s.Count(out); err != nil || after != before {
			t.Fatalf("%d rows become %d (%v)", before, after, err)
		}
	})
}
