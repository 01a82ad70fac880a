package catalog_test

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// Table finds every table, even in a catalog that was made by hand and is not sorted.
func TestTable(t *testing.T) {
	table := func(schema, name string) *catalog.Table {
		return &catalog.Table{Name: catalog.Name{Schema: schema, Name: name}}
	}
	a, b, c := table("a", "z"), table("b", "a"), table("b", "b")
	for _, list := range [][]*catalog.Table{{a, b, c}, {c, b, a}, {b, c, a}, {a}, nil} {
		db := &catalog.Database{Tables: list}
		for _, want := range list {
			if got := db.Table(want.Name); got != want {
				t.Errorf("Table(%s) is %v", want.Name, got)
			}
		}
		if got := db.Table(catalog.Name{Schema: "b", Name: "ab"}); got != nil {
			t.Errorf("found %s, which is not in the list", got.Name)
		}
	}
}
