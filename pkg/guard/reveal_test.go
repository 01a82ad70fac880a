package guard

import (
	"errors"
	"testing"
)

func TestRevealingIsRefusedUnlessTheFlowNamesTheColumnAndThereIsAReason(t *testing.T) {
	f := Flow{Name: "nightly", Reveal: []string{"public.people.email"}}
	for _, c := range []struct {
		flow           Flow
		column, reason string
		allowed        bool
	}{
		{f, "public.people.email", "ticket 17", true},
		{f, "public.people.email", " \t", false},
		{f, "public.people.name", "ticket 17", false},
		{f, "", "ticket 17", false},
		{Flow{Name: "nightly"}, "public.people.email", "ticket 17", false},
	} {
		err := c.flow.AllowReveal(c.column, c.reason)
		var refused *Refused
		if c.allowed != (err == nil) || err != nil && !errors.As(err, &refused) {
			t.Errorf("%q, %q: %v", c.column, c.reason, err)
		}
	}
}
