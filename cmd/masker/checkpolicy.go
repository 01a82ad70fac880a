package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/source"
)

// checkFiles is what can be checked without a connection: policy, rules, and who approved them.
func (a *app) checkFiles(c *config, name string) error {
	if err := c.Fixed(name); err != nil {
		return err
	}
	f := c.Flows[name]
	g := c.GuardFlow(name, f)
	if err := g.Check(); err != nil {
		return err
	}
	rules, err := loadRules(c.RuleFiles(f))
	if err != nil {
		return err
	}
	if rules == nil {
		_, err = fmt.Fprintf(a.out, "flow %s: files are in order; it has no rules, and carries on what is sanitized already\n", name)
		return err
	}
	given, err := c.judged(name, f, g, rules, now())
	if err != nil {
		return err
	}
	if err := given.required(g); err != nil {
		return err
	}
	a.tellWaivers(name, g)
	_, err = fmt.Fprintf(a.out, "flow %s: files are in order (%d tables have rules, revision %d%s); the schema was not asked\n",
		name, len(rules.Tables), rules.Revision, given.text())
	return err
}

// text names who approved, where somebody did.
func (a approvals) text() string {
	if a.why != nil || len(a.verdict.Approvers) == 0 {
		return ""
	}
	var names []string
	for _, p := range a.verdict.Approvers {
		names = append(names, report.Clean(p.Principal))
	}
	return ", approved by " + strings.Join(names, " and ")
}

func (a *app) tellWaivers(name string, g guard.Flow) {
	for _, w := range g.Waivers() {
		fmt.Fprintf(a.err, "flow %s: waived: %s\n", name, w.Text)
	}
}

// checkPolicy asks for the permit that a run would ask for, so that nobody waits for a run to hear that it is refused.
// A target that does not exist yet, or does not answer, is noted: it is asked again by the run.
func (a *app) checkPolicy(ctx context.Context, p *prospect, note func(string)) error {
	c, f := p.config, p.flow
	sourceURL, err := c.URL(f.From)
	if err != nil {
		return err
	}
	targetURL, err := c.URL(f.To)
	if err != nil {
		return err
	}
	keys, err := c.ledgerKey()
	if err != nil {
		return err
	}
	trusted, err := c.trustedKeys()
	if err != nil {
		return err
	}
	if err := c.witnesses(&movement{flow: p.guard}, f); err != nil {
		return err
	}
	e := guard.Evidence{Source: guard.Identity{SystemID: p.db.SystemID, Database: p.db.Name}}
	at, err := source.ReadProvenance(ctx, sourceURL)
	if err != nil {
		return coding(fmt.Errorf("source %s: %w", f.From, err))
	}
	e.Origin, e.OriginWhy = originOf(at, append(keys, trusted...))
	if there, err := c.examineOwn(ctx, p.name, targetURL); err == nil && there.Refusal != nil { // of one that does not answer, below
		return coding(fmt.Errorf("target %s: %w", f.To, there.Refusal))
	}
	to, err := source.ReadProvenance(ctx, targetURL)
	if err == nil {
		e.Target = guard.Identity{SystemID: to.SystemID, Database: to.Database}
	} else {
		note("the target cannot be asked yet: it does not exist, or does not answer")
	}
	if e.SourceWrites, err = source.Writes(ctx, sourceURL); err != nil {
		return fmt.Errorf("source %s: asking what its role may write: %w", f.From, err)
	}
	if err := askCredentials(ctx, &e, sourceURL, targetURL); err != nil {
		return err
	}
	given, err := p.approvals()
	if err != nil {
		return err
	}
	r := requested(p.guard, p.rules, p.plan, given, e)
	if r.LastRevision, err = c.lastRevision(p.name, to, trusted); err != nil {
		return err
	}
	a.tellWaivers(p.name, p.guard)
	_, err = guard.Allow(r)
	return err
}

// approvals are those of the flow's rules. It refuses what a run would refuse of them.
func (p *prospect) approvals() (approvals, error) {
	if p.rules == nil {
		return approvals{}, nil
	}
	last, err := p.config.published(p.name)
	if err != nil {
		return approvals{}, err
	}
	was := guard.Last{Revision: last.Revision, Rules: last.Rules, Approved: last.Approved}
	if err := p.guard.CheckSame(p.rules.Revision, p.config.rulesDigest(p.rules), was); err != nil {
		return approvals{}, err
	}
	given, err := p.config.judged(p.name, p.flow, p.guard, p.rules, now())
	if err == nil {
		err = given.required(p.guard)
	}
	if err == nil {
		err = given.seen(p.guard, p.plan, last)
	}
	return given, err
}

// lastRevision is that of the rules a flow was last published with, 0 where neither the ledger nor the target knows of
// any. A ledger that the target speaks against is refused.
func (c *config) lastRevision(flow string, target provenance.Claim, trusted []string) (revision int, err error) {
	keys, err := c.ledgerKey()
	if err != nil {
		return 0, err
	}
	var l *ledger.Ledger // none before the first run makes it
	if len(keys) > 0 {
		if l, err = c.openLedger(); err != nil {
			return 0, err
		}
		defer func() { err = errors.Join(err, l.Close()) }()
		last, _ := l.Flow(flow)
		revision = last.Revision
	}
	if target.Mark == nil || target.Mark.State != provenance.Published {
		return revision, nil
	}
	k, err := remembered(flow, target, l, trusted)
	return max(revision, k.revision), err
}
