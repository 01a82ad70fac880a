package movement

import (
	"errors"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Approvals is what masker has read from files about the approvals of a flow's rules.
type Approvals struct {
	Verdict approval.Verdict
	Why     error  // why too few approvals count, or nil if enough count
	Signers string // digest of the files of allowed signers and revoked keys, for the ledger
	Rules   string // digest of the rules
	Past    []approval.PastApproval
	Plan    plan.Decisions
	Older   bool // the approved plan cannot be read, because another version of masker wrote it
	Planned bool // Plan is set: to the approved decisions or, if these rules are not approved, to those that were approved last

	Plans []plan.Decisions // the decisions of each plan that was approved for these rules. There are several plans if the schema changed
}

// requiredBefore returns the number of approvals that the approved policy requires. It is 0 if these rules are not
// approved.
func (a Approvals) requiredBefore() int {
	if !a.Planned || a.Why != nil {
		return 0
	}
	return a.Plan.Policy.Required()
}

// changedFiles lists the changes of the hooks, the waivers and the policy since the plan that was approved last. Other
// parts of a plan cannot be compared without a schema.
func (a Approvals) changedFiles(rules *ruleset.Set, policy plan.Policy) []string {
	if !a.Planned || rules == nil {
		return nil
	}
	now := a.Plan
	now.Hooks, now.Waivers, now.Policy = plan.HooksOf(rules), plan.DecidedWaivers(rules.Waivers), policy
	var list []string
	for _, d := range review.Diff(a.Plan, now) {
		list = append(list, d.String())
	}
	return list
}

// Required refuses a flow that needs approvals and does not have them. Run calls it before masker connects to a
// database. If only a connection can show whether the source is production, Required refuses nothing.
func (a Approvals) Required(g guard.Flow, rules *ruleset.Set, policy plan.Policy) error {
	if g.Unproven() || !g.Treats {
		return nil
	}
	need := g.Approvals(g.From.NotProduction != "")
	if need == 0 || a.Why == nil {
		return nil
	}
	return a.explain(&guard.Refused{
		Flow: g.Name, Why: fmt.Sprintf("its rules are not approved: %v", a.Why),
		Next: "run masker sign, then let somebody else run masker approve, see docs/approvals.md",
	}, rules, policy)
}

// explain extends the text of a refusal with the changes since the plan that was approved last.
func (a Approvals) explain(err error, rules *ruleset.Set, policy plan.Policy) error {
	var refused *guard.Refused
	if errors.As(err, &refused) {
		refused.Why += guard.Differences(a.changedFiles(rules, policy))
	}
	return err
}

// forGuard returns the approvals in the form that the guard needs. The argument digest is the digest of the plan now.
func (a Approvals) forGuard(now *plan.Plan, digest string) guard.Approved {
	v, ok := a.Verdict.ForPlan(digest)
	if !ok {
		v = a.Verdict
	}
	out := guard.Approved{Plan: v.Plan}
	if a.Why == nil {
		for _, p := range v.Approvers {
			out.Approvers = append(out.Approvers, p.Principal)
		}
	}
	if a.Older {
		out.Difference = []string{"another version of masker wrote the approved plan, and approvals of that version do not count for this one"}
	}
	if a.Planned && out.Plan != digest {
		for _, change := range review.Diff(a.Plan, now.Decisions()) {
			out.Difference = append(out.Difference, change.String())
		}
	}
	return out
}

// settle returns the plan with the figures (from the planner's statistics) that the approver saw, so that the run
// judges the same figures. The result ok is false if no decisions were approved.
func (a Approvals) settle(now *plan.Plan) (p *plan.Plan, notes []string, ok bool) {
	for _, approved := range a.Plans {
		if p, notes = now.Settle(approved); p.Digest() == approved.Digest() {
			return p, notes, true
		}
	}
	if a.Planned {
		p, notes = now.Settle(a.Plan) // guard refuses this plan, and names the other differences
		return p, notes, true
	}
	return now, nil, false
}

// checkShown refuses an approval whose signer was not shown the changes since the plan that was last approved and
// published. This happens if the approval of that plan was missing when the signer approved. The signer must have seen
// the changes since that plan, or since a plan that was approved after that plan.
func (a Approvals) checkShown(flow guard.Flow, digest string, last ledger.LastPublished) error {
	v, ok := a.Verdict.ForPlan(digest)
	if !ok || flow.Required == 0 || !last.Approved || last.Plan == v.Plan || last.Rules == "" || last.Rules == a.Rules {
		return nil
	}
	shown := func(since string) bool {
		return since == "" || since == last.Plan || slices.ContainsFunc(a.Past, func(p approval.PastApproval) bool {
			return p.Why == "" && !p.Orphan && p.Statement.Plan == since && p.Statement.Revision >= last.Revision && p.Approvers >= max(1, flow.Approvals(false))
		})
	}
	for _, by := range v.Approvers {
		again := func(p approval.PastApproval) bool { // the same person approved again, after the missing approval was restored
			st := p.Statement
			return p.Why == "" && st.Principal == by.Principal && st.Rules == a.Rules && st.Plan == v.Plan && shown(st.Since)
		}
		if shown(by.Since) || slices.ContainsFunc(a.Past, again) {
			continue
		}
		return &guard.Refused{
			Flow: flow.Name, Why: fmt.Sprintf("%s approved its rules without being shown what changed since revision %d, which was approved and published last (run %s): the approval of that revision was not beside the rules",
				report.Clean(by.Principal), last.Revision, last.Run),
			Next: "restore it from version control, and let the rules be approved again",
		}
	}
	return nil
}

// verdictOn returns the verdict on exactly the plan with this digest, or an empty verdict if the digest is "". The
// rules may have been approved for another schema, and therefore for another plan. People who approved only another
// plan must not be named as approvers of this plan.
func (a Approvals) verdictOn(digest string) approval.Verdict {
	if digest == "" || a.Why != nil {
		return approval.Verdict{}
	}
	v, _ := a.Verdict.ForPlan(digest)
	return v
}
