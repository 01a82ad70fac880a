package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// A CHECK that only asks whether there is a value holds for redacted values. NULL in every row would break it.
func TestRedactedValuesAreProposedUnderChecksOfPresence(t *testing.T) {
	db := schema(t, "public.quote: id int! pk, status text, approved date, voided date, code text, plan text, kind text, endpoint text")
	quote := db.Tables[0]
	for expr, columns := range map[string][]string{
		"((status = 'approved'::text) = (approved IS NOT NULL))":    {"status", "approved"},
		"((status <> 'voided'::text) OR (voided IS NOT NULL))":      {"status", "voided"},
		"(num_nonnulls(code, plan) = 1)":                            {"code", "plan"},
		"((kind IS NOT NULL) AND (lower(kind) <> 'none'::text))":    {"kind"},
		"((endpoint IS NULL) OR (endpoint ~ '^https://'::text))":    {"endpoint"},
		"((plan IS NULL) OR ((char_length(plan) <= 200) AND true))": {"plan"},
	} {
		quote.Checks = append(quote.Checks, catalog.Check{Name: expr[:16], Columns: columns, Expr: expr})
	}
	_, pasted, _ := paste(t, db, "tables: {public.quote: {columns: {id: {keep: x}, status: {keep: x}}}}\n")
	for _, want := range []string{"approved: {treat: redact}", "voided: {treat: redact}", "code: {treat: redact}", "kind: {keep:", "endpoint: {treat: 'null'}"} {
		if !strings.Contains(pasted, want) {
			t.Errorf("the pasted file lacks %s:\n%s", want, pasted)
		}
	}
}
