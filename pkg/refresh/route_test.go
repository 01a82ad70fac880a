package refresh

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/rewrite/rewritetest"
	"github.com/masker-project/masker/pkg/transform"
)

func TestRowsGoThroughTheRootWhereTheirPartitionMayChange(t *testing.T) {
	root, middle := public("root"), public("middle")
	text, mood := rewritetest.Type("text", catalog.Text), rewritetest.Type("mood", catalog.Enum)
	for what, c := range map[string]struct {
		rootKey, middleKey, strategy string
		treated                      string
		typ                          catalog.Type
		want                         catalog.Name
	}{
		"nothing treated":           {"k", "m", "list", "", text, public("leaf")},
		"another column treated":    {"k", "m", "list", "x", text, public("leaf")},
		"the root's key treated":    {"k", "m", "list", "k", text, root},
		"the middle's key treated":  {"k", "m", "range", "m", text, root},
		"hashed by text":            {"k", "m", "hash", "", text, public("leaf")},
		"hashed by an enum":         {"k", "m", "hash", "", mood, root},
		"hashed by an enum's array": {"k", "m", "hash", "", catalog.Type{Family: catalog.Array, Elem: &mood}, root},
		"listed by an enum":         {"k", "m", "list", "", mood, public("leaf")},
	} {
		decision := plan.Table{Name: root}
		var columns []catalog.Column
		for _, n := range []string{"x", "m", "k"} { // the partitions have the columns in another order than the decision
			typ := text
			if n == "k" {
				typ = c.typ
			}
			columns = append(columns, catalog.Column{Name: n, Type: typ})
			u := transform.Use{Treatment: "keep"}
			if n == c.treated {
				u = rewritetest.Use("redact")
			}
			decision.Columns = append([]plan.Column{{Name: n, Type: typ, Use: u}}, decision.Columns...)
		}
		db := &catalog.Database{Tables: []*catalog.Table{
			{Name: root, Partitioned: true, Strategy: c.strategy, PartKey: []string{c.rootKey}, Columns: columns},
			{Name: middle, Partitioned: true, Strategy: "list", PartKey: []string{c.middleKey}, PartitionOf: &root, Root: &root, Columns: columns},
			{Name: public("leaf"), PartitionOf: &middle, Root: &root, Columns: columns},
			{Name: public("leaf2"), PartitionOf: &root, Root: &root, Columns: columns},
		}}
		take, _, err := routes(&plan.Plan{Tables: []plan.Table{decision}}, db, false)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(take) != 2 || take[0].into != c.want || !slices.Equal(take[0].names, []string{"k", "m", "x"}) {
			t.Errorf("%s: %d routes, the first into %s with %v", what, len(take), take[0].into, take[0].names)
		}
		if take[0].layout != take[1].layout {
			t.Errorf("%s: partitions with the same columns do not share a layout", what)
		}
	}
}

func public(n string) catalog.Name { return catalog.Name{Schema: "public", Name: n} }
