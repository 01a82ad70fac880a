package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/metrics"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/source"
	"github.com/masker-project/masker/pkg/target"
	"github.com/masker-project/masker/pkg/tracing"
)

// job is one refresh. Its methods are the steps of run, in their order; it belongs to
// one goroutine.
type job struct {
	*movement
	rules  *ruleset.Set // nil where the flow carries on what is sanitized already
	report *report.Reporter
	looks  bool                    // it is only asked whether it would run: nothing is locked and nothing written
	tell   func(code, note string) // what an operator should know
	fault  func(point string)
	actor  ledger.Actor

	began   time.Time
	ledger  *ledger.Ledger
	owner   *ownership // proves the target
	target  *target.Postgres
	left    []string // databases beside the target that could not be proven to be its own
	source  *source.Postgres
	release func() // ends the source's sessions and whoever watches them
	plan    *plan.Plan
	asked   []ledger.Program // that the plan asks
	permit  *guard.Permit
	given   approvals
	last    ledger.Last // published movement of the flow; zero where there is none
	facts   guard.Evidence
	steps   []provenance.Step // that made the source, where they are proven
	record  *ledger.Run
	shadow  *target.Shadow
	figures *metrics.Run   // nil where nobody wants them
	trace   *tracing.Trace // nil where nobody wants one
	moved   refresh.Summary
	summary report.Summary
}

// run is the recipe of a refresh. Up to begin nothing has been read from a table and
// nothing written anywhere; from there on, whatever fails is cleaned up and recorded.
func (j *job) run(ctx context.Context) (err error) {
	j.began = now()
	if j.ledger, err = ledger.Open(j.movement.ledger, j.signing); err != nil {
		return err
	}
	defer j.ledger.Close()
	j.last, _ = j.ledger.Flow(j.flow.Name)
	if j.figures != nil {
		j.figures.Begin(j.began, j.last.At)
	}
	defer func() { err = j.announce(ctx, err) }()
	if err := j.escrowed(ctx); err != nil {
		return err
	}
	if err := j.foreseen(ctx); err != nil {
		return err
	}

	j.report.Phase("connect")
	if err := j.openTarget(ctx); err != nil {
		return err
	}
	defer j.target.Close()
	if err := j.sameLedger(ctx); err != nil {
		return err
	}
	if err := j.recoverOrphans(ctx); err != nil {
		return err
	}
	if err := j.openSource(ctx); err != nil {
		return err
	}
	defer j.source.Close()

	j.report.Phase("plan")
	if err := j.resolve(); err != nil {
		return err
	}
	if err := j.admit(ctx); err != nil {
		return err
	}
	if err := j.begin(ctx); err != nil {
		return err
	}
	err = j.watched(ctx, j.build)
	if !j.summary.Published {
		return j.abort(ctx, err)
	}
	return j.finish(ctx, err)
}

// openTarget takes the target's lock; another refresh that holds it ends this one.
func (j *job) openTarget(ctx context.Context) error {
	j.owner = &ownership{flow: j.flow.Name, url: j.targetURL, dir: j.movement.ledger, ledger: j.ledger, trusted: j.trusted}
	from, err := j.identity(ctx)
	if err != nil {
		return coding(fmt.Errorf("source %s: %w", j.flow.From.Name, err))
	}
	o := target.Options{
		Maintenance:  j.movement.target.Maintenance,
		Adopt:        j.movement.target.Adopt,
		KeepPrevious: j.keepPrevious,
		Proof:        j.owner,
		Look:         j.looks,
		Source:       from,
		Jobs:         j.workers,
		Patience:     j.tuning.ConnectionPatience,
		Fault:        j.fault,
	}
	if j.report != nil {
		o.Progress = j.report.Step
	}
	t, err := target.Open(ctx, j.targetURL, o)
	if err != nil {
		return coding(fmt.Errorf("target %s: %w", j.flow.To.Name, err))
	}
	j.target = t
	j.summary.Target = where(j.flow.To.Name, t.Name())
	if !t.MaySignal() {
		j.tell(remarkTarget, fmt.Sprintf("role %s may not end the sessions of others, which the next refresh of %s needs: GRANT pg_signal_backend TO it", t.Role(), t.Name()))
	}
	return nil
}

// recoverOrphans drops what dead refreshes of this target left. We hold its lock, so
// every run that the ledger knows on it is dead.
func (j *job) recoverOrphans(ctx context.Context) error {
	cleared, err := j.target.Recover(ctx)
	for _, name := range cleared.Dropped {
		j.report.Note("dropped " + name + ", which a refresh that died had left")
	}
	j.left = append(j.left, cleared.Left...)
	if err != nil {
		return fmt.Errorf("cleaning up after a refresh that died: %w", err)
	}
	return nil
}

func (j *job) openSource(ctx context.Context) error {
	s, err := source.Open(ctx, j.sourceURL, source.Options{
		LockPatience: j.tuning.LockPatience, ConnectionPatience: j.tuning.ConnectionPatience, MaxRow: int(j.maxRow), PGDump: j.dump,
		Sessions: j.workers + 1, // each worker's, and one for what is read beside them
		Look:     j.looks,
	})
	if err != nil {
		return coding(fmt.Errorf("source %s: %w", j.flow.From.Name, err))
	}
	j.source = s
	db := s.Catalog()
	j.summary.Flow, j.summary.Source = j.flow.Name, where(j.flow.From.Name, db.Name)
	return nil
}

// identity is which database the source's URL leads to, asked before anything is asked of the target.
func (j *job) identity(ctx context.Context) (target.Identity, error) {
	if j.source != nil {
		db := j.source.Catalog()
		return target.Identity{SystemID: db.SystemID, Database: db.Name}, nil
	}
	id, name, err := source.Identify(ctx, j.sourceURL)
	return target.Identity{SystemID: id, Database: name}, err
}

// foreseen refuses from files alone, before anything is connected to, what files alone can refuse.
func (j *job) foreseen(context.Context) error {
	if err := j.flow.CheckClock(j.began, j.last.At); err != nil || j.rules == nil {
		return err
	}
	if err := j.flow.CheckRevision(j.rules.Revision, j.last.Revision); err != nil {
		return err
	}
	last := guard.Last{Revision: j.last.Revision, Rules: j.last.Rules, Approved: j.last.Approved}
	if err := j.flow.CheckSame(j.rules.Revision, j.digestOfRules(), last); err != nil {
		return err
	}
	return j.given.required(j.flow)
}

// resolve holds the rules against the source's schema. An undecided column ends the run here.
func (j *job) resolve() (err error) {
	if j.plan, err = planned(j.rules, j.source.Catalog(), string(j.flow.To.Kind)); err != nil {
		return coding(err)
	}
	return keyed(j.keyPerRun, j.plan)
}

// admit holds the plan against the target and both sides against the policy, and asks for the permit.
func (j *job) admit(ctx context.Context) (err error) {
	db := j.source.Catalog()
	if j.facts, err = j.evidence(ctx); err != nil {
		return err
	}
	if j.asked, err = askedPrograms(j.programs, j.plan); err != nil {
		return err
	}
	for _, note := range unpinned(j.asked) {
		j.tell(remarkProgram, note)
	}
	if j.keyWarning != "" {
		j.tell(remarkKey, j.keyWarning)
	}
	if open, done := waived(j.plan); len(open)+len(done) > 0 && !j.looks { // who looks is shown each
		j.tell("", fmt.Sprintf("findings for the reviewer in this plan: %d open, %d waived; masker plan shows them", len(open), len(done)))
	}
	if err := j.target.Check(ctx, db, decisions(j.plan), j.roles); err != nil {
		return coding(fmt.Errorf("target %s: %w", j.flow.To.Name, err))
	}
	space, err := j.target.Estimate(ctx, db)
	if err != nil {
		return fmt.Errorf("target %s: %w", j.flow.To.Name, err)
	}
	j.tell(remarkTarget, "disk: "+space.String())
	if err := j.given.seen(j.flow, j.plan, j.last); err != nil {
		return err
	}
	j.permit, err = guard.Allow(j.request())
	return err
}

// begin makes the start durable; no row has been read yet.
func (j *job) begin(ctx context.Context) error {
	if err := j.weakened(); err != nil {
		return err
	}
	if err := j.keepDecisions(); err != nil {
		return err
	}
	var err error
	j.record, err = j.ledger.Start(j.ledgerMovement(), j.target.Published())
	if err != nil {
		return err
	}
	j.owner.begun(j.record.ID())
	j.summary.Run = j.record.ID()
	j.report.Begin(report.Begin{Run: j.record.ID(), Flow: j.flow.Name, Source: j.summary.Source, Target: j.summary.Target})
	j.fault("started")
	return j.started(ctx)
}

// build makes the shadow, fills and finishes it, and publishes it.
func (j *job) build(ctx context.Context) error {
	if err := j.createShadow(ctx); err != nil {
		return err
	}
	var err error
	j.moved, err = refresh.Run(ctx, refresh.Options{
		Permit:   j.permit,
		Plan:     j.plan,
		Catalog:  j.source.Catalog(),
		Snapshot: j.source,
		Shadow:   letGo{j.shadow, j},
		Keys:     j.ring.For(j.flow.To.Name),
		Workers:  j.workers,
		Programs: startProgram(j.programs),
		MaxRow:   int(j.maxRow),
		Observer: j.report,
		Learned:  j.learned,
	})
	if err != nil {
		return err
	}
	if err := j.shadow.Hooks(ctx, hooks(j.plan)); err != nil {
		return fmt.Errorf("before_publish hooks: %w", err)
	}
	if err := j.provenance(ctx); err != nil {
		return err
	}
	j.report.Phase("publish")
	lost, err := j.shadow.ReapplyGrants(ctx)
	if err != nil {
		return err
	}
	for _, l := range lost {
		j.report.Note("grant not carried over: " + l)
	}
	if err := j.shadow.Publish(ctx); err != nil {
		return err
	}
	j.summary.Published = true
	j.fault("committed")
	return nil
}

// learned makes durable what was learned of sampled columns; no row has been read yet.
func (j *job) learned(list []refresh.Learned) error {
	var facts []ledger.Learned
	for _, l := range list {
		facts = append(facts, ledger.Learned{Table: l.Table, Column: l.Column, Epsilon: l.Epsilon, Digest: l.Digest})
	}
	return j.record.Learned(facts)
}

func (j *job) createShadow(ctx context.Context) error {
	j.report.Phase("schema")
	ddl, err := j.source.Archive(ctx)
	if err != nil {
		return fmt.Errorf("source %s: %w", j.flow.From.Name, err)
	}
	sequences, err := j.source.SequenceValues(ctx)
	if err != nil {
		return fmt.Errorf("source %s: %w", j.flow.From.Name, err)
	}
	j.shadow, err = j.target.Create(ctx, target.Spec{
		Run:       j.record.ID(),
		Made:      func(name string, oid uint32) error { return j.record.Shadow(ledger.Database{Name: name, OID: oid}) },
		Ledger:    j.movement.ledger,
		Source:    j.source.Catalog(),
		Archive:   ddl,
		Decisions: decisions(j.plan),
		Roles:     j.roles,
		Sequences: sequenceValues(sequences, j.source.Catalog(), j.plan),
	})
	return coding(err)
}

// letGo asks whether the source's schema is still what it was, and lets the source go as soon as the rows are in: building indexes takes a while,
// and meanwhile nothing should hold back production's vacuum.
type letGo struct {
	*target.Shadow
	j *job
}

// Finish implements refresh.Shadow.
func (l letGo) Finish(ctx context.Context) error {
	if err := l.j.source.Unchanged(ctx); err != nil {
		return fmt.Errorf("source %s: %w", l.j.flow.From.Name, err)
	}
	l.j.release()
	return l.Shadow.Finish(ctx)
}

// abort drops the shadow and records the end. The context may be what ended the run, so
// both get time of their own.
func (j *job) abort(ended context.Context, cause error) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if ended.Err() != nil && !errors.Is(cause, ended.Err()) {
		cause = fmt.Errorf("%w: %w", ended.Err(), cause)
	}
	if errors.Is(cause, target.ErrUnknown) {
		// The record stays open: the next run reads the target's marker and closes it with what is true.
		return &coded{exitAfterward, cause}
	}
	problems := []error{coding(cause)}
	if errors.Is(cause, target.ErrUnsure) {
		return errors.Join(problems...) // the record stays open: the next run looks for the database, and closes it
	}
	if j.shadow != nil {
		if err := j.shadow.Discard(ctx); err != nil {
			problems = append(problems, fmt.Errorf("the unfinished database %s could not be dropped: %w; the next run drops it", j.shadow.Name(), err))
		}
	}
	if err := j.record.Abort(ledger.Outcome{Reason: told(cause), DurationMS: now().Sub(j.began).Milliseconds()}); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// finish records the end of a published run and tidies up behind it. The target is
// new and whole by now, whatever fails here; late is what a watcher said after publishing.
func (j *job) finish(ctx context.Context, late error) error {
	j.summarise()
	problems := []error{late}
	cleared, err := j.target.Prune(context.WithoutCancel(ctx))
	if err != nil {
		problems = append(problems, err)
	}
	j.summary.Notes = slices.Concat(j.summary.Notes, j.left, cleared.Left)
	for _, name := range cleared.Dropped {
		if name == j.summary.Previous {
			j.summary.Previous = ""
		}
		j.report.Note("dropped " + name + ", replaced by a refresh")
	}
	if err := j.record.Finish(j.outcome()); err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return &coded{exitAfterward, fmt.Errorf("the target is published, but: %w", err)}
	}
	return nil
}
