package plan

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestWhatGeneratedColumnsHold(t *testing.T) {
	smallint, bigint := catalog.Type{Family: catalog.Integer, Bits: 16}, catalog.Type{Family: catalog.Integer, Bits: 64}
	for expr, c := range map[string]struct {
		typ         catalog.Type
		least, most string
	}{
		"(n * 100)":                 {smallint, "-327", "327"},
		"((n + 5) * '-2'::integer)": {smallint, "-16388", "16379"},
		"(10 - n)":                  {smallint, "-32757", "32778"},
		"(n)::smallint":             {smallint, "-32768", "32767"},
		"(COALESCE(n, 0) * 10)":     {smallint, "-3276", "3276"},
		"((n * 1000000))::bigint":   {bigint, "-2147", "2147"},
		"((n)::bigint * 1000000)":   {bigint, "-9223372036854", "9223372036854"},
		"(n * 2)":                   {catalog.Type{Family: catalog.Numeric, Precision: 4, Scale: 2}, "-49", "49"},
		"(n * m)":                   {smallint, "", ""},
		"(n * 0)":                   {smallint, "", ""},
		"public.f(n)":               {smallint, "", ""},
	} {
		t.Run(expr, func(t *testing.T) {
			db := schema(t, "public.t: n int, m int, g int gen")
			db.Tables[0].Columns[0].Type.Bits, db.Tables[0].Columns[1].Type.Bits = 32, 32
			db.Tables[0].Columns[2].Default, db.Tables[0].Columns[2].Type = expr, c.typ
			typ := newBuilder(rules(t, rulesHead+"tables: {public.t: {skip: x}}\n"), db, "staging").byName[db.Tables[0].Name].column("n").cat.Type
			if typ.Least != c.least || typ.Most != c.most {
				t.Errorf("%q to %q", typ.Least, typ.Most)
			}
		})
	}
}
