package main

import (
	"fmt"
	"strings"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
)

// checkFiles checks a flow without a connection: its policy, its rules and their approvals.
func (a *app) checkFiles(c *config, name string) error {
	if err := c.CheckOverrides(name); err != nil {
		return err
	}
	f := c.Flows[name]
	g := c.GuardFlow(name, f)
	if err := g.Check(); err != nil {
		return err
	}
	if err := g.CheckEnds(now()); err != nil {
		return err
	}
	rules, err := loadRules(c.RuleFiles(f))
	if err != nil {
		return err
	}
	if rules == nil {
		_, err = fmt.Fprintf(a.out, "flow %s: files are in order; the flow has no rules, and copies a source that is already sanitised\n", name)
		return err
	}
	given, err := c.judgeApprovals(name, f, g, rules, now())
	if err != nil {
		return err
	}
	if err := given.Required(g, rules, c.Policy(name, f)); err != nil {
		return err
	}
	a.printWaivers(name, g)
	_, err = fmt.Fprintf(a.out, "flow %s: files are in order (%d tables have rules, revision %d%s); the schema was not read\n",
		name, len(rules.Tables), rules.Revision, approvedBy(given))
	return err
}

// approvedBy returns ", approved by " and the names of the approvers. It returns "" if there are
// none, or if approvals are missing or do not count.
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

func (a *app) printWaivers(name string, g guard.Flow) {
	for _, w := range g.Waivers() {
		fmt.Fprintf(a.err, "flow %s: waived: %s\n", name, w.Text)
	}
}
