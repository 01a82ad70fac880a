package rewrite

import (
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/rewrite/rewritetest"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/wire"
)

// layout returns the layout of a table with these columns.
func layout(columns ...plan.Column) (*Layout, error) {
	name := catalog.Name{Schema: "public", Name: "t"}
	table := &catalog.Table{Name: name}
	for _, c := range columns {
		table.Columns = append(table.Columns, catalog.Column{Name: c.Name, Type: c.Type, Generated: c.Generated})
	}
	return NewLayout(table, &plan.Table{Name: name, Columns: columns}, &catalog.Database{Tables: []*catalog.Table{table}}, false)
}

func TestBinaryNeedsSupportedTypesAndCodecs(t *testing.T) {
	id := rewritetest.Kept(t, "id", "int4", catalog.Integer)
	money := rewritetest.Kept(t, "price", "money", catalog.Other)
	money.Type.Binary = false
	inet := rewritetest.Kept(t, "ip", "inet", catalog.Inet)
	nulled := rewritetest.Column(t, "ip", "inet", catalog.Inet, rewritetest.Use("null"))
	own := rewritetest.Kept(t, "kind", "text", catalog.Text)
	own.Type.BaseOID, own.Use = firstUserOID, rewritetest.Use("null")
	enum := rewritetest.Kept(t, "mood", "mood", catalog.Enum)
	enum.Type.BaseOID, enum.Use = firstUserOID, rewritetest.Use("null")
	needing := rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact"))
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
		"only a generated column":      {[]plan.Column{{Name: "g", Type: rewritetest.Type("int4", catalog.Integer), Generated: true}}, wire.Text},
		"a generated one stays behind": {[]plan.Column{id, {Name: "g", Type: money.Type, Generated: true}}, wire.Binary},
	} {
		l, err := layout(c.columns...)
		if err != nil {
			t.Fatal(err)
		}
		if l.Format != c.want {
			t.Errorf("%s: %s", what, l.Format)
		}
		if slices.Contains(l.Names(), "g") {
			t.Errorf("%s: a generated column is read", what)
		}
	}
}

func TestTheSubjectIsDecoded(t *testing.T) {
	ip := rewritetest.Kept(t, "ip", "inet", catalog.Inet) // inet has no codec
	name := catalog.Name{Schema: "public", Name: "t"}
	table := &catalog.Table{Name: name, Columns: []catalog.Column{{Name: "ip", Type: ip.Type}}}
	for subject, want := range map[string]wire.Format{"": wire.Binary, "ip": wire.Text} {
		l, err := NewLayout(table, &plan.Table{Name: name, Columns: []plan.Column{ip}, Subject: subject}, &catalog.Database{Tables: []*catalog.Table{table}}, false)
		if err != nil || l.Format != want || l.Subject != subject {
			t.Errorf("subject %q: %+v, %v", subject, l, err)
		}
	}
}

// Rows of all partitions have the columns of the root, in the root's order.
func TestPartitionsHaveTheOrderOfTheirRoot(t *testing.T) {
	root := catalog.Name{Schema: "public", Name: "root"}
	a, b := rewritetest.Kept(t, "a", "int4", catalog.Integer), rewritetest.Kept(t, "b", "text", catalog.Text)
	leaf := &catalog.Table{Name: catalog.Name{Schema: "public", Name: "leaf"}, Root: &root, Columns: []catalog.Column{{Name: "b", Type: b.Type}, {Name: "a", Type: a.Type}}}
	l, err := NewLayout(leaf, &plan.Table{Name: root, Columns: []plan.Column{a, b}}, &catalog.Database{Tables: []*catalog.Table{leaf}}, false)
	if err != nil || !slices.Equal(l.Names(), []string{"a", "b"}) {
		t.Errorf("%v, %v", l, err)
	}
}

func TestUnreadSiblingIsRefused(t *testing.T) {
	needing := rewritetest.Column(t, "name", "text", catalog.Text, rewritetest.Use("redact"))
	needing.Needs = []string{"g"}
	if _, err := layout(needing, plan.Column{Name: "g", Type: rewritetest.Type("int4", catalog.Integer), Generated: true}); err == nil {
		t.Error("accepted")
	}
}
