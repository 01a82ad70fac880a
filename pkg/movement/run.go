package movement

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/definition"
	"github.com/masker-project/masker/pkg/discover/survey"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/subset"
	"github.com/masker-project/masker/pkg/verify"
)

// Run refreshes the target. If it returns no error, the target is published and all notifications were delivered. The
// error quotes no value.
func Run(ctx context.Context, s Spec) (Outcome, error) {
	r := newRun(s)
	err := r.run(ctx)
	o := Outcome{Kind: KindOf(err), Published: r.summary.Published, Run: r.summary.Run}
	if o.Published {
		o.Summary, o.Database = r.summary, r.target.Name()
	}
	return o, err
}

// run is one refresh. Its methods are the steps of the refresh. Only one goroutine uses it.
type run struct {
	Spec
	checkOnly bool // for Check and MakePlan: take no locks and write nothing
	recheck   bool // for Verify, Explain and Preview: only look at the target

	began        time.Time
	log          *ledger.Ledger // nil if checkOnly is set and there is no ledger yet
	owner        *ownership     // proves that the target is masker's
	target       Target
	leftNotes    []string // notes about databases that Recover did not drop
	source       Source
	release      func()           // stops watching the source and closes it
	ddl          *archive.Archive // the source's definitions in the snapshot. The target makes the shadow from the same bytes
	plan         *plan.Plan
	digest       string                  // the digest of plan, from settle on. The plan does not change after settle
	entries      []archive.Entry         // the entries of ddl that the target executes
	executed     []definition.Definition // the definitions that the target executes, with the source's search path
	programs     *programs               // the programs that the plan uses. Nil until admit has sealed them
	permit       *guard.Permit
	last         ledger.LastPublished // last published movement of the flow, or zero
	evidence     guard.Evidence
	steps        []provenance.Step // steps that made the source, if they are proven
	record       *ledger.Run
	written      *subset.Definition // the subset with the lines of its file that have ended, or nil
	selection    *subset.Selection  // nil until the rows of a subset are selected, and without a subset
	shadow       Shadow
	moved        refresh.Summary
	surveyed     *survey.Survey // nil if no values were looked at before the plan was judged
	verification Verification   // nil if the flow does not verify
	verified     *verify.Report // nil until the shadow is judged
	noTemplate   error          // why the run made no template; nil if it made one, or if the flow asks for none
	summary      report.Summary
}

// newRun makes a run, and sets the defaults of fields that the Spec leaves empty. It adds the subset to the policy, and
// then removes the lines that have ended from the subset.
func newRun(s Spec) *run {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Report == nil {
		s.Report = report.New(report.Discard(), s.Now)
	}
	if s.Note == nil {
		s.Note = func(_, text string) { s.Report.Note(text) }
	}
	if s.Began == nil {
		s.Began = func(time.Time, time.Time) {}
	}
	if s.Fault == nil {
		s.Fault = func(string) {}
	}
	if s.Apart == nil {
		s.Apart = func(context.Context) (bool, string, error) { return false, "", nil }
	}
	if s.Workers <= 0 {
		s.Workers = runtime.GOMAXPROCS(0)
	}
	s.Policy = withSubset(s.Policy, s.Subset)
	all := s.Subset
	s.Subset = current(all, s.Now())
	return &run{Spec: s, written: all}
}

// run calls the steps in order. Before begin, no row is copied, and recoverOrphans is the only step that changes
// something on the target's server. Only a look at values reads rows before begin, and the ledger has a record of the
// look. After begin, a run that fails cleans up and records its end: see abort.
func (r *run) run(ctx context.Context) (err error) {
	r.began = r.Now()
	r.Ledger.Options.Fault = r.Fault
	if r.log, err = ledger.Open(r.Ledger.Dir, r.Ledger.Options); err != nil {
		return err
	}
	defer r.log.Close()
	r.last, _ = r.log.Flow(r.Flow.Name)
	r.Began(r.began, r.last.At)
	defer func() { err = r.announce(ctx, err) }()
	if err := r.checkCopy(ctx); err != nil {
		return err
	}
	if err := r.checkFiles(ctx); err != nil {
		return err
	}

	r.Report.Phase("connect")
	if err := r.openTarget(ctx); err != nil {
		return err
	}
	defer r.target.Close()
	if err := r.checkTargetLedger(ctx); err != nil {
		return err
	}
	if err := r.recoverOrphans(ctx); err != nil {
		return err
	}
	if err := r.openSource(ctx); err != nil {
		return err
	}
	defer r.source.Close()
	defer func() { r.programs.close() }()
	r.Fault("snapshot")

	r.Report.Phase("plan")
	if err := r.resolve(ctx); err != nil {
		return err
	}
	if err := r.lookWatched(ctx); err != nil {
		return err
	}
	if err := r.admit(ctx); err != nil {
		return err
	}
	r.Fault("permitted")
	if err := r.begin(ctx); err != nil {
		return err
	}
	err = r.runWatched(ctx, r.build)
	if !r.summary.Published {
		return r.abort(ctx, err)
	}
	return r.finish(ctx, err)
}

// openTarget opens the target. Run also takes the target's lock, and gets an error if another refresh holds it.
func (r *run) openTarget(ctx context.Context) error {
	from, err := r.identifySource(ctx)
	if err != nil {
		return r.wrapSource(err)
	}
	return r.openTargetOf(ctx, from)
}

// openTargetOf opens the target for this source.
func (r *run) openTargetOf(ctx context.Context, from sides.Identity) error {
	r.owner = &ownership{flow: r.Flow.Name, claims: r.To.Claim, dir: r.Ledger.Dir, ledger: r.log, trusted: r.Ledger.Trusted, now: r.Now}
	t, err := r.To.Open(ctx, Opening{
		Look: r.checkOnly || r.recheck, Template: r.Template, Source: from, Proof: r.owner, Workers: r.Workers, Progress: r.Report.Step, Note: r.Report.Note, Fault: r.Fault,
	})
	if err != nil {
		return r.wrapTarget(err)
	}
	r.target = t
	r.summary.Target = sideName(r.Flow.To.Name, t.Name())
	if !t.MaySignal() && !r.recheck {
		r.Note(review.AboutTarget, fmt.Sprintf("role %s may not end the sessions of other roles, and the next refresh of %s needs that: GRANT pg_signal_backend TO %s", t.Role(), t.Name(), catalog.Quote(t.Role())))
	}
	return nil
}

// wrapSource adds the name of the source's environment to an error. wrapTarget adds the name of the target's
// environment.
func (r *run) wrapSource(err error) error { return fmt.Errorf("source %s: %w", r.Flow.From.Name, err) }

func (r *run) wrapTarget(err error) error { return fmt.Errorf("target %s: %w", r.Flow.To.Name, err) }

// sideName returns a name for one side of the movement. It consists of the environment, and the database in
// parentheses.
func sideName(environment, database string) string {
	return fmt.Sprintf("%s (%s)", environment, database)
}

// recoverOrphans drops the shadows and templates that dead refreshes of this target left behind. This run holds the
// target's lock, so no other run on the target is alive.
func (r *run) recoverOrphans(ctx context.Context) error {
	cleared, err := r.target.Recover(ctx)
	noteDropped(r.Report, cleared)
	r.leftNotes = append(r.leftNotes, cleared.Left...)
	if err != nil {
		return fmt.Errorf("cleaning up after a refresh that died: %w", err)
	}
	return nil
}

// noteDropped reports the databases that were dropped because their refresh had died.
func noteDropped(to *report.Reporter, cleared sides.Cleared) {
	for _, name := range cleared.Dropped {
		to.Note("dropped " + name + ", which a refresh that died had left")
	}
}

func (r *run) openSource(ctx context.Context) error {
	s, err := r.From.Open(ctx, r.checkOnly, r.sessions())
	if err != nil {
		return r.wrapSource(err)
	}
	r.source = s
	r.summary.Flow, r.summary.Source = r.Flow.Name, sideName(r.Flow.From.Name, s.Catalog().Name)
	return nil
}

// sessions returns how many sessions of the source a run opens at its start: one for each worker, and one for
// everything else. A check holds no locks while it waits for a login, so it opens a session only when it needs one.
func (r *run) sessions() int {
	if r.checkOnly {
		return 0
	}
	return r.Workers + 1
}

// identifySource returns the identity of the source. It is called before the target is opened.
func (r *run) identifySource(ctx context.Context) (sides.Identity, error) {
	if r.source != nil {
		db := r.source.Catalog()
		return sides.Identity{SystemID: db.SystemID, Database: db.Name}, nil
	}
	return r.From.Identify(ctx)
}

// checkFiles checks the clock, the waivers' days, the revision and the approvals, as far as this needs no database. Run
// calls it before masker connects.
func (r *run) checkFiles(context.Context) error {
	if err := r.Flow.CheckClock(r.began, r.last.At); err != nil {
		return err
	}
	if err := r.Flow.CheckEnds(r.began); err != nil || r.Rules == nil {
		return err
	}
	if err := r.Flow.CheckRevision(r.Rules.Revision, r.last.Revision); err != nil {
		return err
	}
	last := guard.LastPublished{Revision: r.last.Revision, Rules: r.last.Rules, Approved: r.last.Approved}
	if err := r.Flow.CheckSame(r.Rules.Revision, r.RulesDigest, last); err != nil {
		return r.Approvals.explain(err, r.Rules, r.Policy)
	}
	return r.Approvals.Required(r.Flow, r.Rules, r.Policy)
}

// noteFindings says how many findings the plan has. It does nothing for masker check, which shows each finding. It also
// does nothing for a copy without rules, unless values were looked at. Without rules, such a look is the only origin of
// findings.
func (r *run) noteFindings() {
	if r.checkOnly || r.Rules == nil && r.Sample == 0 {
		return
	}
	if open, done := review.Split(review.Findings(r.plan, r.Now())); len(open)+len(done) > 0 {
		r.Note("", fmt.Sprintf("findings for the reviewer in this plan: %d open, %d waived; masker plan shows them", len(open), len(done)))
	}
}

// admit checks the plan against the target, and both sides against the policy. Then it gets the permit.
func (r *run) admit(ctx context.Context) (err error) {
	r.settle()
	db := r.source.Catalog()
	if r.evidence, err = r.collectEvidence(ctx); err != nil {
		return err
	}
	if err := r.admitPrograms(); err != nil {
		return err
	}
	if r.Key.Warning != "" {
		r.Note(review.AboutKey, r.Key.Warning)
	}
	r.noteFindings()
	if err := r.target.Check(ctx, db, decisions(r.plan, db), r.Roles); err != nil {
		return r.wrapTarget(err)
	}
	if err := r.checkDisk(ctx); err != nil {
		return err
	}
	if err := r.noteTemplate(ctx); err != nil {
		return r.wrapTarget(err)
	}
	if unmoved := review.Unmoved(db.Unmoved); unmoved != "" {
		r.Note(review.AboutTarget, unmoved)
	}
	r.noteSilent()
	if err := r.Approvals.checkShown(r.Flow, r.digest, r.last); err != nil {
		return err
	}
	r.permit, err = guard.Allow(r.makeRequest())
	return err
}

// begin writes the decisions and the start record durably. No row has been copied yet.
func (r *run) begin(ctx context.Context) error {
	if err := r.recordWeakening(); err != nil {
		return err
	}
	if err := r.keepDecisions(); err != nil {
		return err
	}
	if err := r.keepSilent(); err != nil {
		return err
	}
	var err error
	r.record, err = r.log.Start(r.describeMovement(), r.target.Published())
	if err != nil {
		return err
	}
	r.owner.setCurrent(r.record.ID())
	r.summary.Run = r.record.ID()
	r.Report.Begin(report.Begin{Run: r.record.ID(), Flow: r.Flow.Name, Source: r.summary.Source, Target: r.summary.Target})
	r.Fault("started")
	return nil
}
