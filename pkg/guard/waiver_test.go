package guard_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/guard"
)

func waiving() guard.Flow {
	return guard.Flow{
		Name: "nightly", Verify: guard.VerifyOff, Treats: true, Allow: []string{guard.SuperuserTarget},
		From: guard.Environment{Name: "production", Kind: guard.Production, NotProduction: "1/x"},
		To:   guard.Environment{Name: "staging", Kind: guard.Staging, Adopts: true},
	}
}

// A waiver of any kind counts up to its last day, and never afterwards.
func TestEveryWaiverCanEnd(t *testing.T) {
	for _, code := range []string{"approvals", "verify", "not-production", guard.SuperuserTarget, "adopt"} {
		f := waiving()
		f.Until = map[string]string{code: "2026-12-24"}
		if err := f.CheckUntil(); err != nil {
			t.Errorf("%s: %v", code, err)
		}
		last := time.Date(2026, 12, 24, 23, 59, 59, 0, time.UTC)
		if err := f.CheckEnds(last); err != nil {
			t.Errorf("%s on its last day: %v", code, err)
		}
		err := f.CheckEnds(last.Add(time.Second))
		var refused *guard.Refused
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "its waiver "+code+" ended on 2026-12-24 and no longer counts") || !strings.Contains(err.Error(), "until: {"+code+": 2027-01-24}") {
			t.Errorf("%s after its last day: %v", code, err)
		}
	}
	if err := waiving().CheckEnds(time.Now()); err != nil {
		t.Errorf("waivers without a day: %v", err)
	}
}

func TestDaysThatNoWaiverHas(t *testing.T) {
	for code, want := range map[string]string{
		"superuser-targt":  `does not waive "superuser-targt" (did you mean superuser-target?); it waives: approvals, verify,`,
		"source-can-write": `does not waive "source-can-write"`,
		"verify":           "want a day, such as 2026-12-24",
	} {
		f := waiving()
		f.Until = map[string]string{code: "Christmas"}
		if err := f.CheckUntil(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}
