package main

import (
	"testing"

	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
)

// A report must tell a failed verification apart from other failures.
func TestOutcomesOfRuns(t *testing.T) {
	for _, c := range []struct {
		run  movement.Outcome
		want report.Outcome
	}{
		{movement.Outcome{Kind: movement.Published, Published: true}, report.Published},
		{movement.Outcome{Kind: movement.Failed}, report.Failed},
		{movement.Outcome{Kind: movement.Invalid}, report.Failed},
		{movement.Outcome{Kind: movement.Refused}, report.Refused},
		{movement.Outcome{Kind: movement.Unverified}, report.Unverified},
		{movement.Outcome{Kind: movement.Busy}, report.Busy},
		{movement.Outcome{Kind: movement.Afterwards, Published: true}, report.Afterwards},
		{movement.Outcome{Kind: movement.Afterwards}, report.Failed}, // it is not known whether the run was published
	} {
		if got := outcomeOf(c.run); got != c.want {
			t.Errorf("%+v is %s, want %s", c.run, got, c.want)
		}
	}
}
