package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A condition on a foreign key is safe if it chooses between two results: NULL, and the result of the other end.
func TestConditionsOnForeignKeys(t *testing.T) {
	for _, c := range []struct{ parent, child, why string }{
		{"{keep: x}", "{treat: 'null', when: 'kind == nil', else: {keep: x}}", ""},
		{"{keep: x}", "{keep: x, when: 'kind == nil', else: {treat: 'null', when: 'id > 5', else: {keep: y}}}", ""},
		{"{treat: token, range: [1, 5000]}", "{treat: 'null', when: 'kind == nil', else: {treat: token, range: [1, 5000], domain: public.a.id}}", ""},
		{"{treat: token, range: [1, 5000]}", "{treat: 'null', when: 'kind == nil', else: {keep: x}}", "under `when`, one is keep, the other token"},
		{"{treat: token, range: [1, 5000]}", "{treat: 'null', when: 'kind == nil', else: {treat: token, range: [1, 5001], domain: public.a.id}}", "their parameters differ"},
		{"{treat: token, range: [1, 5000]}", "{treat: token, range: [1, 5000], when: 'kind == nil', else: {treat: 'null'}}", ""},
		{"{keep: x}", "{treat: redact, when: 'kind == nil', else: {keep: x}}", "one is redact, the other keep"},
		{"{keep: x, when: 'label == nil', else: {keep: y}}", "{keep: x}", "reads its own row"},
	} {
		db := schema(t, "public.a: id int pk, label text", "public.b: id int! pk, aid int -> public.a.id, kind text")
		_, err := build(t, db, "tables:\n  public.a: {columns: {id: "+c.parent+", label: {keep: x}}}\n  public.b: {columns: {id: {keep: x}, aid: "+c.child+", kind: {keep: x}}}\n")
		switch got := texts(err); {
		case c.why == "" && err != nil:
			t.Errorf("%s references %s: %v", c.child, c.parent, err)
		case !strings.Contains(got, c.why):
			t.Errorf("%s references %s: got %s, want %s", c.child, c.parent, got, c.why)
		}
	}
}

func TestMatchFullIsNullAltogether(t *testing.T) {
	db := schema(t, "public.a: x int!, y int!", "public.b: id int! pk, x int, y int")
	a, b := db.Tables[0].Name, db.Tables[1].Name
	db.Tables[0].Keys = []catalog.Key{{Name: "a_pkey", Primary: true, Columns: []string{"x", "y"}}}
	db.ForeignKeys = []catalog.ForeignKey{{Name: "b_fk", Child: b, ChildColumns: []string{"x", "y"}, Parent: a, ParentColumns: []string{"x", "y"}}}
	rules := "tables:\n  public.a: {columns: {x: {keep: x}, y: {keep: x}}}\n  public.b: {columns: {id: {keep: x}, x: {keep: x}, y: {treat: 'null', when: 'id > 5', else: {keep: x}}}}\n"
	mustBuild(t, db, rules)
	db.ForeignKeys[0].MatchFull = true
	if _, err := build(t, db, rules); !strings.Contains(texts(err), "null in some rows") {
		t.Error(texts(err))
	}
}

// PostgreSQL ignores blanks at the end when it compares a text with the padded column that it references. Treatments of
// such a text ignore these blanks too.
func TestTextsFollowPaddedKeys(t *testing.T) {
	db := schema(t, "public.a: code text! pk", "public.b: id int! pk, code text unique -> public.a.code", "public.c: id int! pk, code text -> public.b.code")
	padded := catalog.Type{Name: "character(30)", Base: "bpchar", Family: catalog.Text, MaxLen: 30, Padded: true}
	db.Tables[0].Columns[0].Type = padded
	rules := "tables: {public.a: {columns: {code: {treat: token}}}, public.b: {columns: {id: {keep: x}}}, public.c: {columns: {id: {keep: x}}}}\n"
	p := mustBuild(t, db, rules)
	for _, table := range []string{"b", "c"} {
		if c := p.at(t, table, "code"); c.Use.Treatment != "token" || !c.Type.Padded {
			t.Errorf("%s: %+v", table, c)
		}
	}
	db.Tables[0].Columns[0].Type, db.Tables[1].Columns[1].Type = catalog.Type{Name: "text", Base: "text", Family: catalog.Text}, padded
	db.Tables[2].Columns[1].Type = padded
	p = mustBuild(t, db, rules)
	if p.at(t, "a", "code").Type.Padded || p.at(t, "b", "code").Use.Treatment != "token" {
		t.Error("a text that a padded column references keeps its blanks")
	}
	db.Tables[1].Columns[1].Type = catalog.Type{Name: "citext", Base: "citext", Family: catalog.Text, CaseInsensitive: true}
	if _, err := build(t, db, rules); !strings.Contains(texts(err), "compare differently") {
		t.Error(texts(err))
	}
}
