package movement

import (
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/subset"
)

// A program that sets a subset in a Spec need not describe the subset in the policy. Run does not change the policy of
// the Spec.
func TestASubsetIsPartOfThePolicy(t *testing.T) {
	given := plan.Policy{"verify": "strict"}
	s := Spec{Policy: given, Subset: &subset.Definition{Roots: []subset.Root{{Table: catalog.Name{Schema: "public", Name: "t"}, Limit: 5}}}}
	p := newRun(s).Policy
	if p["subset.roots"] != "public.t limit 5" || p["verify"] != "strict" || len(given) != 1 {
		t.Errorf("the policy is %v, and was %v", p, given)
	}
}
