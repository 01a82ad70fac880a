package main

import (
	"errors"
	"os"
	"time"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/approval/approvalfile"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/ruleset"
)

// judgeApprovals reads the approvals of a flow and judges them. It opens no connection. A file that it cannot read is
// an error, even if the flow needs no approval. Missing approvals, and approvals that do not count, are no error: the
// field Why of the result then holds the reason.
func (c *config) judgeApprovals(name string, f settings.Flow, g guard.Flow, rules *ruleset.Set, at time.Time) (movement.Approvals, error) {
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
	folders := c.approvalFolders(f)
	files, err := approvalfile.Statements(folders[0])
	if err != nil {
		return movement.Approvals{}, usage("%w", err)
	}
	want := approval.Want{
		Flow: name, Source: f.From, Target: f.To, Rules: c.rulesDigest(rules), Revision: rules.Revision,
		Required: max(1, g.Approvals(false)),
	}
	a := movement.Approvals{Signers: digest, Rules: want.Rules}
	a.Verdict, a.Why = approval.Judge(want, files, signers, at)
	if a.Past, err = approval.History(name, files, signers); err != nil {
		a.Past = nil // a damaged approval proves nothing; masker approve reports it
	}
	approved := ""
	if len(a.Verdict.Approvers) > 0 {
		approved = a.Verdict.Plan
	}
	for _, past := range a.Past { // the latest approval comes first
		if approved == "" && past.Why == "" && !past.Orphan {
			approved = past.Statement.Plan
		}
	}
	a.Plan, err = folders.Plan(approved)
	a.Planned, a.Older = err == nil, errors.Is(err, approvalfile.ErrPlanOlder)
	for _, digest := range a.Verdict.Plans() {
		if d, err := folders.Plan(digest); err == nil {
			a.Plans = append(a.Plans, d)
		}
	}
	return a, nil
}

// signers reads the files of allowed signers and of revoked keys. The second result is the digest of both files. A file
// that cannot be read is an error. Without the list of revoked keys, a revoked key would count.
func (c *config) signers(f settings.Flow) (approval.Signers, string, error) {
	list, err := os.ReadFile(c.Path(f.Approvals.Signers))
	if err != nil {
		return approval.Signers{}, "", usage("cannot read the file of allowed signers: %w; approvals: {signers: FILE} names the file", err)
	}
	var revoked []byte
	if f.Approvals.Revoked != "" {
		if revoked, err = os.ReadFile(c.Path(f.Approvals.Revoked)); err != nil {
			return approval.Signers{}, "", usage("cannot read the file of revoked keys: %w; approvals: {revoked: FILE} names the file", err)
		}
	}
	s, err := approval.ParseSigners(list, revoked)
	if err != nil {
		return approval.Signers{}, "", usage("%s: %w", f.Approvals.Signers, err)
	}
	if _, set := c.Lookup("TZ"); set && s.Local() > 0 {
		return approval.Signers{}, "", usage("environment variable TZ would change the times in %s: line %d has a time without a time zone; unset TZ, or write a Z after the time (20270101Z)", f.Approvals.Signers, s.Local())
	}
	return s, digestOf(list, revoked), nil
}
