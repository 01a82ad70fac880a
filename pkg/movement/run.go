package movement

import (
	"context"
	"fmt"
	"runtime"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/sides"
)

// Run refreshes the target. The error says what went wrong, in words that quote no value; nil means that the target is
// published and everybody was told.
func Run(ctx context.Context, s Spec) (Outcome, error) {
	r := newRun(s)
	err := r.run(ctx)
	o := Outcome{Kind: KindOf(err), Published: r.summary.Published, Run: r.summary.Run}
	if o.Published {
		o.Summary, o.Database = r.summary, r.target.Name()
	}
	return o, err
}

// run is one refresh. Its methods are the steps of the recipe, in their order; it belongs to one goroutine.
type run struct {
	Spec
	looks bool // it is only asked whether it would run: nothing is locked and nothing written

	began   time.Time
	log     *ledger.Ledger // nil where one that looks found none
	owner   *ownership     // proves the target
	target  Target
	left    []string // databases beside the target that could not be proven to be its own
	source  Source
	release func() // ends the source's sessions and whoever watches them
	plan    *plan.Plan
	asked   []ledger.Program // that the plan asks
	permit  *guard.Permit
	last    ledger.LastPublished // published movement of the flow; zero where there is none
	facts   guard.Evidence
	steps   []provenance.Step // that made the source, where they are proven
	record  *ledger.Run
	shadow  Shadow
	moved   refresh.Summary
	summary report.Summary
}

// newRun fills in what a Spec leaves out.
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
	return &run{Spec: s}
}

// run is the recipe. Up to begin nothing has been read from a table and nothing written anywhere; from there on,
// whatever fails is cleaned up and recorded.
func (r *run) run(ctx context.Context) (err error) {
	r.began = r.Now()
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
	if err := r.checkMemory(ctx); err != nil {
		return err
	}
	if err := r.recoverOrphans(ctx); err != nil {
		return err
	}
	if err := r.openSource(ctx); err != nil {
		return err
	}
	defer r.source.Close()

	r.Report.Phase("plan")
	if err := r.resolve(); err != nil {
		return err
	}
	if err := r.admit(ctx); err != nil {
		return err
	}
	if err := r.begin(ctx); err != nil {
		return err
	}
	err = r.watched(ctx, r.build)
	if !r.summary.Published {
		return r.abort(ctx, err)
	}
	return r.finish(ctx, err)
}

// openTarget takes the target's lock; another refresh that holds it ends this one.
func (r *run) openTarget(ctx context.Context) error {
	r.owner = &ownership{flow: r.Flow.Name, claims: r.To.Claim, dir: r.Ledger.Dir, ledger: r.log, trusted: r.Ledger.Trusted}
	from, err := r.identity(ctx)
	if err != nil {
		return r.atSource(err)
	}
	t, err := r.To.Open(ctx, Opening{
		Look: r.looks, Source: from, Proof: r.owner, Workers: r.Workers, Progress: r.Report.Step, Fault: r.Fault,
	})
	if err != nil {
		return r.atTarget(err)
	}
	r.target = t
	r.summary.Target = where(r.Flow.To.Name, t.Name())
	if !t.MaySignal() {
		r.Note(review.AboutTarget, fmt.Sprintf("role %s may not end the sessions of others, which the next refresh of %s needs: GRANT pg_signal_backend TO it", t.Role(), t.Name()))
	}
	return nil
}

// atSource and atTarget say on which side something went wrong.
func (r *run) atSource(err error) error { return fmt.Errorf("source %s: %w", r.Flow.From.Name, err) }
func (r *run) atTarget(err error) error { return fmt.Errorf("target %s: %w", r.Flow.To.Name, err) }

// where names a side of the movement for people: the environment and its database.
func where(environment, database string) string { return fmt.Sprintf("%s (%s)", environment, database) }

// recoverOrphans drops what dead refreshes of this target left. We hold its lock, so
// every run that the ledger knows on it is dead.
func (r *run) recoverOrphans(ctx context.Context) error {
	cleared, err := r.target.Recover(ctx)
	for _, name := range cleared.Dropped {
		r.Report.Note("dropped " + name + ", which a refresh that died had left")
	}
	r.left = append(r.left, cleared.Left...)
	if err != nil {
		return fmt.Errorf("cleaning up after a refresh that died: %w", err)
	}
	return nil
}

func (r *run) openSource(ctx context.Context) error {
	s, err := r.From.Open(ctx, r.looks, r.Workers+1) // each worker's session, and one for what is read beside them
	if err != nil {
		return r.atSource(err)
	}
	r.source = s
	r.summary.Flow, r.summary.Source = r.Flow.Name, where(r.Flow.From.Name, s.Catalog().Name)
	return nil
}

// identity is which database the rows come from, asked before anything is asked of the target.
func (r *run) identity(ctx context.Context) (sides.Identity, error) {
	if r.source != nil {
		db := r.source.Catalog()
		return sides.Identity{SystemID: db.SystemID, Database: db.Name}, nil
	}
	return r.From.Identify(ctx)
}

// checkFiles refuses from files alone, before anything is connected to, what files alone can refuse.
func (r *run) checkFiles(context.Context) error {
	if err := r.Flow.CheckClock(r.began, r.last.At); err != nil || r.Rules == nil {
		return err
	}
	if err := r.Flow.CheckRevision(r.Rules.Revision, r.last.Revision); err != nil {
		return err
	}
	last := guard.LastPublished{Revision: r.last.Revision, Rules: r.last.Rules, Approved: r.last.Approved}
	if err := r.Flow.CheckSame(r.Rules.Revision, r.RulesDigest, last); err != nil {
		return err
	}
	return r.Approvals.Required(r.Flow)
}

// resolve holds the rules against the source's schema. An undecided column ends the run here.
func (r *run) resolve() (err error) {
	r.plan, err = Plan(r.Rules, r.source.Catalog(), string(r.Flow.To.Kind), r.Key.PerRun)
	return err
}

// admit holds the plan against the target and both sides against the policy, and asks for the permit.
func (r *run) admit(ctx context.Context) (err error) {
	db := r.source.Catalog()
	if r.facts, err = r.evidence(ctx); err != nil {
		return err
	}
	if r.asked, err = askedPrograms(r.Programs, r.plan); err != nil {
		return err
	}
	for _, note := range unpinned(r.asked) {
		r.Note(review.UnpinnedProgram, note)
	}
	if r.Key.Warning != "" {
		r.Note(review.AboutKey, r.Key.Warning)
	}
	if open, done := review.Split(review.Findings(r.plan, r.Now())); len(open)+len(done) > 0 && !r.looks { // who looks is shown each
		r.Note("", fmt.Sprintf("findings for the reviewer in this plan: %d open, %d waived; masker plan shows them", len(open), len(done)))
	}
	if err := r.target.Check(ctx, db, decisions(r.plan), r.Roles); err != nil {
		return r.atTarget(err)
	}
	disk, err := r.target.Estimate(ctx, db)
	if err != nil {
		return r.atTarget(err)
	}
	r.Note(review.AboutTarget, "disk: "+disk)
	if err := r.Approvals.seen(r.Flow, r.plan, r.last); err != nil {
		return err
	}
	r.permit, err = guard.Allow(r.request())
	return err
}

// begin makes the start durable; no row has been read yet.
func (r *run) begin(ctx context.Context) error {
	if err := r.recordWeakening(); err != nil {
		return err
	}
	if err := r.keepDecisions(); err != nil {
		return err
	}
	var err error
	r.record, err = r.log.Start(r.ledgerMovement(), r.target.Published())
	if err != nil {
		return err
	}
	r.owner.begun(r.record.ID())
	r.summary.Run = r.record.ID()
	r.Report.Begin(report.Begin{Run: r.record.ID(), Flow: r.Flow.Name, Source: r.summary.Source, Target: r.summary.Target})
	r.Fault("started")
	return r.announceStart(ctx)
}
