package movement

import (
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
)

// Approvals are what is known of who approved a flow's rules, from files alone.
type Approvals struct {
	Verdict approval.Verdict
	Why     error  // that too few count; nil where enough do
	Signers string // digest of the trust root, for the ledger
	Rules   string // digest
	Past    []approval.PastApproval
	Plan    plan.Decisions
	Planned bool // whether Plan holds what was approved
}

// Required refuses a flow out of production that is not approved, before anything is connected to. Where only a
// connection can show what the source is, it says nothing yet.
func (a Approvals) Required(g guard.Flow) error {
	if g.Unproven() || !g.Treats {
		return nil
	}
	need := g.Approvals(g.From.NotProduction != "")
	if need == 0 || a.Why == nil {
		return nil
	}
	return &guard.Refused{
		Flow: g.Name, Why: fmt.Sprintf("its rules are not approved: %v", a.Why),
		Next: "masker sign, then let somebody else masker approve; docs/approvals.md",
	}
}

// approved is what the guard hears of it.
func (a Approvals) approved(now *plan.Plan) guard.Approved {
	v, ok := a.Verdict.ForPlan(now.Digest())
	if !ok {
		v = a.Verdict
	}
	out := guard.Approved{Plan: v.Plan}
	if a.Why == nil {
		for _, p := range v.Approvers {
			out.Approvers = append(out.Approvers, p.Principal)
		}
	}
	if a.Planned && out.Plan != now.Digest() {
		for _, change := range review.Diff(a.Plan, now.Decisions()) {
			out.Difference = append(out.Difference, change.String())
		}
	}
	return out
}

// seen refuses an approval whose signer was not shown what changed since the plan that was approved and published last: its approval had been
// taken away from beside the rules. What was shown counts where it is that plan, or one that was approved after it.
func (a Approvals) seen(flow guard.Flow, now *plan.Plan, last ledger.LastPublished) error {
	v, ok := a.Verdict.ForPlan(now.Digest())
	if !ok || flow.Required == 0 || !last.Approved || last.Plan == v.Plan || last.Rules == "" || last.Rules == a.Rules {
		return nil
	}
	shown := func(since string) bool {
		return since == "" || since == last.Plan || slices.ContainsFunc(a.Past, func(p approval.PastApproval) bool {
			return p.Why == "" && !p.Orphan && p.Statement.Plan == since && p.Statement.Revision >= last.Revision && p.Approvers >= max(1, flow.Approvals(false))
		})
	}
	for _, by := range v.Approvers {
		again := func(p approval.PastApproval) bool { // approved once more, when it was there again
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

// of is the verdict on exactly that plan: where none was wanted, the rules may have been approved for another schema,
// and nobody is to be named for what they never saw.
func (a Approvals) of(p *plan.Plan) approval.Verdict {
	if p == nil || a.Why != nil {
		return approval.Verdict{}
	}
	v, _ := a.Verdict.ForPlan(p.Digest())
	return v
}
