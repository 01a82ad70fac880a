package main

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/doctor"
	"github.com/masker-project/masker/pkg/doctor/servers"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/target"
)

// examineFlow checks one flow of the configuration, without a connection.
func (c *config) examineFlow(s *doctor.Sheet, name string) {
	f, area := c.Flows[name], "flow"
	if err := c.GuardFlow(name, f).Check(); err != nil {
		s.Problem(area, "masker check says what is allowed", "%s: %s", name, firstLine(err))
	}
	if err := c.CheckOverrides(name); err != nil {
		s.Problem(area, "docs/configuration.md, environment variables", "%s: %s", name, firstLine(err))
	}
	rules, err := loadRules(c.RuleFiles(f))
	switch {
	case err != nil:
		s.Problem(area, "masker check --offline shows every position", "%s: %s", name, firstLine(err))
	case rules == nil:
		s.OK(area, "%s: the flow has no rules, and copies a source that is already sanitised", name)
	default:
		s.OK(area, "%s: the rules can be read: revision %d, %s", name, rules.Revision, spell.Count(len(rules.Tables), "table"))
	}
	for _, file := range c.RuleFiles(f) {
		s.Unwritable(area, "rules", file)
	}
	for _, code := range f.Allow {
		s.Warn(area, "correct what the check finds, and remove the line", "%s: allow: %s waives a check", name, code)
	}
	for _, text := range movement.Endings(c.GuardFlow(name, f), rules, nil, now()) {
		s.Warn(area, "remove it, or write a later day", "%s: %s", name, text)
	}
	c.examineRoot(s, name, f)
	if len(f.Notify) == 0 {
		s.Warn(area, "add notify: to the flow (webhook, slack, mail or command); docs/configuration.md", "%s: nobody is notified of the outcome of a refresh", name)
	} else if err := c.observers(&flowSpec{Spec: movement.Spec{Flow: c.GuardFlow(name, f)}}, f); err != nil {
		s.Problem(area, "correct the configuration; docs/configuration.md", "%s: %s", name, firstLine(err))
	} else {
		s.OK(area, "%s: %s for notifications of the outcome (none was tried)", name, spell.Count(len(f.Notify), "channel"))
	}
	c.examineSchedule(s, name)
}

// examineRoot checks who can change the files that decide whose approvals count.
func (c *config) examineRoot(s *doctor.Sheet, name string, f settings.Flow) {
	const area = "policy"
	if f.Approvals.Required != nil && *f.Approvals.Required == 0 {
		s.Warn(area, "approvals: {required: 1, signers: policy/allowed_signers}", "%s: the flow runs without an approval", name)
	}
	if f.Approvals.Signers == "" {
		return
	}
	path := c.Path(f.Approvals.Signers)
	if _, _, err := c.signers(f); err != nil {
		s.Problem(area, "correct the file; ssh-keygen(1), ALLOWED SIGNERS", "%s: %s", name, firstLine(err))
		return
	}
	s.Unwritable(area, "allowed signers", path)
	s.Unwritable(area, "folder of allowed signers", filepath.Dir(path))
	if f.Approvals.Revoked != "" {
		s.Unwritable(area, "revoked keys", c.Path(f.Approvals.Revoked))
	}
	for _, rule := range c.RuleFiles(f) {
		if doctor.Inside(path, filepath.Dir(rule)) {
			s.Problem(area, "move the file to another folder, which has its own reviewers", "%s is in the folder of the rules: anybody who can change the rules can change who approves them", path)
			return
		}
	}
}

// examineSchedule reports when the flow was last published. It cannot see whether a timer exists.
func (c *config) examineSchedule(s *doctor.Sheet, name string) {
	const area = "schedule"
	dir, _, err := c.ledgerAt()
	if err != nil {
		return
	}
	flows := make(map[string]string) // the flow of each run
	last := ""
	for r, err := range ledger.Read(dir) {
		if err != nil {
			return // examineLedger has reported the problem
		}
		switch {
		case r.Event == ledger.EventStart && r.Movement != nil:
			flows[r.Run] = r.Movement.Flow
		case r.Event == ledger.EventFinish && flows[r.Run] == strings.ToLower(name):
			last = r.Time.UTC().Format("2006-01-02 15:04 MST")
		}
	}
	if last == "" {
		s.OK(area, "%s: no refresh has been published yet; examples/ has a systemd timer, cron and a CronJob", name)
		return
	}
	s.OK(area, "%s: last refreshed %s", name, last)
	if text, err := movement.DescribeExpiry(dir, c.GuardFlow(name, c.Flows[name]).To, now()); err == nil && text != "" {
		s.Warn(area, "docs/operations.md, retiring a target", "%s", text)
	}
}

// examineServers checks both servers of a flow, and whether a run may replace the target.
func (c *config) examineServers(ctx context.Context, s *doctor.Sheet, name string) {
	f := c.Flows[name]
	to := c.Environments[f.To]
	p := servers.Pair{
		From: servers.Side{Name: f.From}, To: servers.Side{Name: f.To}, Dump: c.dump(name),
		Target: target.Options{Maintenance: to.Maintenance, Adopt: to.Adopt, Template: f.Branches.Template}, Roles: []string{}, Allow: f.Allow,
	}
	p.From.URL, p.From.Err = c.URL(f.From)
	p.To.URL, p.To.Err = c.URL(f.To)
	for _, r := range c.Roles {
		p.Roles = append(p.Roles, r.To)
	}
	owner, done, err := c.targetProof(name, p.To.URL)
	p.Target.Proof = owner
	if err != nil {
		p.Target.Proof = movement.FailedProof{Err: err} // the other checks of the target do not need the proof
	}
	p.Examine(ctx, s)
	if err := done(); err != nil {
		s.Problem("ledger", "check the disk of the ledger", "the ledger cannot be closed: %v", err)
	}
}

// firstLine returns the first line of an error's text.
func firstLine(err error) string {
	line, _, _ := strings.Cut(movement.Words(err), "\n")
	return line
}
