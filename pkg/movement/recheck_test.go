package movement_test

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
)

// A published target is verified again without its source. The ledger has a record before the first row is read, and
// a second record with the result.
func TestV4ATargetIsVerifiedAgain(t *testing.T) {
	w, v := verifiedWorld(t, guard.VerifyOff)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	w.spec.From = nil            // Verify must not use the source
	got, err := movement.Verify(t.Context(), w.spec, false)
	if err != nil || !got.Report.Passed() || v.about.Level != guard.VerifyStrict || !v.about.Published {
		t.Fatalf("%+v, %+v, %v", got, v.about, err)
	}
	if columns := v.about.Columns[people()]; !columns["id"] || columns["name"] {
		t.Errorf("the verifier got %v", v.about.Columns)
	}
	before, after := w.records(t, ledger.EventVerify), w.records(t, ledger.EventVerified)
	if len(before) != 1 || len(after) != 1 || before[0].Seq > after[0].Seq || before[0].Run != got.Run || before[0].Recheck.Source != nil || !after[0].Verification.Passed {
		t.Errorf("the ledger has %+v and %+v", before, after)
	}
}

// With the source, a verification is a movement: it needs the permit of a refresh.
func TestV4VerifyingWithTheSourceNeedsAPermit(t *testing.T) {
	w, v := verifiedWorld(t, guard.VerifyOff)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	if _, err := movement.Verify(t.Context(), w.spec, true); err != nil || v.watched.Load() != 95 {
		t.Errorf("it watched %d rows: %v", v.watched.Load(), err)
	}
	if before := w.records(t, ledger.EventVerify); len(before) != 1 || before[0].Recheck.Source.Database != "shop" {
		t.Errorf("the ledger has %+v", before)
	}
	w.spec.Flow.Required = 1
	if _, err := movement.Verify(t.Context(), w.spec, true); movement.KindOf(err) != movement.Refused {
		t.Errorf("without an approval: %v", err)
	}
	if len(w.records(t, ledger.EventVerify)) != 1 {
		t.Error("the ledger says that the source was read")
	}
}

// If verification finds values in a published target, the target stays as it is. The error says how to go back.
func TestV4WhatIsFoundInATargetChangesNothing(t *testing.T) {
	w, _ := verifiedWorld(t, guard.VerifyOff)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	w.keepNames(t, "")
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	before := w.rows(t)
	got, err := movement.Verify(t.Context(), w.spec, false)
	if movement.KindOf(err).Code() != 4 || got.Report == nil || got.Report.Passed() || !slices.Equal(before, w.rows(t)) {
		t.Fatalf("%v, %v", got.Report, err)
	}
	var failed *movement.UnverifiedError
	if !errors.As(err, &failed) || !strings.Contains(err.Error(), "verification failed, and nothing was changed") || !strings.Contains(err.Error(), "in 95 rows") ||
		!strings.Contains(err.Error(), "the ledger names no previous database to go back to") { // a folder has no previous database
		t.Errorf("%v", err)
	}
	failed.Previous = "staging_previous_1"
	if !strings.Contains(failed.Error(), "to go back to the previous database staging_previous_1: masker rollback staging --reason") {
		t.Errorf("%v", failed)
	}
}

func TestV4OnlyTheFlowsOwnTargetIsVerifiedAgain(t *testing.T) {
	w, _ := verifiedWorld(t, guard.VerifyOff)
	w.run(t, movement.Published) //nolint:errcheck // run has checked the outcome
	w.spec.Flow.Name = "weekly"
	if _, err := movement.Verify(t.Context(), w.spec, false); movement.KindOf(err) != movement.Refused || !strings.Contains(err.Error(), "made its target") {
		t.Errorf("the target of another flow: %v", err)
	}
	if err := os.RemoveAll(w.path("staging")); err != nil {
		t.Fatal(err)
	}
	if _, err := movement.Verify(t.Context(), w.spec, false); movement.KindOf(err) != movement.Refused || !strings.Contains(err.Error(), "not proven") {
		t.Errorf("without a target: %v", err)
	}
}
