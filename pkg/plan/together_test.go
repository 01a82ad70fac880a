package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A generated column of several numbers has room for every result: the ranges of the rules fit, or noise moves toward
// zero only. Otherwise there is a finding, or the plan is refused.
func TestGeneratedColumnsOfSeveralNumbers(t *testing.T) {
	integer, small := catalog.Type{Name: "integer", Family: catalog.Integer, Bits: 32}, catalog.Type{Name: "smallint", Family: catalog.Integer, Bits: 16}
	price := catalog.Type{Name: "numeric(6,2)", Family: catalog.Numeric, Precision: 6, Scale: 2}
	const toward, may, certain = "moves toward zero only", "cannot hold may fail for a result", "a result may be a number that"
	for _, c := range []struct {
		typ              catalog.Type
		expr, rules      string
		want             string
		first, otherwise bool // whether a and b move toward zero only
	}{
		{integer, "(a * b)", "a: {treat: noise, ratio: 0.1}, b: {treat: noise, ratio: 0.1}", toward, true, true},
		{integer, "(a * b)", "a: {treat: noise, ratio: 0.1}, b: {keep: x}", toward, true, false},
		{price, "round(((a * b))::numeric, 2)", "a: {treat: noise, ratio: 0.1}, b: {keep: x}", toward, true, false},
		{integer, "(a + b)", "a: {treat: noise, ratio: 0.1}, b: {keep: x}", toward, true, false},
		{integer, "(a * b)", "a: {treat: noise, ratio: 0.1, when: 'a > 5', else: {keep: x}}, b: {keep: x}", toward, true, false},
		{small, "(a + b)", "a: {treat: noise, ratio: 0.1}, b: {keep: x}", certain, false, false}, // the value of column a alone can be too large for a smallint
		{integer, "(a * b)", "a: {treat: fake.integer, range: [1, 90]}, b: {treat: noise, ratio: 0.1}", may, false, false},
		{integer, "(a * b)", "a: {treat: fake.integer, range: [1, 90]}, b: {treat: fake.integer, range: [1, 1000000]}", "", false, false},
		{integer, "(a * b)", "a: {treat: fake.integer, range: [1, 90]}, b: {treat: fake.integer, range: [1, 100000000]}", certain, false, false},
		{price, "(a - b)", "a: {treat: fake.integer, range: [1, 90]}, b: {treat: fake.integer, range: [1, 9999]}", "", false, false},
		{price, "(a - b)", "a: {treat: fake.integer, range: [1, 90]}, b: {treat: fake.integer, range: [1, 10100]}", certain, false, false},
	} {
		db := schema(t, "public.t: a int, b int, g int gen")
		columns := db.Tables[0].Columns
		columns[0].Type.Bits, columns[1].Type.Bits = 32, 32
		columns[2].Default, columns[2].Type = c.expr, c.typ
		text := ""
		p, err := build(t, db, "tables: {public.t: {columns: {"+c.rules+"}}}\n")
		if err != nil {
			text = texts(err)
		} else {
			for _, f := range p.Findings {
				if f.Code == "noise-toward-zero" || f.Code == "expression-may-fail" {
					text += f.Text + "\n"
				}
			}
		}
		if (c.want == "") != (text == "") || !strings.Contains(text, c.want) {
			t.Errorf("%s, %s: %q, want %q", c.expr, c.rules, text, c.want)
		}
		b := newBuilder(rules(t, rulesHead+"tables: {public.t: {columns: {"+c.rules+"}}}\n"), db, "staging")
		b.matchTables()
		b.decide()
		b.uses()
		b.towardZero()
		state := b.byName[db.Tables[0].Name]
		if x, y := state.column("a").cat.Type.Inward, state.column("b").cat.Type.Inward; x != c.first || y != c.otherwise {
			t.Errorf("%s, %s: toward zero: a %v, b %v", c.expr, c.rules, x, y)
		}
	}
}
