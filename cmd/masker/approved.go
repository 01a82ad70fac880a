package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
)

// approvals are what is known of who approved a flow's rules, from files alone.
type approvals struct {
	verdict approval.Verdict
	why     error  // that too few count; nil where enough do
	signers string // digest of the trust root, for the ledger
	rules   string // digest
	past    []approval.Past
	plan    plan.Decisions
	planned bool // whether plan holds what was approved
}

// judged reads the approvals of a flow and judges them. It opens no connection; the error is of files that
// cannot be read, which the user has to mend whether or not approvals turn out to be needed.
func (c *config) judged(name string, f settings.Flow, g guard.Flow, rules *ruleset.Set, at time.Time) (approvals, error) {
	if rules == nil {
		return approvals{why: errors.New("the flow has no rules that could be approved")}, nil
	}
	if f.Approvals.Signers == "" {
		return approvals{why: errors.New("the flow names no signers")}, nil
	}
	signers, digest, err := c.signers(f)
	if err != nil {
		return approvals{}, err
	}
	files, err := approvalFiles(c.ApprovalsDir(f))
	if err != nil {
		return approvals{}, err
	}
	want := approval.Want{
		Flow: name, Source: f.From, Target: f.To, Rules: c.rulesDigest(rules), Revision: rules.Revision,
		Required: max(1, g.Approvals(false)),
	}
	a := approvals{signers: digest, rules: want.Rules}
	a.verdict, a.why = approval.Judge(want, files, signers, at)
	if a.past, err = approval.History(name, files, signers); err != nil {
		a.past = nil // damaged ones are told of by approve; none of them proves anything here
	}
	a.plan, err = c.keptPlan(f, a.verdict.Plan)
	a.planned = err == nil
	return a, nil
}

// required refuses a flow out of production that is not approved, before anything is connected to. Where only a
// connection can show what the source is, it says nothing yet.
func (a approvals) required(g guard.Flow) error {
	if g.Unproven() || !g.Treats {
		return nil
	}
	need := g.Approvals(g.From.NotProduction != "")
	if need == 0 || a.why == nil {
		return nil
	}
	return &guard.Refused{
		Flow: g.Name, Why: fmt.Sprintf("its rules are not approved: %v", a.why),
		Next: "masker sign, then let somebody else masker approve; docs/approvals.md",
	}
}

// approved is what the guard hears of it.
func (a approvals) approved(now *plan.Plan) guard.Approved {
	v, ok := a.verdict.Of(now.Digest())
	if !ok {
		v = a.verdict
	}
	out := guard.Approved{Plan: v.Plan}
	if a.why == nil {
		for _, p := range v.Approvers {
			out.Approvers = append(out.Approvers, p.Principal)
		}
	}
	if a.planned && out.Plan != now.Digest() {
		for _, change := range urgentFirst(plan.Diff(a.plan, now.Decisions())) {
			out.Difference = append(out.Difference, change.String())
		}
	}
	return out
}

// seen refuses an approval whose signer was not shown what changed since the plan that was approved and published last: its approval had been
// taken away from beside the rules. What was shown counts where it is that plan, or one that was approved after it.
func (a approvals) seen(flow guard.Flow, now *plan.Plan, last ledger.Last) error {
	v, ok := a.verdict.Of(now.Digest())
	if !ok || flow.Required == 0 || !last.Approved || last.Plan == v.Plan || last.Rules == "" || last.Rules == a.rules {
		return nil
	}
	shown := func(since string) bool {
		return since == "" || since == last.Plan || slices.ContainsFunc(a.past, func(p approval.Past) bool {
			return p.Why == "" && !p.Orphan && p.Statement.Plan == since && p.Statement.Revision >= last.Revision && p.Approvers >= max(1, flow.Approvals(false))
		})
	}
	for _, by := range v.Approvers {
		again := func(p approval.Past) bool { // approved once more, when it was there again
			st := p.Statement
			return p.Why == "" && st.Principal == by.Principal && st.Rules == a.rules && st.Plan == v.Plan && shown(st.Since)
		}
		if shown(by.Since) || slices.ContainsFunc(a.past, again) {
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
func (a approvals) of(p *plan.Plan) approval.Verdict {
	if p == nil || a.why != nil {
		return approval.Verdict{}
	}
	v, _ := a.verdict.Of(p.Digest())
	return v
}

// signers reads the trust root. One that cannot be read ends it: an empty one would only look stricter.
func (c *config) signers(f settings.Flow) (approval.Signers, string, error) {
	list, err := os.ReadFile(c.Path(f.Approvals.Signers))
	if err != nil {
		return approval.Signers{}, "", usage("cannot read who may sign: %w; approvals: {signers: FILE} names the file", err)
	}
	var revoked []byte
	if f.Approvals.Revoked != "" {
		if revoked, err = os.ReadFile(c.Path(f.Approvals.Revoked)); err != nil {
			return approval.Signers{}, "", usage("cannot read which keys are revoked: %w", err)
		}
	}
	s, err := approval.ParseSigners(list, revoked)
	if err != nil {
		return approval.Signers{}, "", usage("%s: %w", f.Approvals.Signers, err)
	}
	if _, set := c.Lookup("TZ"); set && s.Local() > 0 {
		return approval.Signers{}, "", usage("environment variable TZ would move the times of %s: line %d has one without a time zone; unset TZ, or write a Z behind the time (20270101Z)", f.Approvals.Signers, s.Local())
	}
	return s, digestOf(list, revoked), nil
}
