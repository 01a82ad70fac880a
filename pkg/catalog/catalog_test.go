package catalog_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestQuote(t *testing.T) {
	for in, want := range map[string]string{
		"plain": "plain", "_x1": "_x1", "Mixed": `"Mixed"`, "a b": `"a b"`, `q"q`: `"q""q"`, "1st": `"1st"`, "": `""`,
		"select": `"select"`, "user": `"user"`, "naïve": `"naïve"`, "a.b": `"a.b"`, "a$b": `"a$b"`, "name": "name",
	} {
		if got := catalog.Quote(in); got != want {
			t.Errorf("%q: got %s, want %s", in, got, want)
		}
	}
}

func TestQuotedNamesParseToTheSameName(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := catalog.Name{Schema: rapid.String().Draw(t, "schema"), Name: rapid.String().Draw(t, "name")}
		if got, err := catalog.ParseName(n.String()); err != nil || got != n {
			t.Fatalf("%s: got %v, %v", n, got, err)
		}
	})
}

func TestParseNameFoldsAsSQLWould(t *testing.T) {
	for in, want := range map[string]catalog.Name{
		"Public.Customers":      {Schema: "public", Name: "customers"},
		`public."Customers"`:    {Schema: "public", Name: "Customers"},
		`"a.b"."c""d"`:          {Schema: "a.b", Name: `c"d`},
		`"Sales Dept"."select"`: {Schema: "Sales Dept", Name: "select"},
	} {
		if got, err := catalog.ParseName(in); err != nil || got != want {
			t.Errorf("%s: got %v, %v", in, got, err)
		}
	}
	for _, in := range []string{"", "a", "a.b.c", `a."b`, "a b.c", "a.", ".b", `"a"b.c`, `a.b"c"`, "a.b'"} {
		if got, err := catalog.ParseName(in); err == nil {
			t.Errorf("%q became %v", in, got)
		}
	}
}

func FuzzParseIdents(f *testing.F) {
	for _, seed := range []string{`a.b`, `"a""b".c`, `"`, `a."b`, "ä.ö"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		parts, err := catalog.ParseIdents(s)
		if err != nil {
			return
		}
		quoted := make([]string, len(parts))
		for i, p := range parts {
			quoted[i] = catalog.Quote(p)
		}
		again, err := catalog.ParseIdents(strings.Join(quoted, "."))
		if err != nil || strings.Join(again, "\x00") != strings.Join(parts, "\x00") {
			t.Fatalf("%q: %q, then %q, %v", s, parts, again, err)
		}
	})
}

func TestFingerprintCoversTheShapeOnly(t *testing.T) {
	shape := func(change func(*catalog.Database)) string {
		d := &catalog.Database{Name: "a", Tables: []*catalog.Table{{Name: catalog.Name{Schema: "s", Name: "t"}, Columns: []catalog.Column{{Name: "c"}}}}}
		change(d)
		return d.Fingerprint()
	}
	base := shape(func(*catalog.Database) {})
	for name, change := range map[string]func(*catalog.Database){
		"name":       func(d *catalog.Database) { d.Name = "b" },
		"server":     func(d *catalog.Database) { d.SystemID, d.Version, d.Owner = "1", 180000, "o" },
		"sizes":      func(d *catalog.Database) { d.Tables[0].Size.Rows = 9 },
		"OIDs":       func(d *catalog.Database) { d.Tables[0].OID, d.Tables[0].Columns[0].Type.OID = 9, 9 },
		"statistics": func(d *catalog.Database) { d.Tables[0].Columns[0].Stats = catalog.Statistics{Known: true, Distinct: 9} },
		"objects":    func(d *catalog.Database) { d.LargeObjects.Count = 9 },
	} {
		if shape(change) != base {
			t.Errorf("changed with the %s", name)
		}
	}
	for name, change := range map[string]func(*catalog.Database){
		"column":   func(d *catalog.Database) { d.Tables[0].Columns[0].Name = "d" },
		"type":     func(d *catalog.Database) { d.Tables[0].Columns[0].Type.Name = "text" },
		"null":     func(d *catalog.Database) { d.Tables[0].Columns[0].NotNull = true },
		"encoding": func(d *catalog.Database) { d.Encoding = "LATIN1" },
		"objects":  func(d *catalog.Database) { d.LargeObjects.Any = true },
	} {
		if shape(change) == base {
			t.Errorf("did not change with the %s", name)
		}
	}
}
