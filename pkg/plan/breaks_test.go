package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

func TestChecksThatResultsBreak(t *testing.T) {
	for expr, want := range map[string]string{
		`(code = ANY (ARRAY['a'::text, 'b'::text]))`:                                             "the constraint takes no more than 2 values",
		`((code)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[]))`: "the constraint takes no more than 2 values",
		`((code = 'a'::text) OR (code = 'b'::text) OR (code IS NULL))`:                           "the constraint takes no more than 2 values",
		`((code = 'a'::text) AND (kept <> 'b'::text))`:                                           "the constraint takes no more than 1 value",
		`((code = 'a'::text) OR (kept <> 'b'::text))`:                                            "check-may-break",
		`(code <> ALL (ARRAY['a'::text, 'b'::text]))`:                                            "check-may-break",
	} {
		db := computedSchema(t)
		db.Tables[0].Checks = []catalog.Check{{Name: "c", Columns: []string{"code", "kept"}, Expr: expr}}
		if got := told(t, db, computedRules); !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", expr, got, want)
		}
	}
}
