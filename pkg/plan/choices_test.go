package plan

import (
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestValuesAreReadFromAListInACheckOnly(t *testing.T) {
	for expr, want := range map[string][]string{
		`CHECK ((status = ANY (ARRAY['open'::text, 'it''s'::text])))`:                                           {"open", "it's"},
		`((status)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`:              {"a", "b"},
		`((status)::text = ANY (ARRAY[('a'::character varying(10))::text, ('b, ]'::character varying)::text]))`: {"a", "b, ]"},
		`(status = ANY (ARRAY['x'::bpchar, ''::bpchar]))`:                                                       {"x", ""},
		`(VALUE = ANY (ARRAY['a'::text, 'b'::text]))`:                                                           {"a", "b"},
		`(status = ANY (ARRAY[1, 2, '-3'::integer]))`:                                                           {"1", "2", "-3"},
		`(status = ANY (ARRAY['a'::text]) OR other)`:                                                            nil,
		`((status = ANY (ARRAY['a'::text, 'b'::text])) AND (status <> 'a'::text))`:                              nil,
		`(NOT (status = ANY (ARRAY['a'::text])))`:                                                               nil,
		`(lower(status) = ANY (ARRAY['a'::text]))`:                                                              {"a"},
		`(status <> ALL (ARRAY['a'::text]))`:                                                                    nil,
		`(other = ANY (ARRAY['a'::text]))`:                                                                      nil,
		`(status = ANY (ARRAY[lower('A'::text)]))`:                                                              nil,
		`(status = ANY (ARRAY['a'::text || 'b'::text]))`:                                                        nil,
		`(status = ANY (ARRAY[E'a\\b'::text]))`:                                                                 nil,
		`(status = ANY (ARRAY['a`:                                                                               nil,
		`(status = ANY (ARRAY[`:                                                                                 nil,
		``:                                                                                                      nil,
		`CHECK ((upper((status)::text) = ANY (ARRAY['M'::text, 's'::text])))`:                                   {"M"},
		`CHECK ((lower(status) = ANY (ARRAY['m'::text, 's'::text])))`:                                           {"m", "s"},
		`(upper(status) = ANY (ARRAY['m'::text]))`:                                                              nil,
		`(btrim(status) = ANY (ARRAY['m'::text]))`:                                                              nil,
		`(upper(other) = ANY (ARRAY['M'::text]))`:                                                               nil,
	} {
		got, ok := listedValues(expr, "status")
		if ok != (want != nil) || ok && !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v", expr, got, ok)
		}
	}
	if got, ok := listedValues(`("Or der" = ANY (ARRAY['a'::text]))`, "Or der"); !ok || len(got) != 1 {
		t.Errorf("quoted names: %q, %v", got, ok)
	}
}

func FuzzListedValues(f *testing.F) {
	f.Add(`CHECK ((status = ANY (ARRAY['open'::text, 'it''s'::text])))`)
	f.Add(`(status = ANY (ARRAY[1, '-3'::integer, 'x'::character varying(3)]))`)
	f.Fuzz(func(t *testing.T, expr string) {
		if values, ok := listedValues(expr, "status"); ok && len(values) == 0 {
			t.Errorf("%q lists nothing", expr)
		}
	})
}

func TestChoiceTakesItsValuesFromTheCheck(t *testing.T) {
	db := schema(t, "public.t: id int! pk, status text")
	db.Tables[0].Checks = []catalog.Check{
		{Name: "a", Columns: []string{"status"}, Expr: `(status = ANY (ARRAY['open'::text, 'paid'::text, 'void'::text]))`},
		{Name: "b", Columns: []string{"status"}, Expr: `(status = ANY (ARRAY['paid'::text, 'void'::text, 'lost'::text]))`},
		{Name: "c", Columns: []string{"status"}, Expr: `(length(status) < 9)`},
	}
	p := mustBuild(t, db, "tables: {public.t: {columns: {id: {keep: x}, status: {treat: fake.choice}}}}\n")
	values, _ := p.Tables[0].Columns[1].Use.Params["values"].([]any)
	if len(values) != 2 || values[0] != "paid" || values[1] != "void" {
		t.Errorf("chooses from %v", values)
	}
	for _, f := range p.Findings {
		if f.Code == "check-may-break" && !strings.Contains(f.Text, "constraint c ") {
			t.Errorf("no choice can break this: %s", f.Text)
		}
	}
	p = mustBuild(t, db, "tables: {public.t: {columns: {id: {keep: x}, status: {treat: fake.choice, values: [open]}}}}\n")
	if values, _ = p.Tables[0].Columns[1].Use.Params["values"].([]any); len(values) != 1 {
		t.Errorf("the rule's values became %v", values)
	}
	if !slices.ContainsFunc(p.Findings, func(f Finding) bool { return f.Code == "check-may-break" && strings.Contains(f.Text, "constraint b ") }) {
		t.Errorf("the choice open breaks b, but the findings are %v", p.Findings)
	}
}
