package guard_test

import (
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/guard"
)

// Allow gives a permit for a plan and a flow. Rules for production need an approval.
func ExampleAllow() {
	request := guard.Request{
		Flow: guard.Flow{
			Name: "nightly", Treats: true, Required: guard.Default,
			From: guard.Environment{Name: "production", Kind: guard.Production},
			To:   guard.Environment{Name: "staging", Kind: guard.Staging},
		},
		TargetKind: "staging", Revision: 1,
		Plan: "0a1b", // the digest of a plan.Plan
		Evidence: guard.Evidence{
			Source: guard.Identity{SystemID: "7", Database: "shop"},
			Target: guard.Identity{SystemID: "8", Database: "shop"},
		},
	}
	_, err := guard.Allow(request)
	var refused *guard.Refused
	if errors.As(err, &refused) {
		fmt.Println("refused:", refused.Why)
	}

	request.Approved = guard.Approved{Approvers: []string{"bob@example.com"}, Plan: "0a1b"} // as approval.Judge found
	permit, err := guard.Allow(request)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("permitted for this plan:", permit.Check("0a1b") == nil)
	fmt.Println("permitted for another plan:", permit.Check("2c3d") == nil)
	// Output:
	// refused: its source counts as production (environment "production" holds production), and it has 0 of 1 approvals
	// permitted for this plan: true
	// permitted for another plan: false
}
