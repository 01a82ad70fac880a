package guard

import (
	"fmt"
	"slices"
	"time"

	"github.com/masker-project/masker/pkg/review"
)

// Permit is the proof that one plan may run on one flow. Only Allow makes a Permit that permits something. Other
// packages cannot set its fields, and its zero value permits nothing.
type Permit struct {
	flow      Flow
	digest    string
	approvers []string
	required  int
	at        time.Time
}

// Request is a request for a permit.
type Request struct {
	Flow       Flow
	Plan       string // digest of the plan
	TargetKind string // the kind of environment that the plan was made for
	Copies     bool   // the plan keeps every column, because the source is already sanitized
	Revision   int    // revision of the rules
	Evidence   Evidence
	Approved   Approved
	// LastRevision is the revision of the rules with which this flow was last published, or 0 if the flow was never
	// published.
	LastRevision int
	// LastRequired is the number of approvals that the flow's last approved policy requires, or 0. If the configuration
	// requires fewer, the run still needs this number of approvals.
	LastRequired int
	Findings     []review.Finding // findings of the plan, with its waivers applied
	Verifies     bool             // there is a verifier
	At           time.Time
}

// Approved is the result of verifying the approvals of the flow's rules.
type Approved struct {
	Approvers  []string // different people, none of them the author
	Plan       string   // digest of the plan that they approved
	Difference []string // descriptions of the differences between that plan and the plan of the request, for the refusal
}

// Allow returns a permit, or a *Refused error.
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
	case f.Verifies() && !r.Verifies:
		return nil, f.refuse("there is nothing that could verify its result", "give the refresh a verifier, or waive verification: verify: off")
	case r.Copies == f.Treats:
		return nil, f.refuse("the plan does not match the flow's rules", "build the plan again")
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
	notProduction, _ := f.ShownNotProduction(r.Evidence)
	p := &Permit{flow: f, digest: r.Plan, required: f.Approvals(notProduction), at: r.At}
	if r.Approved.Plan == r.Plan { // the permit does not name people who approved another plan
		p.approvers = r.Approved.Approvers
	}
	return p, nil
}

// checkOrigin refuses a copy without treatment, if it is not proven that the source is already sanitized.
func (r Request) checkOrigin() error {
	if !r.Copies {
		return nil
	}
	if ok, why := r.Evidence.provenOrigin(); !ok {
		return r.Flow.refuse("it has no rules, and nothing proves that its source is already sanitized: "+why,
			"refresh the source with masker, or add rules: [rules/NAME.yaml]")
	}
	return nil
}

func (r Request) checkApprovals() error {
	notProduction, why := r.Flow.ShownNotProduction(r.Evidence)
	need := r.Flow.Approvals(notProduction)
	if r.Copies || max(need, r.LastRequired) == 0 {
		return nil
	}
	if !notProduction && !r.Flow.From.production() {
		return r.Flow.refuse(fmt.Sprintf("its source counts as production (%s), and its rules were approved for an environment that is called %s", why, r.Flow.From.Kind),
			"refresh the source with masker, name it under not_production, or call it production and let the rules be approved for that")
	}
	if err := r.checkLowered(need); err != nil {
		return err
	}
	if have := len(r.Approved.Approvers); have < need {
		return r.Flow.refuse(fmt.Sprintf("its source counts as production (%s), and it has %d of %d approvals", why, have, need),
			"run masker sign, then let somebody else run masker approve")
	}
	if by := r.Evidence.ClockOffset; by.Abs() > maxClockOffset {
		return r.Flow.refuse(fmt.Sprintf("approvals expire by this machine's clock, and it differs from the source's clock by %s", by.Abs().Round(time.Second)),
			"set the clock; masker doctor compares it with both servers")
	}
	if r.Approved.Plan != r.Plan {
		return r.Flow.refuse("this plan is not the one that was approved"+Differences(r.Approved.Difference),
			"run masker sign for this plan, and let it be approved again")
	}
	return nil
}

// checkLowered refuses a run if the new policy requires fewer approvals than the policy that was approved last, unless
// the plan has the number of approvals that the earlier policy requires.
func (r Request) checkLowered(need int) error {
	have := 0
	if r.Approved.Plan == r.Plan {
		have = len(r.Approved.Approvers)
	}
	if need >= r.LastRequired || have >= r.LastRequired {
		return nil
	}
	return r.Flow.refuse(fmt.Sprintf("it needs %d approvals now, and the policy that was approved last requires %d; the change has %d of %d approvals%s",
		need, r.LastRequired, have, r.LastRequired, Differences(r.Approved.Difference)),
		fmt.Sprintf("write approvals: {required: %d}, or run masker sign for this policy and let it be approved", r.LastRequired))
}

// maxClockOffset is the largest accepted difference between two clocks. If the difference is larger, one of the clocks
// must be wrong.
const maxClockOffset = 5 * time.Minute

// Differences lists the first few differences, one on each line, and says how many more there are.
func Differences(all []string) string {
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

// CheckClock refuses a run if this machine's clock is more than maxClockOffset before the end of the flow's last
// movement. With a clock that was set back, an expired approval could be valid again.
func (f Flow) CheckClock(at, last time.Time) error {
	if !last.IsZero() && at.Before(last.Add(-maxClockOffset)) {
		return f.refuse(fmt.Sprintf("this machine's clock says %s, and the ledger's last movement of the flow ended at %s", stamp(at), stamp(last)),
			"set the clock; masker doctor compares it with both servers")
	}
	return nil
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05Z") }

// CheckRevision refuses rules whose revision is lower than the revision with which the flow was last published.
func (f Flow) CheckRevision(revision, last int) error {
	if revision < last {
		return f.refuse(fmt.Sprintf("its rules are revision %d, and revision %d was used last", revision, last),
			"to use the older rules on purpose, give them a new revision and have it approved")
	}
	return nil
}

// CheckSame refuses changed rules if their revision was last published with an approval. Without this check, somebody
// could remove the earlier approval and ask for an approval of the changed rules under the same revision. The approver
// would then not see what changed. CheckSame accepts all rules of a flow whose configuration requires no approval.
func (f Flow) CheckSame(revision int, rules string, last LastPublished) error {
	if !last.Approved || last.Rules == "" || revision != last.Revision || rules == last.Rules || f.Required == 0 {
		return nil
	}
	return f.refuse(fmt.Sprintf("its rules are revision %d, and other rules were approved and published as revision %d", revision, revision),
		fmt.Sprintf("write revision: %d, then sign and approve them again. The rules include the packs that ship with masker, which another version of masker can change", revision+1))
}

// LastPublished describes the flow's last published movement, from the ledger.
type LastPublished struct {
	Revision int
	Rules    string // digest of the rules, "" if it is not known
	Approved bool   // the run needed an approval and had one
}

// Judge returns a plan's findings with the flow's name and with the level that they have for the flow. If the flow is
// strict, a finding that is not waived is an error, and masker refuses the run.
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
	refusing := slices.DeleteFunc(r.Flow.Judge(r.Findings), func(f review.Finding) bool { return f.Level != review.Error })
	if len(refusing) == 0 {
		return nil
	}
	var texts []string
	for _, f := range review.Fold(refusing) {
		texts = append(texts, f.String())
	}
	why := ", and a gate of a profile refuses them"
	if r.Flow.Strict {
		why = ", and it has findings: refuse"
	}
	return r.Flow.refuse(fmt.Sprintf("findings that are not waived: %d%s%s", len(refusing), why, Differences(texts)),
		"correct the rules, or waive each finding that can be waived under waivers, with owner, reason and until")
}

// Check refuses every plan except the plan of the permit.
func (p *Permit) Check(digest string) error {
	switch {
	case p == nil || p.digest == "":
		return &Refused{Why: "there is no permit for this plan", Next: "get one from guard.Allow"}
	case p.digest != digest:
		return p.flow.refuse("the permit is for another plan", "get a permit for this plan")
	}
	return nil
}

// Flow returns the flow of the permit.
func (p *Permit) Flow() Flow { return p.flow }

// Digest returns the digest of the permit's plan.
func (p *Permit) Digest() string { return p.digest }

// Approvers returns the people who approved the plan.
func (p *Permit) Approvers() []string { return p.approvers }

// Required returns the number of approvals that the flow requires. It ignores the number that an earlier policy
// required.
func (p *Permit) Required() int { return p.required }

// At returns the time at which the permit was given.
func (p *Permit) At() time.Time { return p.at }
