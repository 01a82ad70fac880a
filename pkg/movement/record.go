package movement

import (
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/approval"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/verify/show"
)

// describeMovement describes the run for the start record, before the first row is copied.
func (r *run) describeMovement() ledger.Movement {
	db, replaces := r.source.Catalog(), r.target.Replaces()
	return ledger.Movement{
		Flow:       r.Flow.Name,
		Actor:      r.Actor,
		Source:     ledger.Party{Environment: r.Flow.From.Name, Kind: string(r.Flow.From.Kind), SystemID: db.SystemID, Database: db.Name, Role: r.source.Facts().SessionUser},
		Target:     ledger.Party{Environment: r.Flow.To.Name, Kind: string(r.Flow.To.Kind), SystemID: r.target.SystemID(), Database: r.target.Name(), Role: r.target.Role()},
		SnapshotID: r.source.Facts().SnapshotID,
		LSN:        r.source.Facts().LSN,
		Replaces:   &replaces,
		Digests:    ledger.Digests{Rules: r.RulesDigest, Schema: db.Fingerprint(), Plan: r.digest, Defined: r.definitionsDigest(), Binary: r.Binary, Signers: r.Approvals.Signers},
		KeyName:    r.Key.Name,
		KeyID:      r.Key.Ring.Fingerprint(),
		KeyPerRun:  r.Key.PerRun,
		Revision:   r.plan.Revision,
		SourceRun:  r.findSourceRun(),
		Approvers:  approvers(r.Approvals.verdictOn(r.digest).Approvers),
		Author:     r.Approvals.verdictOn(r.digest).Author.Principal,
		Required:   r.permit.Required(),
		Waivers:    r.waivedByConfiguration(),
		Findings:   r.waivedFindings(),
		Treatments: treatments(r.plan),
		LeftOut:    leftOut(r.plan),
		Subset:     r.describeSubset(),
		Programs:   r.programs.files,
		PGDump:     ledger.Tool(r.source.PGDump()),
		Sampled:    r.describeLook(),
		Overridden: r.Overridden,
	}
}

func approvers(list []approval.Approver) []ledger.Approver {
	out := []ledger.Approver{}
	for _, a := range list {
		out = append(out, ledger.Approver{Principal: a.Principal, Fingerprint: a.Fingerprint, At: a.At})
	}
	return out
}

// waivedByConfiguration returns the codes of the conditions that the flow's configuration waives.
func (r *run) waivedByConfiguration() []string {
	codes := []string{}
	for _, w := range r.Flow.Waivers() {
		codes = append(codes, w.Code)
	}
	return codes
}

// waivedFindings returns the findings of the plan that somebody waived, and the leaks for which the rules have a
// waiver.
func (r *run) waivedFindings() []ledger.Waived {
	var list []ledger.Waived
	_, waived := review.Split(review.Findings(r.plan, r.Now()))
	for _, f := range waived {
		w := ledger.Waived{Finding: f.Code, On: f.On(), Owner: f.Waiver.Owner, Reason: f.Waiver.Why, Until: f.Waiver.Until}
		if !slices.Contains(list, w) {
			list = append(list, w)
		}
	}
	for _, w := range waivedLeaks(r.plan.Waivers, r.Now()) {
		decided := plan.DecidedWaivers([]ruleset.Waiver{w})[0]
		list = append(list, ledger.Waived{Finding: decided.Waives(), On: decided.On, Owner: w.Owner, Reason: w.Reason, Until: w.Until})
	}
	return list
}

// treatments lists the treated columns with their treatment.
func treatments(p *plan.Plan) []ledger.Column {
	list := []ledger.Column{}
	for _, t := range p.Tables {
		if t.Skip {
			continue
		}
		for _, c := range t.Columns {
			if !c.Generated && !c.Keeps() {
				list = append(list, ledger.Column{Table: t.Name.String(), Column: c.Name, Treatment: c.Use.Treatment, Discloses: string(c.Discloses)})
			}
		}
	}
	return list
}

// leftOut lists the single objects that the rules leave out.
func leftOut(p *plan.Plan) []ledger.LeftOut {
	var list []ledger.LeftOut
	for _, o := range p.LeaveOut {
		list = append(list, ledger.LeftOut{Object: o.Label(), Reason: o.Reason})
	}
	return list
}

// summarise completes the summary of a published run.
func (r *run) summarise() {
	s := &r.summary
	s.Tables, s.Rows, s.Skipped = len(r.moved.Tables), r.moved.Rows, r.moved.Skipped
	s.Columns = make(map[string]int)
	for _, t := range r.plan.Tables {
		for _, c := range t.Columns {
			if !t.Skip && !c.Generated {
				s.Columns[string(c.Discloses)]++
			}
		}
	}
	s.Dropped = r.shadow.LeftOut()
	for _, o := range r.plan.LeaveOut {
		s.Dropped = append(s.Dropped, o.Label()+": "+o.Reason)
	}
	have := plan.Present(r.source.Catalog())
	for _, o := range r.plan.Objects {
		if o.Decision != "keep" && len(have[o.Kind]) > 0 {
			s.Dropped = append(s.Dropped, o.Kind)
		}
	}
	s.Notes = r.shadow.Notes()
	r.noteSubset()
	for _, again := range r.moved.Repeated {
		s.Notes = append(s.Notes, fmt.Sprintf("%s: extent %d was copied again: %s", again.Table, again.Extent, again.Why))
	}
	s.Waivers = r.waivedByConfiguration()
	for _, w := range r.waivedFindings() {
		s.Findings = append(s.Findings, w.String())
	}
	s.Kept = r.keptValues()
	if r.verified != nil {
		s.Verified = string(r.verified.Level) + ": " + show.Figures(r.verified)
		s.Unchecked = append(show.Gaps(r.verified), show.Not(r.verified)...)
		for _, text := range show.Hits(r.verified.Noticed) {
			s.Notes = append(s.Notes, "noticed: "+text)
		}
		for _, text := range show.Hits(r.verified.Waived) {
			s.Findings = append(s.Findings, "waived leak: "+text)
		}
	}
	s.Previous = r.shadow.Previous()
	if r.Rules != nil || r.Subset != nil { // a complete copy does not depend on the key
		s.Key, s.KeyPerRun = r.Key.Ring.Fingerprint(), r.Key.PerRun
	}
}

func (r *run) makeOutcome() ledger.Outcome {
	o := ledger.Outcome{Previous: r.summary.Previous, Rows: r.moved.Rows, Notes: r.summary.Notes, DurationMS: r.Now().Sub(r.began).Milliseconds()}
	for _, t := range r.moved.Tables {
		o.Tables = append(o.Tables, ledger.Table{Table: t.Table, Rows: t.Rows, Of: t.Of})
	}
	return o
}

// decisions returns the plan's decisions on objects that are not tables, in the form that the target needs.
func decisions(p *plan.Plan, db *catalog.Database) sides.Decisions {
	decided := func(kind string) string {
		if o := p.Object(kind); o != nil {
			return o.Decision
		}
		return "drop"
	}
	d := sides.Decisions{
		ForeignServers: decided("foreign_servers"),
		ForeignTables:  decided("foreign_tables"),
		EventTriggers:  decided("event_triggers"),
		Comments:       decided(ruleset.Comments),
		LeaveOut:       p.LeftOutObjects(db),
	}
	if decided("job_schedulers") != "keep" {
		d.DropExtensions = plan.JobSchedulers()
	}
	return d
}

// treatedColumns returns the columns whose values in the target may differ from the source's, with the positions of
// their rules. It includes the columns of partitions. If a table has such a column, its generated columns count, too.
func treatedColumns(p *plan.Plan, db *catalog.Database) map[catalog.ColumnName]string {
	tables := make(map[catalog.Name][]catalog.Name) // the tables, by the table whose decision applies to them
	for _, t := range db.Tables {
		tables[t.Decider()] = append(tables[t.Decider()], t.Name)
	}
	treated := make(map[catalog.ColumnName]string)
	for _, t := range p.Tables {
		changed := slices.ContainsFunc(t.Columns, func(c plan.Column) bool { return !c.Generated && !c.Keeps() })
		for _, c := range t.Columns {
			if !t.Skip && (!changed || !c.Generated && c.Keeps()) {
				continue
			}
			for _, name := range tables[t.Name] {
				treated[catalog.ColumnName{Table: name, Column: c.Name}] = c.Pos
			}
		}
	}
	return treated
}

func hooks(p *plan.Plan) []sides.Hook {
	list := make([]sides.Hook, 0, len(p.Hooks))
	for _, h := range p.Hooks {
		list = append(list, sides.Hook{Name: h.File, SQL: h.SQL})
	}
	return list
}
