package movement

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/masker-project/masker/internal/atomicfile"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/transform/library"
)

// Plan is what a flow's rules make of a schema, or, of a flow without rules, a copy. It refuses rules that ask for a key
// that stays, where each run makes its own.
func Plan(rules *ruleset.Set, db *catalog.Database, kind string, keyPerRun bool) (p *plan.Plan, err error) {
	if rules == nil {
		p, err = plan.Copy(db, kind)
	} else {
		p, err = plan.Build(rules, db, kind)
	}
	if err != nil || !keyPerRun {
		return p, err
	}
	for _, t := range p.Tables {
		for _, col := range t.Columns {
			if len(library.ReversibleDomains(col.Use)) > 0 {
				return nil, invalid("%s: %s.%s is reversible, but the key is made for each run and forgotten, so that nobody could reveal it; add one under keys, or use token", col.Pos, t.Name, col.Name)
			}
		}
	}
	return p, nil
}

// request is what the guard is asked.
func (r *run) request() guard.Request {
	return guard.Request{
		Flow: r.Flow, Plan: r.plan.Digest(), TargetKind: r.plan.TargetKind, Copies: r.Rules == nil, Revision: r.plan.Revision,
		Evidence: r.facts, Approved: r.Approvals.approved(r.plan), LastRevision: r.last.Revision,
		Findings: review.Findings(r.plan, r.Now()), Verifies: r.Verifier != nil, At: r.Now(),
	}
}

// recordWeakening records that the flow's configuration waives more than at its last refresh.
func (r *run) recordWeakening() error {
	codes := r.waiverCodes()
	more := slices.DeleteFunc(slices.Clone(codes), func(c string) bool { return slices.Contains(r.last.Policy, c) })
	if r.last.Plan == "" || len(more) == 0 {
		return nil
	}
	for _, w := range r.Flow.Waivers() {
		if slices.Contains(more, w.Code) {
			r.Report.Note("new since the last refresh: " + w.Text)
		}
	}
	return r.log.Weaken(ledger.Weakening{Flow: r.Flow.Name, Was: r.last.Policy, Now: codes})
}

// plansDir is where the decisions of plans that ran are kept, each under its digest.
func (r *run) plansDir() string { return filepath.Join(r.Ledger.Dir, "plans") }

// keepDecisions keeps what this plan decided, so that the next refresh can say what changed.
func (r *run) keepDecisions() error {
	path := filepath.Join(r.plansDir(), r.plan.Digest()+".json")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	data, err := json.Marshal(r.plan.Decisions())
	if err == nil {
		err = os.MkdirAll(r.plansDir(), 0o700)
	}
	if err == nil {
		err = atomicfile.Write(path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("cannot keep the plan's decisions beside the ledger: %w", err)
	}
	return nil
}

// changes are what changed since the flow's last refresh, in a reviewer's words.
func (r *run) changes() []string {
	switch r.last.Plan {
	case "":
		return []string{"the first refresh of this flow"}
	case r.plan.Digest():
		return nil
	}
	data, err := os.ReadFile(filepath.Join(r.plansDir(), r.last.Plan+".json"))
	if err != nil {
		return []string{"the plan is another one; what the last one decided is not at hand"}
	}
	old, err := plan.ParseDecisions(data)
	if err != nil || old.Digest() != r.last.Plan {
		return []string{"the plan is another one; what was kept of the last one is damaged"}
	}
	var list []string
	for _, c := range review.Diff(old, r.plan.Decisions()) { // few are shown everywhere
		list = append(list, c.String())
	}
	return list
}

// refused records a refusal, so that what was tried can be seen as well as what was done.
func (r *run) refused(err error) error {
	return RecordRefusal(r.log, r.Flow.Name, err, r.Actor)
}

// RecordRefusal records that a refresh was refused, also one that was refused before it could be called.
func RecordRefusal(l *ledger.Ledger, flow string, refusal error, who ledger.Actor) error {
	const most = 1000 // a refusal may list every column of a database
	why := refusal.Error()
	if len(why) > most {
		why = why[:most] + "…"
	}
	return l.Refuse(ledger.Refusal{Flow: flow, Why: why, Actor: who})
}
