package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// F8: the plan computes what becomes of a CHECK that counts NULLs: it holds, or it fails for rows that have a value. If
// the plan cannot compute this, there is a finding.
func TestF8ChecksThatCountNulls(t *testing.T) {
	for expr, want := range map[string]string{
		`num_nonnulls(kept, code) = 1`:        "", // token leaves NULL as NULL
		`num_nonnulls(kept, gone) = 1`:        "false for every row in which public.t.gone has a value",
		`num_nulls(kept, gone) = 1`:           "false for every row in which public.t.gone has a value",
		`num_nonnulls(id, gone) = 2`:          "it is then false for every row,",
		`num_nonnulls(gone) > 0`:              "it is then false for every row,",
		`num_nonnulls(kept, code, gone) <= 2`: "",
		`num_nonnulls(kept, code, gone) < 3`:  "",
		`num_nulls(kept, code, gone) >= 1`:    "",
		`num_nonnulls(id, gone) >= 1`:         "", // id has a value
		`num_nonnulls(kept, gone) >= 1`:       "if a result breaks it, it is NOT VALID in the target",
		`num_nonnulls(kept, digest) = 1`:      "if a result breaks it, it is NOT VALID in the target", // expr may make a value of NULL
		`num_nonnulls(kept, share) = 1`:       "",
		`num_nonnulls(kept, price) = 1`:       "if a result breaks it, it is NOT VALID in the target", // special: null makes NULL of NaN
	} {
		db := schema(t, "public.t: id int! pk, kept text, gone text, code text, digest text, share numeric, price numeric")
		var columns []string
		for _, c := range []string{"id", "kept", "gone", "code", "digest", "share", "price"} {
			if strings.Contains(expr, c) {
				columns = append(columns, c)
			}
		}
		db.Tables[0].Checks = []catalog.Check{{Name: "one_of", Expr: "(" + expr + ")", Columns: columns}}
		p, err := build(t, db, `tables:
  public.t: {columns: {id: {keep: x}, kept: {keep: x}, gone: {treat: "null"}, code: {treat: token}, digest: {treat: expr, value: '"x"'},
    share: {treat: noise, ratio: 0.1}, price: {treat: noise, ratio: 0.1, special: "null"}}}
`)
		got := ""
		if err != nil {
			got = texts(err)
		} else {
			for _, f := range p.Findings {
				if f.Code == "check-may-break" {
					got += f.Text
				}
			}
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}
