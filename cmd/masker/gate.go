package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// planned is the plan of a flow: what its rules make of the schema, or, of a flow without rules, a copy.
func planned(rules *ruleset.Set, db *catalog.Database, kind string) (*plan.Plan, error) {
	if rules == nil {
		return plan.Copy(db, kind)
	}
	return plan.Build(rules, db, kind)
}

// request is what the guard is asked.
func (j *job) request() guard.Request {
	r := requested(j.flow, j.rules, j.plan, j.given, j.facts)
	r.LastRevision = j.last.Revision
	return r
}

func requested(g guard.Flow, rules *ruleset.Set, p *plan.Plan, given approvals, e guard.Evidence) guard.Request {
	r := guard.Request{
		Flow: g, Plan: p.Digest(), TargetKind: p.TargetKind, Copies: rules == nil, Revision: p.Revision,
		Evidence: e, Approved: given.approved(p), At: now(),
	}
	open, _ := waived(p)
	for _, f := range open {
		r.Open = append(r.Open, finding(f))
	}
	return r
}

// waived sorts a plan's findings by the waivers of its rules; those of a waiver without a finding are open.
func waived(p *plan.Plan) (open []plan.Finding, done []plan.Waived) {
	open, done, stale := plan.Waive(p, p.Waivers, now())
	return append(open, stale...), done
}

// weakened records that the flow's configuration waives more than at its last refresh.
func (j *job) weakened() error {
	codes := j.waiverCodes()
	more := slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return slices.Contains(j.last.Policy, c) })
	if j.last.Plan == "" || len(more) == 0 {
		return nil
	}
	for _, w := range j.flow.Waivers() {
		if slices.Contains(more, w.Code) {
			j.report.Note("new since the last refresh: " + w.Text)
		}
	}
	return j.ledger.Weaken(ledger.Weakening{Flow: j.flow.Name, Was: j.last.Policy, Now: codes})
}

// plansDir is where the decisions of plans that ran are kept, each under its digest.
func (j *job) plansDir() string { return filepath.Join(j.movement.ledger, "plans") }

// keepDecisions keeps what this plan decided, so that the next refresh can say what changed.
func (j *job) keepDecisions() error {
	path := filepath.Join(j.plansDir(), j.plan.Digest()+".json")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := json.Marshal(j.plan.Decisions())
	if err == nil {
		err = os.MkdirAll(j.plansDir(), 0o700)
	}
	if err == nil {
		err = os.WriteFile(path+".tmp", data, 0o600)
	}
	if err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		return fmt.Errorf("cannot keep the plan's decisions beside the ledger: %w", err)
	}
	return nil
}

// changes are what changed since the flow's last refresh, in a reviewer's words.
func (j *job) changes() []string {
	switch j.last.Plan {
	case "":
		return []string{"the first refresh of this flow"}
	case j.plan.Digest():
		return nil
	}
	data, err := os.ReadFile(filepath.Join(j.plansDir(), j.last.Plan+".json"))
	if err != nil {
		return []string{"the plan is another one; what the last one decided is not at hand"}
	}
	old, err := plan.ParseDecisions(data)
	if err != nil || old.Digest() != j.last.Plan {
		return []string{"the plan is another one; what was kept of the last one is damaged"}
	}
	var list []string
	for _, c := range urgentFirst(plan.Diff(old, j.plan.Decisions())) { // few are shown everywhere
		list = append(list, c.String())
	}
	return list
}

// refused records a refusal, so that what was tried can be seen as well as what was done.
func (j *job) refused(err error) error {
	return recordRefusal(j.ledger, j.flow.Name, err, j.actor)
}

func recordRefusal(l *ledger.Ledger, flow string, refusal error, who ledger.Actor) error {
	const most = 1000 // a refusal may list every column of a database
	why := refusal.Error()
	if len(why) > most {
		why = why[:most] + "…"
	}
	return l.Refuse(ledger.Refusal{Flow: flow, Why: why, Actor: who})
}

// refusedEarly records a refusal that came before a job was ready, as far as there is a ledger to record it in. The
// refusal stands either way.
func (a *app) refusedEarly(flow string, refusal error) error {
	var r *guard.Refused
	if !errors.As(refusal, &r) {
		return refusal
	}
	c, err := loadConfig(a.configFile, a.env)
	if err != nil || c.Ledger.Path == "" {
		return refusal
	}
	l, err := c.openLedger()
	if err != nil {
		return errors.Join(refusal, err)
	}
	name, _, err := c.Named(flow)
	if err != nil {
		name = flow
	}
	return errors.Join(refusal, recordRefusal(l, name, refusal, actor(a.env)), l.Close())
}
