package reveal_test

import (
	"fmt"
	"log"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/reveal"
	"github.com/masker-project/masker/pkg/transform"
)

// A person asks for the value of one token. Open returns the value after Record has written the entry.
func ExampleOpen() {
	ring := keyring.Random() // a program uses the flow's key here
	held := token(ring, "staging", "alice@example.com")
	values, err := reveal.Open(reveal.Request{
		Flow: guard.Flow{Name: "nightly", To: guard.Environment{Name: "staging"}, Reveal: []string{"public.people.email"}},
		Plan: &plan.Plan{Tables: []plan.Table{{ // a program gets the plan from movement.Plan
			Name:    catalog.Name{Schema: "public", Name: "people"},
			Columns: []plan.Column{{Name: "email", Use: transform.Use{Treatment: "reversible", Domain: "email"}}},
		}}},
		Rings: []*keyring.Ring{ring}, Column: "public.people.email", Tokens: []string{held}, Reason: "ticket 4711",
		Actor: ledger.Actor{User: "bob"},
		Record: func(entry ledger.Reveal) error { // a program calls Reveal of a ledger.Ledger here
			_, err := fmt.Printf("%s asks for %d of %s: %s\n", entry.Actor.User, entry.Count, entry.Column, entry.Reason)
			return err
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(values)
	// Output:
	// bob asks for 1 of public.people.email: ticket 4711
	// [alice@example.com]
}
