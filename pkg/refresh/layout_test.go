package refresh

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/wire"
)

// one routes a database of one table, in the columns' order.
func one(t *testing.T, columns ...plan.Column) *route {
	t.Helper()
	table := &catalog.Table{Name: name("t")}
	for _, c := range columns {
		table.Columns = append(table.Columns, catalog.Column{Name: c.Name, Type: c.Type, Generated: c.Generated})
	}
	take, _, err := routes(&plan.Plan{Tables: []plan.Table{{Name: name("t"), Columns: columns}}}, &catalog.Database{Tables: []*catalog.Table{table}}, false)
	if err != nil {
		t.Fatal(err)
	}
	return take[0]
}

func TestBinaryOnlyWhereEveryTypeTravelsAndEveryTreatedOneIsKnown(t *testing.T) {
	id := kept(t, "id", "int4", catalog.Integer)
	money := kept(t, "price", "money", catalog.Other)
	money.Type.Binary = false
	inet := kept(t, "ip", "inet", catalog.Inet)
	nulled := col(t, "ip", "inet", catalog.Inet, use("null"))
	own := kept(t, "kind", "text", catalog.Text)
	own.Type.BaseOID, own.Use = firstUserOID, use("null")
	enum := kept(t, "mood", "mood", catalog.Enum)
	enum.Type.BaseOID, enum.Use = firstUserOID, use("null")
	needing := col(t, "name", "text", catalog.Text, use("redact"))
	needing.Needs = []string{"ip"}
	for what, c := range map[string]struct {
		columns []plan.Column
		want    wire.Format
	}{
		"kept":                         {[]plan.Column{id}, wire.Binary},
		"a type that does not travel":  {[]plan.Column{id, money}, wire.Text},
		"kept without a codec":         {[]plan.Column{id, inet}, wire.Binary},
		"treated without a codec":      {[]plan.Column{id, nulled}, wire.Text},
		"needed without a codec":       {[]plan.Column{inet, needing}, wire.Text},
		"a user's type of known name":  {[]plan.Column{id, own}, wire.Text},
		"a treated enum":               {[]plan.Column{id, enum}, wire.Binary},
		"no columns":                   {nil, wire.Text},
		"only a generated column":      {[]plan.Column{{Name: "g", Type: typ("int4", catalog.Integer), Generated: true}}, wire.Text},
		"a generated one stays behind": {[]plan.Column{id, {Name: "g", Type: money.Type, Generated: true}}, wire.Binary},
	} {
		r := one(t, c.columns...)
		if r.layout.format != c.want || r.want().Binary != (c.want == wire.Binary) {
			t.Errorf("%s: %s", what, r.layout.format)
		}
		if slices.Contains(r.want().Columns, "g") {
			t.Errorf("%s: a generated column is read", what)
		}
	}
}

func TestASiblingThatIsNotReadIsRefused(t *testing.T) {
	needing := col(t, "name", "text", catalog.Text, use("redact"))
	needing.Needs = []string{"g"}
	columns := []plan.Column{needing, {Name: "g", Type: typ("int4", catalog.Integer), Generated: true}}
	table := &catalog.Table{Name: name("t")}
	for _, c := range columns {
		table.Columns = append(table.Columns, catalog.Column{Name: c.Name, Type: c.Type, Generated: c.Generated})
	}
	p := &plan.Plan{Tables: []plan.Table{{Name: name("t"), Columns: columns}}}
	if _, _, err := routes(p, &catalog.Database{Tables: []*catalog.Table{table}}, false); err == nil {
		t.Error("accepted")
	}
}

func TestRowsGoThroughTheRootWhereTheirPartitionMayChange(t *testing.T) {
	root, middle := name("root"), name("middle")
	text, mood := typ("text", catalog.Text), typ("mood", catalog.Enum)
	for what, c := range map[string]struct {
		rootKey, middleKey, strategy string
		treated                      string
		typ                          catalog.Type
		want                         catalog.Name
	}{
		"nothing treated":           {"k", "m", "list", "", text, name("leaf")},
		"another column treated":    {"k", "m", "list", "x", text, name("leaf")},
		"the root's key treated":    {"k", "m", "list", "k", text, root},
		"the middle's key treated":  {"k", "m", "range", "m", text, root},
		"hashed by text":            {"k", "m", "hash", "", text, name("leaf")},
		"hashed by an enum":         {"k", "m", "hash", "", mood, root},
		"hashed by an enum's array": {"k", "m", "hash", "", catalog.Type{Family: catalog.Array, Elem: &mood}, root},
		"listed by an enum":         {"k", "m", "list", "", mood, name("leaf")},
	} {
		decision := plan.Table{Name: root}
		var columns []catalog.Column
		for _, n := range []string{"x", "m", "k"} { // not the root's order
			typ := text
			if n == "k" {
				typ = c.typ
			}
			columns = append(columns, catalog.Column{Name: n, Type: typ})
			u := transform.Use{Treatment: keep}
			if n == c.treated {
				u = use("redact")
			}
			decision.Columns = append([]plan.Column{{Name: n, Type: typ, Use: u}}, decision.Columns...)
		}
		db := &catalog.Database{Tables: []*catalog.Table{
			{Name: root, Partitioned: true, Strategy: c.strategy, PartKey: []string{c.rootKey}, Columns: columns},
			{Name: middle, Partitioned: true, Strategy: "list", PartKey: []string{c.middleKey}, PartitionOf: &root, Root: &root, Columns: columns},
			{Name: name("leaf"), PartitionOf: &middle, Root: &root, Columns: columns},
			{Name: name("leaf2"), PartitionOf: &root, Root: &root, Columns: columns},
		}}
		take, _, err := routes(&plan.Plan{Tables: []plan.Table{decision}}, db, false)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if len(take) != 2 || take[0].into != c.want || !slices.Equal(take[0].names, []string{"x", "m", "k"}) {
			t.Errorf("%s: %d routes, the first into %s with %v", what, len(take), take[0].into, take[0].names)
		}
		if take[0].layout != take[1].layout {
			t.Errorf("%s: partitions alike share no layout", what)
		}
	}
}
