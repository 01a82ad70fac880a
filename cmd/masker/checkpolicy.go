package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
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

// look asks whether a flow would run now: the source, then whatever else a run asks. planned is called when the plan is there.
func (j *job) look(ctx context.Context, planned func()) error {
	if err := j.openSource(ctx); err != nil {
		return err
	}
	defer j.source.Close()
	if err := j.resolve(); err != nil {
		return err
	}
	planned()
	return j.rehearse(ctx)
}

// rehearse walks the steps of a run that come before it reads a row, in a job that looks only, and refuses what they
// refuse. The source has been asked and the plan made before, so that whoever checks is shown all of the plan first.
func (j *job) rehearse(ctx context.Context) (err error) {
	defer func() {
		for _, done := range []func() error{j.closeTarget, j.closeLedger} {
			err = errors.Join(err, done())
		}
	}()
	j.began = now()
	if entries, err := os.ReadDir(j.movement.ledger); len(entries) > 0 || err != nil && !errors.Is(err, fs.ErrNotExist) { // else the first run makes it
		if j.ledger, err = ledger.Open(j.movement.ledger, j.signing); err != nil {
			return err
		}
		j.last, _ = j.ledger.Flow(j.flow.Name)
	}
	for _, step := range []func(context.Context) error{j.escrowed, j.foreseen, j.openTarget, j.sameLedger, j.admit} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (j *job) closeTarget() error {
	if j.target != nil {
		j.target.Close()
	}
	return nil
}

func (j *job) closeLedger() error {
	if j.ledger == nil {
		return nil
	}
	return j.ledger.Close()
}
