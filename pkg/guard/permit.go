package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/masker-project/masker/pkg/review"
)

// Permit is the proof that one plan may run on one flow. Its fields are closed to
// other packages and its zero value permits nothing, so Allow is the only way to one.
type Permit struct {
	flow      Flow
	digest    string
	approvers []string
	at        time.Time
}

// Request is what a permit is asked for, and with what.
type Request struct {
	Flow       Flow
	Plan       string // digest
	TargetKind string // the plan was made for
	Copies     bool   // whether the plan keeps every column, because the source is sanitized already
	Revision   int    // of the rules
	Evidence   Evidence
	Approved   Approved
	// LastRevision is that of the rules this flow was last published with; 0 where it never was.
	LastRevision int
	Findings     []review.Finding // of the plan, judged by its waivers
	Verifies     bool             // whether there is a verifier
	At           time.Time
}

// Approved is what the verified approvals of the flow's rules say.
type Approved struct {
	Approvers  []string // who count: none is the author, no two are one
	Plan       string   // digest of the plan they approved
	Difference []string // between that plan and this one, in words; for the refusal
}

// Allow gives the permit, or *Refused.
func Allow(r Request) (*Permit, error) {
	f := r.Flow
	if err := f.Check(); err != nil {
		return nil, err
	}
	switch {
	case r.Plan == "":
		return nil, f.refuse("the plan has no digest", "build the plan again")
	case r.TargetKind != string(f.To.Kind):
		return nil, f.refuse(fmt.Sprintf("the plan is for %s, the target is %s", r.TargetKind, f.To.Kind),
			"build the plan for this flow")
	case f.Verify && !r.Verifies:
		return nil, f.refuse("verification is not yet available", "waive it in the open: verify: off")
	case r.Copies == f.Treats:
		return nil, f.refuse("the plan is not what the flow's rules say", "build the plan again")
	}
	for _, check := range []func() error{
		func() error { return f.checkEvidence(r.Evidence) },
		r.checkOrigin, r.checkApprovals,
		func() error { return f.CheckRevision(r.Revision, r.LastRevision) },
		r.checkFindings,
	} {
		if err := check(); err != nil {
			return nil, err
		}
	}
	p := &Permit{flow: f, digest: r.Plan, at: r.At}
	if r.Approved.Plan == r.Plan { // else they approved something else, and nothing here rests on it
		p.approvers = r.Approved.Approvers
	}
	return p, nil
}

// checkOrigin lets only what is proven to be sanitized pass without treatment.
func (r Request) checkOrigin() error {
	if !r.Copies {
		return nil
	}
	if ok, why := r.Evidence.proven(); !ok {
		return r.Flow.refuse("it has no rules, and nothing proves that its source is sanitized already: "+why,
			"refresh the source with masker, or add rules: [rules/NAME.yaml]")
	}
	return nil
}

func (r Request) checkApprovals() error {
	shown, why := r.Flow.Shown(r.Evidence)
	need := r.Flow.Approvals(shown)
	if need == 0 || r.Copies {
		return nil
	}
	if !shown && !r.Flow.From.production() {
		return r.Flow.refuse(fmt.Sprintf("its source counts as production (%s), and its rules were approved for an environment that is called %s", why, r.Flow.From.Kind),
			"refresh it with masker, name it under not_production, or call it production and let the rules be approved for that")
	}
	if have := len(r.Approved.Approvers); have < need {
		return r.Flow.refuse(fmt.Sprintf("its source counts as production (%s), and %d of %d approvals are there", why, have, need),
			"masker sign, then let somebody else masker approve")
	}
	if by := r.Evidence.ClockOffset; by.Abs() > clocksApart {
		return r.Flow.refuse(fmt.Sprintf("approvals expire by this machine's clock, and it is %s off the source's", by.Abs().Round(time.Second)),
			"set it; masker doctor compares the clocks of all three")
	}
	if r.Approved.Plan != r.Plan {
		return r.Flow.refuse("this plan is not the one that was approved"+differences(r.Approved.Difference),
			"masker sign the plan as it is now, and let it be approved again")
	}
	return nil
}

// clocksApart is how far two clocks may be apart before one of them must be wrong.
const clocksApart = 5 * time.Minute

// differences keeps a refusal readable: the first few, and how many more.
func differences(all []string) string {
	const most = 8
	text := ""
	for i, d := range all {
		if i == most {
			return text + fmt.Sprintf("\n  and %d more", len(all)-most)
		}
		text += "\n  " + d
	}
	return text
}

// CheckClock refuses to judge approvals by a clock that stands before the flow's last movement: one that was set back
// would let an expired approval count again.
func (f Flow) CheckClock(at, last time.Time) error {
	if !last.IsZero() && at.Before(last.Add(-clocksApart)) {
		return f.refuse(fmt.Sprintf("this machine's clock says %s, and the ledger's last movement of the flow ended at %s", stamp(at), stamp(last)),
			"set the clock; masker doctor compares it with both servers")
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// CheckRevision refuses rules that are older than those the flow was last published with.
func (f Flow) CheckRevision(revision, last int) error {
	if revision < last {
		return f.refuse(fmt.Sprintf("its rules are revision %d, and revision %d was used last", revision, last),
			"to go back on purpose, give the older rules a new revision and have it approved")
	}
	return nil
}

// CheckSame refuses rules that changed under the revision that was published last with an approval. Whoever approved them was not shown
// what changed: the earlier approval had been taken away.
func (f Flow) CheckSame(revision int, rules string, last Last) error {
	if !last.Approved || last.Rules == "" || revision != last.Revision || rules == last.Rules || f.Required == 0 {
		return nil
	}
	return f.refuse(fmt.Sprintf("its rules are revision %d, and other rules were approved and published as revision %d", revision, revision),
		fmt.Sprintf("write revision: %d, sign and approve them again", revision+1))
}

// Last is what the ledger knows of the flow's last published movement.
type Last struct {
	Revision int
	Rules    string // digest; "" where it is not known
	Approved bool   // whether it rested on an approval
}

// Judge gives a plan's findings the weight they have for the flow: where it is strict, one that nobody waived is
// an error, and refuses.
func (f Flow) Judge(findings []review.Finding) []review.Finding {
	out := slices.Clone(findings)
	for i := range out {
		out[i].Flow = f.Name
		if f.Strict && out[i].Waiver == nil {
			out[i].Level = review.Error
		}
	}
	return out
}

func (r Request) checkFindings() error {
	var refusing []string
	for _, f := range r.Flow.Judge(r.Findings) {
		if f.Level == review.Error {
			refusing = append(refusing, f.String())
		}
	}
	if len(refusing) == 0 {
		return nil
	}
	return r.Flow.refuse(fmt.Sprintf("findings nobody waived: %d, and it has findings: refuse%s", len(refusing), differences(refusing)),
		"mend the rules, or waive each under waivers, with owner, reason and until")
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

// Approvers are those whose approvals the permit rests on.
func (p *Permit) Approvers() []string { return p.approvers }

// At is when the permit was given.
func (p *Permit) At() time.Time { return p.at }
