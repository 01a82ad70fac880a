package target

import (
	"errors"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/sides"
)

func TestAGeneratedColumnBelowAnOrdinaryOneIsRefused(t *testing.T) {
	name := func(s string) catalog.Name { return catalog.Name{Schema: "public", Name: s} }
	columns := func(generated bool) []catalog.Column {
		return []catalog.Column{{Name: "a"}, {Name: "B b", Generated: generated}}
	}
	whole := name("whole")
	db := &catalog.Database{Tables: []*catalog.Table{
		{Name: name("child"), Inherits: []catalog.Name{name("computed"), name("plain")}, Columns: columns(true)},
		{Name: name("plain"), Columns: columns(false)},
		{Name: name("computed"), Columns: columns(true)},
		{Name: name("below"), Inherits: []catalog.Name{name("computed")}, Columns: columns(true)},
		{Name: name("same"), Inherits: []catalog.Name{name("plain")}, Columns: columns(false)},
		{Name: whole, Columns: columns(false)},
		{Name: name("part"), PartitionOf: &whole, Columns: columns(true)},
		{Name: name("other"), Inherits: []catalog.Name{name("foreign")}, Columns: columns(true)},
	}}
	if err := checkInherited(db, 150018); err != nil {
		t.Errorf("15: %v", err)
	}
	err := checkInherited(db, 160000)
	if !errors.Is(err, sides.ErrRefused) {
		t.Fatalf("16 does not refuse: %v", err)
	}
	for _, want := range []string{`column "B b" of table public.child is generated, and its parent public.plain `, `table public.part is generated, and its parent public.whole `} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("16 does not name %q: %v", want, err)
		}
	}
	if n := strings.Count(err.Error(), "\n") + 1; n != 2 {
		t.Errorf("16 refuses %d columns: %v", n, err)
	}
}
