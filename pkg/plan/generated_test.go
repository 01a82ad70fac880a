package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestGeneratedColumns(t *testing.T) {
	varchar := catalog.Type{Name: "character varying(8)", Base: "varchar", Family: catalog.Text, MaxLen: 8}
	small := catalog.Type{Name: "smallint", Base: "int2", Family: catalog.Integer, Bits: 16}
	for _, c := range []struct {
		typ           catalog.Type
		notNull       bool
		expr, finding string
	}{
		{varchar, false, `code`, "the generated column public.t.g copies it and holds 8 characters"},
		{varchar, false, `lower(code)`, "the generated column public.t.g copies it and holds 8 characters"},
		{varchar, false, `(code || kept)`, "a result may be a text of more than 8 characters; keep public.t.code with a reason, or use mask, permute or null"},
		{varchar, false, `"left"(code, 8)`, ""},
		{varchar, false, `(code)::character varying(8)`, ""},
		{varchar, false, `kept`, ""},
		{varchar, true, `gone`, "is generated and NOT NULL, and reads public.t.gone, which becomes null"},
		{varchar, false, `gone`, ""},
		{small, false, `length(code)`, ""},
	} {
		db := computedSchema(t)
		db.Tables[0].Columns = append(db.Tables[0].Columns, catalog.Column{Name: "g", Type: c.typ, NotNull: c.notNull, Default: c.expr, Generated: true})
		got := told(t, db, computedRules)
		if c.finding == "" && strings.Contains(got, "public.t.g ") || !strings.Contains(got, c.finding) {
			t.Errorf("%s: %q, want %q", c.expr, got, c.finding)
		}
	}
}

// A partition may compute a generated column from another expression than its root, and may not accept NULL in it.
func TestPartitionsMayComputeInTheirOwnWay(t *testing.T) {
	db := schema(t, "public.p: id int! part, raw text, g int gen", "public.p_1: id int!, g int gen, raw text")
	root := catalog.Name{Schema: "public", Name: "p"}
	db.Tables[0].Partitioned = true
	db.Tables[0].Columns[2].Default = "length(raw)"
	part := db.Tables[1]
	part.PartitionOf, part.Root, part.Default = &root, &root, true
	own := &part.Columns[1]
	for _, c := range []struct {
		expr    string
		notNull bool
		treat   string
		want    string
	}{
		{"length(raw)", false, "token", ""},
		{"(raw)::integer", false, "token", "public.p_1.g is generated and reads public.p.raw, which becomes token; a cast to integer fails"},
		{"(raw)::integer", false, "'null'", ""},
		{"length(raw)", true, "'null'", "public.p_1.g is generated and NOT NULL, and reads public.p.raw, which becomes null"},
	} {
		own.Default, own.NotNull = c.expr, c.notNull
		_, err := build(t, db, "tables: {public.p: {columns: {id: {keep: x}, raw: {treat: "+c.treat+"}}}}\n")
		if got := texts(err); !strings.Contains(got, c.want) || c.want == "" && err != nil {
			t.Errorf("%+v: %s", c, got)
		}
	}
}
