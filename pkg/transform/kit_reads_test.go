package transform

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// sampleColumn is a column of the rows that formulas are tried on.
type sampleColumn struct {
	typ  catalog.Type
	text string // "-" is NULL
}

func sampleColumns() map[string]sampleColumn {
	return map[string]sampleColumn{
		"name": {tText, "Ada Löve"}, "none": {tText, "-"}, "code": {tBpchar, "AB      "}, "kind": {tText, "person"},
		"price": {tMoney, "19.95"}, "big": {tNumeric, "123456789012345678901234567890.5"}, "rate": {tFloat, "1e-05"}, "nan": {tNumeric, "NaN"},
		"n": {tInt4, "3"}, "zero": {tInt4, "0"}, "yes": {tBool, "t"}, "no": {tBool, "f"}, "unknown": {tBool, "-"},
		"born": {tDate, "1984-02-29"}, "old": {tDate, "0044-03-15 BC"}, "forever": {tDate, "infinity"}, "mood": {tEnum, "ok"},
		"My Column": {tText, "x"}, "customer_id.country": {tText, "DE"},
	}
}

// withReads resolves what a use wants by the samples.
func withReads(t testing.TB, u Use) (Use, Row) {
	t.Helper()
	wanted, err := Reads(u)
	if err != nil {
		t.Fatalf("%+v: %v", u, err)
	}
	var cells siblings
	for _, w := range wanted {
		s, ok := sampleColumns()[strings.ReplaceAll(w.Name, `"`, "")]
		if !ok {
			t.Fatalf("no sample %s", w.Name)
		}
		r := Read{Name: w.Name, Type: s.typ}
		if w.Treated {
			r.Use = &Use{Treatment: "keep"}
		}
		u.Reads = append(u.Reads, r)
		cells = append(cells, []byte(s.text))
		if s.text == "-" {
			cells[len(cells)-1] = nil
		}
	}
	return u, cells
}
