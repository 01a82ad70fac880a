package movement

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/masker-project/masker/internal/atomicfile"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/transform/library"
)

// makePlan makes the plan of a flow from a schema and the flow's rules, policy and key. For a flow without rules, the
// plan is a copy. If each run makes its own key, makePlan refuses reversible treatments, because nobody could reveal
// their results.
func makePlan(s Spec, db *catalog.Database) (p *plan.Plan, err error) {
	kind := string(s.Flow.To.Kind)
	if s.Rules == nil {
		p, err = plan.Copy(db, kind)
	} else {
		p, err = plan.Build(s.Rules, db, kind)
	}
	if err != nil {
		return nil, err
	}
	p.Policy, p.Subset = s.Policy, s.Subset
	if err := refresh.CheckSubset(p, db); err != nil {
		return nil, invalid("%w", err)
	}
	if !s.Key.PerRun {
		return p, nil
	}
	for _, t := range p.Tables {
		for _, col := range t.Columns {
			if len(library.ReversibleDomains(col.Use)) > 0 {
				return nil, invalid("%s: %s.%s is reversible, but the key is made for each run and not kept, so nobody could reveal its values; add a key under keys, or use token", col.Pos, t.Name, col.Name)
			}
		}
	}
	return p, nil
}

// settle replaces the figures of the plan, which come from the planner's statistics, by the figures of the approval.
// Without an approval, it takes the figures of the last refresh under the same rules. So a change of the statistics
// does not stop the run. No step changes the plan after settle, so settle computes the digest.
func (r *run) settle() {
	p, notes, ok := r.Approvals.settle(r.plan)
	if !ok && r.last.Plan != "" && r.last.Rules == r.RulesDigest {
		if last, err := r.lastDecisions(); err == nil {
			p, notes = r.plan.Settle(last)
		}
	}
	r.plan, r.digest = p, p.Digest()
	for _, text := range append(notes, p.Notes...) {
		r.Note("", text)
	}
}

// makeRequest makes the request to the guard.
func (r *run) makeRequest() guard.Request {
	return guard.Request{
		Flow: r.Flow, Plan: r.digest, TargetKind: r.plan.TargetKind, Copies: r.Rules == nil, Revision: r.plan.Revision,
		Evidence: r.evidence, Approved: r.Approvals.forGuard(r.plan, r.digest), LastRevision: r.last.Revision,
		LastRequired: max(r.last.Required, r.Approvals.requiredBefore()),
		Findings:     review.Findings(r.plan, r.Now()), Verifies: r.Verifier != nil, At: r.Now(),
	}
}

// recordWeakening adds a record to the ledger if the flow or its rules have waivers that they did not have at the
// flow's last refresh.
func (r *run) recordWeakening() error {
	var codes, more []string
	for _, w := range r.Flow.Waivers() {
		codes = append(codes, w.Code)
		if !w.Within(r.last.Policy) {
			more = append(more, w.Text)
		}
	}
	for _, w := range r.waivedFindings() {
		codes = append(codes, w.Waives())
		if !slices.Contains(r.last.Policy, w.Waives()) {
			more = append(more, "the finding "+w.String())
		}
	}
	if r.last.Plan == "" || len(more) == 0 {
		return nil
	}
	for _, text := range more {
		r.Report.Note("new since the last refresh: " + text)
	}
	return r.log.Weaken(ledger.Weakening{Flow: r.Flow.Name, Was: r.last.Policy, Now: codes})
}

// plansDir returns the folder with the decisions of all plans that ran. The name of each file is the plan's digest.
func (r *run) plansDir() string { return filepath.Join(r.Ledger.Dir, "plans") }

// keepDecisions writes this plan's decisions to a file, so that the next refresh can say what changed.
func (r *run) keepDecisions() error {
	path := filepath.Join(r.plansDir(), r.digest+".json")
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
		return fmt.Errorf("cannot write the plan's decisions into the ledger's folder: %w", err)
	}
	return nil
}

// describeChanges describes for a reviewer what changed since the flow's last refresh.
func (r *run) describeChanges() []string {
	switch r.last.Plan {
	case "":
		return []string{"the first refresh of this flow"}
	case r.digest:
		return nil
	}
	old, err := r.lastDecisions()
	if err != nil {
		return []string{"the plan has changed; " + err.Error()}
	}
	var list []string
	for _, c := range review.Diff(old, r.plan.Decisions()) { // the list is complete; each channel shortens it if needed
		list = append(list, c.String())
	}
	return list
}

// lastDecisions reads the decisions of the flow's last refresh.
func (r *run) lastDecisions() (plan.Decisions, error) {
	data, err := os.ReadFile(filepath.Join(r.plansDir(), r.last.Plan+".json"))
	if err != nil {
		return plan.Decisions{}, errors.New("the decisions of the last plan cannot be read")
	}
	old, err := plan.ParseDecisions(data)
	if err != nil || old.Digest() != r.last.Plan {
		return plan.Decisions{}, errors.New("the file with the decisions of the last plan is damaged")
	}
	return old, nil
}

// recordRefusal adds a refusal to the ledger, so that the ledger also shows refreshes that were refused.
func (r *run) recordRefusal(err error) error {
	return RecordRefusal(r.log, r.Flow.Name, err, r.Actor)
}

// RecordRefusal records that a refresh was refused. Callers use it for a refresh that they refuse before they call Run.
func RecordRefusal(l *ledger.Ledger, flow string, refusal error, who ledger.Actor) error {
	const most = 1000 // largest number of bytes of a recorded refusal. A refusal can list every column of a database
	why := refusal.Error()
	if len(why) > most {
		why = why[:most] + "…"
	}
	return l.Refuse(ledger.Refusal{Flow: flow, Why: why, Actor: who})
}
