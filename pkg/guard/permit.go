package guard

import (
	"fmt"
	"time"
)

// Permit is the proof that one plan may run on one flow. Its fields are closed to
// other packages and its zero value permits nothing, so Allow is the only way to one.
type Permit struct {
	flow   Flow
	digest string
	at     time.Time
}

// Allow gives the permit for the plan of that digest, made for that kind of target,
// or *Refused.
func Allow(f Flow, digest, targetKind string, at time.Time) (*Permit, error) {
	if err := f.Check(); err != nil {
		return nil, err
	}
	if digest == "" {
		return nil, f.refuse("the plan has no digest", "build the plan again")
	}
	if targetKind != string(f.To.Kind) {
		return nil, f.refuse(fmt.Sprintf("the plan is for %s, the target is %s", targetKind, f.To.Kind),
			"build the plan for this flow")
	}
	if f.Approvals != 0 {
		return nil, f.refuse("its rules are not approved, and approvals are not yet available",
			"waive them in the open: approvals: {required: 0}")
	}
	if f.Verify {
		return nil, f.refuse("verification is not yet available", "waive it in the open: verify: off")
	}
	return &Permit{flow: f, digest: digest, at: at}, nil
}

// Check holds the permit against the plan about to run.
func (p *Permit) Check(digest string) error {
	switch {
	case p == nil || p.digest == "":
		return &Refused{Why: "there is no permit for this plan", Next: "ask guard.Allow for one"}
	case p.digest != digest:
		return p.flow.refuse("the permit is for another plan", "ask for a permit for this one")
	}
	return nil
}

// Flow is the flow the permit is for.
func (p *Permit) Flow() Flow { return p.flow }

// Digest is the digest of the plan the permit is for.
func (p *Permit) Digest() string { return p.digest }

// At is when the permit was given.
func (p *Permit) At() time.Time { return p.at }
