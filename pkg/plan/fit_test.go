package plan

import (
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// Each proposal fits its column. The proposals must also fit together.
func TestProposalsFitTogether(t *testing.T) {
	db := schema(t,
		"public.build: id int! pk, number text, owner int, scope text!",
		"public.grant: id int! pk, scopes text check, doc jsonb!, year text gen",
		"public.state: name text! pk",
	)
	build, grant, state := db.Tables[0], db.Tables[1], db.Tables[2]
	build.Indexes = []catalog.Index{{Name: "by_number", Members: []string{"((number)::integer)"}}}
	build.Keys = append(build.Keys, catalog.Key{Name: "scoped", Columns: []string{"owner", "scope"}})
	grant.Checks[0] = catalog.Check{Name: "scopes_there", Columns: []string{"scopes"}, Expr: "(scopes IS NOT NULL)"}
	grant.Columns[3].Default = "((doc ->> 'year'::text)::integer)::text"
	state.Checks = []catalog.Check{{Name: "known", Columns: []string{"name"}, Expr: "(name = ANY (ARRAY['on'::text, 'off'::text]))"}}

	_, pasted, _ := paste(t, db, "tables: {public.build: {columns: {id: {keep: x}}}}\n")
	for _, want := range []string{"number: {treat: 'null'}", "scopes: {treat: redact}", "name: {keep:"} {
		if !strings.Contains(pasted, want) {
			t.Errorf("the pasted file lacks %s:\n%s", want, pasted)
		}
	}
}

// Only the server can compute some CHECK constraints. Such a constraint may refuse every token, so the plan proposes no
// token.
func TestNoTokenIsProposedForKeysUnderChecks(t *testing.T) {
	db := schema(t, "public.endpoint: id int! pk, priority int! unique, rule text! unique")
	db.Tables[0].Checks = []catalog.Check{{Name: "prefix", Columns: []string{"rule"}, Expr: "((\"left\"(rule, 5) = 'cidr:'::text) OR (\"left\"(rule, 4) = 'dns:'::text))"}}
	_, pasted, _ := paste(t, db, "tables: {public.endpoint: {columns: {id: {keep: x}}}}\n")
	if !strings.Contains(pasted, "rule: {keep:") || !strings.Contains(pasted, "priority: {") {
		t.Errorf("the proposal for rule is no keep:\n%s", pasted)
	}
}
