package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// The plan names the CHECK constraints of domains inside arrays and composite types, if the rules change these domains.
func TestContainedDomains(t *testing.T) {
	code := catalog.Type{Name: "public.code", Base: "text", Family: catalog.Text, Domain: "public.code"}
	text := catalog.Type{Name: "text", Base: "text", Family: catalog.Text}
	addr := catalog.Type{Name: "public.addr", Base: "public.addr", Family: catalog.Composite, Fields: []catalog.Field{{Name: "street", Type: text}, {Name: "zip", Type: code}}}
	for _, c := range []struct {
		typ     catalog.Type
		rule    string
		finding bool
	}{
		{catalog.Type{Name: "public.code[]", Base: "_text", Family: catalog.Array, Elem: &code}, "{treat: fake.user_name}", true},
		{catalog.Type{Name: "public.code[]", Base: "_text", Family: catalog.Array, Elem: &code}, "{keep: x}", false},
		{catalog.Type{Name: "public.code[]", Base: "_text", Family: catalog.Array, Elem: &code}, "{treat: 'null'}", false},
		{addr, "{fields: {street: {treat: redact}, zip: {keep: x}}}", false},
		{addr, "{fields: {street: {keep: x}, zip: {treat: fake.user_name}}}", true},
		{catalog.Type{Name: "public.addr[]", Base: "_addr", Family: catalog.Array, Elem: &addr}, "{fields: {street: {treat: redact}, zip: {treat: fake.user_name}}}", true},
	} {
		db := schema(t, "public.t: id int! pk, c text")
		db.Tables[0].Columns[1].Type = c.typ
		db.Tables[0].Contained = []catalog.Check{{Name: "public.code.code_check", Columns: []string{"c"}, Expr: "(length(VALUE) < 9)"}}
		p := mustBuild(t, db, "tables: {public.t: {columns: {id: {keep: x}, c: "+c.rule+"}}}\n")
		found := false
		for _, f := range p.Findings {
			found = found || f.Code == "check-may-break" && strings.Contains(f.Text, `leave_out: {"public.code.code_check": reason}`)
		}
		if found != c.finding {
			t.Errorf("%s, %s: %v", c.typ.Name, c.rule, found)
		}
	}
}
