package transformtest

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// sampleColumn is a column of the row that the tests of formulas use.
type sampleColumn struct {
	Typ  catalog.Type
	text string // "-" means NULL
}

// SampleColumns returns the columns of the row that the tests of formulas use, by name.
func SampleColumns() map[string]sampleColumn {
	return map[string]sampleColumn{
		"name": {Text, "Ada Löve"}, "none": {Text, "-"}, "code": {Bpchar, "AB      "}, "kind": {Text, "person"},
		"price": {Money, "19.95"}, "big": {Numeric, "123456789012345678901234567890.5"}, "rate": {Float, "1e-05"}, "nan": {Numeric, "NaN"},
		"n": {Int4, "3"}, "zero": {Int4, "0"}, "yes": {Bool, "t"}, "no": {Bool, "f"}, "unknown": {Bool, "-"},
		"born": {Date, "1984-02-29"}, "old": {Date, "0044-03-15 BC"}, "forever": {Date, "infinity"}, "mood": {Enum, "ok"},
		"My Column": {Text, "x"}, "customer_id.country": {Text, "DE"},
	}
}

// WithReads resolves the reads of a use with SampleColumns, and returns the row of their values.
func WithReads(t testing.TB, u transform.Use) (transform.Use, transform.Row) {
	t.Helper()
	wanted, err := library.Reads(u)
	if err != nil {
		t.Fatalf("%+v: %v", u, err)
	}
	var cells Siblings
	for _, w := range wanted {
		s, ok := SampleColumns()[strings.ReplaceAll(w.Name, `"`, "")]
		if !ok {
			t.Fatalf("no sample %s", w.Name)
		}
		r := transform.Read{Name: w.Name, Type: s.Typ}
		if w.Treated {
			r.Use = &transform.Use{Treatment: "keep"}
		}
		u.Reads = append(u.Reads, r)
		cells = append(cells, []byte(s.text))
		if s.text == "-" {
			cells[len(cells)-1] = nil
		}
	}
	return u, cells
}
