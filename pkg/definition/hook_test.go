package definition_test

import (
	"testing"

	"github.com/masker-project/masker/pkg/definition"
)

// R7: code that changes what a hook does is reaching. Other definitions keep their class.
func TestR7UnderHooks(t *testing.T) {
	reaching := map[string]bool{
		"FUNCTION": true, "VIEW": true, "MATERIALIZED VIEW": true, "RULE": true, "TRIGGER": true, "POLICY": true, "OPERATOR": true,
		"INDEX": false, "TABLE ATTACH": false, "SEQUENCE": false, "TYPE": false,
	}
	for kind, want := range reaching {
		if got := definition.UnderHooks([]definition.Definition{{Kind: kind}})[0]; (got.Class == definition.Reaching) != want || (len(got.Why) == 1) != want {
			t.Errorf("%s: %v %q", kind, got.Class, got.Why)
		}
	}
	for text, want := range map[string]definition.Class{
		"CREATE TABLE t (a int GENERATED ALWAYS AS IDENTITY)":          definition.Silent,
		"CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a) STORED)": definition.Reaching,
	} {
		if got := definition.UnderHooks([]definition.Definition{{Kind: "TABLE", Text: text}})[0].Class; got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
}
