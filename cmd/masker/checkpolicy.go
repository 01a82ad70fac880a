package main

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
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
	if err := given.Required(g); err != nil {
		return err
	}
	a.tellWaivers(name, g)
	_, err = fmt.Fprintf(a.out, "flow %s: files are in order (%d tables have rules, revision %d%s); the schema was not asked\n",
		name, len(rules.Tables), rules.Revision, approvedBy(given))
	return err
}

// approvedBy names who approved, where somebody did.
func approvedBy(a movement.Approvals) string {
	if a.Why != nil || len(a.Verdict.Approvers) == 0 {
		return ""
	}
	var names []string
	for _, p := range a.Verdict.Approvers {
		names = append(names, report.Clean(p.Principal))
	}
	return ", approved by " + strings.Join(names, " and ")
}

func (a *app) tellWaivers(name string, g guard.Flow) {
	for _, w := range g.Waivers() {
		fmt.Fprintf(a.err, "flow %s: waived: %s\n", name, w.Text)
	}
}
