package main

import (
	"errors"
	"os"
	"time"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/ruleset"
)

// judged reads the approvals of a flow and judges them. It opens no connection; the error is of files that
// cannot be read, which the user has to mend whether or not approvals turn out to be needed.
func (c *config) judged(name string, f settings.Flow, g guard.Flow, rules *ruleset.Set, at time.Time) (movement.Approvals, error) {
	if rules == nil {
		return movement.Approvals{Why: errors.New("the flow has no rules that could be approved")}, nil
	}
	if f.Approvals.Signers == "" {
		return movement.Approvals{Why: errors.New("the flow names no signers")}, nil
	}
	signers, digest, err := c.signers(f)
	if err != nil {
		return movement.Approvals{}, err
	}
	files, err := approvalFiles(c.ApprovalsDir(f))
	if err != nil {
		return movement.Approvals{}, err
	}
	want := approval.Want{
		Flow: name, Source: f.From, Target: f.To, Rules: c.rulesDigest(rules), Revision: rules.Revision,
		Required: max(1, g.Approvals(false)),
	}
	a := movement.Approvals{Signers: digest, Rules: want.Rules}
	a.Verdict, a.Why = approval.Judge(want, files, signers, at)
	if a.Past, err = approval.History(name, files, signers); err != nil {
		a.Past = nil // damaged ones are told of by approve; none of them proves anything here
	}
	a.Plan, err = c.keptPlan(f, a.Verdict.Plan)
	a.Planned = err == nil
	return a, nil
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
