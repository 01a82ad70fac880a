package literal

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestConstantsOfOtherFamiliesAreChecked(t *testing.T) {
	cases := []struct {
		family    catalog.Family
		base      string
		good, bad string
	}{
		{catalog.Time, "time", "12:30:00.5", "25:00"},
		{catalog.Interval, "interval", "1 year 2 mons 03:00:00", "soon"},
		{catalog.MAC, "macaddr", "02:00:00:00:00:01", "02:00:00:00:00:00:00:01"},
		{catalog.Bits, "varbit", "0101", "012"},
		{catalog.Money, "money", "12.50", "$12"},
		{catalog.Geometric, "point", "(1.5,-2e3)", "here"},
		{catalog.Range, "int4range", "[1,5)", "1-5"},
		{catalog.Multirange, "int4multirange", "{[1,5)}", "[1,5)"},
		{catalog.Composite, "pair", "(a,1)", "a,1"},
		{catalog.Hstore, "hstore", `"a"=>"b"`, "a=b"},
		{catalog.XML, "xml", "<a b='c'>d</a>", "<a>"},
	}
	for _, c := range cases {
		typ := catalog.Type{Name: c.base, Base: c.base, Family: c.family}
		for text, fits := range map[string]bool{c.good: true, c.bad: false} {
			_, err := Of(typ, text)
			if (err == nil) != fits {
				t.Errorf("%s %s: %v", c.base, text, err)
			}
		}
		fixed := redactedOther(typ)
		if _, err := otherText(typ, fixed); err != nil {
			t.Errorf("%s: redact gives %s: %v", c.base, fixed, err)
		}
	}
	bits := catalog.Type{Name: "bit(3)", Base: "bit", Family: catalog.Bits, MaxLen: 3}
	if got := redactedOther(bits); got != "000" {
		t.Errorf("bit(3): %s", got)
	}
	if _, err := otherText(bits, "01"); err == nil {
		t.Error("bit(3) takes two bits")
	}
}
