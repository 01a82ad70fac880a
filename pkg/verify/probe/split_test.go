package probe

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/wire"
)

func TestConstantsOfExpressions(t *testing.T) {
	for sql, want := range map[string][]string{
		`(email <> 'anna'::text) AND ("anna" = 'it''s')`:     {"anna", "it's"},
		`E'back\\slash ''x'`:                                 {`back\slash 'x`},
		`(n > 1234567890) OR a2 = 3.50`:                      {"1234567890", "3.50"},
		`CHECK (department = ANY (ARRAY['a'::text, 'b c']))`: {"a", "b c"},
		`"we""ird 'x'" || ''`:                                {""},
		`'no end`:                                            {"no end"},
		`ünder2 + 'ü'`:                                       {"ü"},
		``:                                                   nil,
	} {
		var got []string
		eachConstant([]byte(sql), func(c []byte) { got = append(got, string(c)) })
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", sql, got, want)
		}
	}
}

func TestARowWithoutTheFormOfCopyIsAnError(t *testing.T) {
	for _, c := range []struct {
		row    string
		binary bool
		cells  int
		fine   bool
	}{
		{"a\tb\n", false, 2, true},
		{"a\n", false, 2, false},
		{"a\tb\tc\n", false, 2, false},
		{"a\tb", false, 2, false},
		{"a\nb\n", false, 1, false},
		{"", false, 0, false},
		{"\n", false, 0, true},
		{"a\n", false, 0, false},
		{"\n", false, 1, true},
		{"\\N\t\n", false, 2, true},
		{"\x00\x01\x00\x00\x00\x01x", true, 1, true},
		{"\x00\x01\xff\xff\xff\xff", true, 1, true},
		{"\x00\x01\xff\xff\xff\xfe", true, 1, false},
		{"\x00\x01\x00\x00\x00\x02x", true, 1, false},
		{"\x00\x01\x00\x00\x00\x01xy", true, 1, false},
		{"\x00\x02\x00\x00\x00\x01x", true, 1, false},
		{"\x00", true, 0, false},
	} {
		if err := split(make([]span, c.cells), []byte(c.row), c.binary); (err == nil) != c.fine {
			t.Errorf("%q with %d cells, binary %v: %v", c.row, c.cells, c.binary, err)
		}
	}
}

// FuzzSplit compares the cells that split finds with those that package wire finds. Masker reads the rows of the
// source with package wire.
func FuzzSplit(f *testing.F) {
	f.Add([]byte("a\t\\N\tlong enough for several words\n"), 3, false)
	f.Add([]byte("\x00\x02\x00\x00\x00\x01x\xff\xff\xff\xff"), 2, true)
	f.Fuzz(func(t *testing.T, row []byte, cells int, binary bool) {
		if cells < 0 || cells > 100 {
			return
		}
		format := wire.Text
		if binary {
			format = wire.Binary
		}
		got, want := make([]span, cells), make([]wire.Span, cells)
		n, err := wire.NewSplitter(format, cells, cells).Split(want, row)
		if own := split(got, row, binary); (own == nil) != (err == nil && n == len(row)) {
			t.Fatalf("%q with %d cells: %v, and package wire says %v", row, cells, own, err)
		} else if own != nil {
			return
		}
		for i, s := range got {
			if w := want[i]; s != (span{w.Lead, w.Start, w.End, w.Null}) {
				t.Fatalf("%q: cell %d is %v, want %v", row, i, s, w)
			}
		}
	})
}
