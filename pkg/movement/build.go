package movement

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/sides"
)

// build notifies the channels, makes the shadow and publishes it. The start record is in the ledger, so the caller
// records the end of the run after an error of any step.
func (r *run) build(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.announceStart, r.selectRows, r.createShadow, r.askShadow, r.beginVerification, r.moveRows, r.compare, r.runHooks, r.verify, r.writeProvenance, r.makeTemplate, r.publish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moveRows loads the treated rows into the shadow, and finishes it.
func (r *run) moveRows(ctx context.Context) (err error) {
	r.moved, err = refresh.Run(ctx, refresh.Options{
		Permit:    r.permit,
		Plan:      r.plan,
		Selection: r.selection,
		Catalog:   r.source.Catalog(),
		Snapshot:  r.source,
		Shadow:    r.shadow,
		Keys:      r.keys(),
		Workers:   r.Workers,
		Programs:  r.programs.start(),
		MaxRow:    int(r.MaxRow),
		Observer:  r.Report,
		Watch:     r.watch(),
		Learned:   r.recordLearned,
		Carried:   r.releaseSource,
	})
	return err
}

func (r *run) runHooks(ctx context.Context) error {
	if len(r.plan.Hooks) > 0 {
		r.Report.Phase("hooks")
	}
	if err := r.shadow.Hooks(ctx, hooks(r.plan)); err != nil {
		return fmt.Errorf("before_publish hooks: %w", err)
	}
	return nil
}

func (r *run) publish(ctx context.Context) error {
	r.Report.Phase("publish")
	if err := r.shadow.Publish(ctx); err != nil {
		return err
	}
	r.summary.Published = true
	r.Fault("committed")
	return nil
}

// recordLearned records durably what was learned about sampled columns. It is called before the refresh reads rows.
func (r *run) recordLearned(list []refresh.Learned) error {
	if r.recheck {
		return nil // nothing of what was learned leaves the process
	}
	var facts []ledger.Learned
	for _, l := range list {
		facts = append(facts, ledger.Learned{Table: l.Table, Column: l.Column, Epsilon: l.Epsilon, Digest: l.Digest})
	}
	return r.record.Learned(facts)
}

func (r *run) createShadow(ctx context.Context) error {
	r.Report.Phase("schema")
	sequences, err := r.source.SequenceValues(ctx)
	if err != nil {
		return r.wrapSource(err)
	}
	treated := treatedColumns(r.plan, r.source.Catalog())
	r.shadow, err = r.target.Create(ctx, sides.Shadow{
		Run:  r.record.ID(),
		Made: func(name string, oid uint32) error { return r.record.Shadow(ledger.Database{Name: name, OID: oid}) },
		MadeTemplate: func(name string, oid uint32) error {
			return r.log.Template(r.record.ID(), ledger.Database{Name: name, OID: oid})
		},
		Ledger:    r.Ledger.Dir,
		Source:    r.source.Catalog(),
		Archive:   r.ddl,
		Decisions: decisions(r.plan, r.source.Catalog()),
		Roles:     r.Roles,
		Treated:   treated,
		Sequences: sequenceValues(sequences, r.source.Catalog(), r.plan, treated),
	})
	return err
}

// releaseSource is called when all rows are loaded. It checks that the source's schema did not change, closes the
// source, and tells the verification that the rows are loaded. It closes the source this early because building the
// indexes takes a while. As long as a snapshot is open, vacuum in production cannot remove dead rows.
func (r *run) releaseSource(ctx context.Context) error {
	if err := r.source.Unchanged(ctx); err != nil {
		return r.wrapSource(err)
	}
	r.release()
	if r.verification != nil {
		r.verification.Loaded()
	}
	return nil
}

// abort drops the shadow, or keeps it if discard keeps it, and records the end of the run. It does not use the run's
// context, because this context may be cancelled.
func (r *run) abort(ended context.Context, cause error) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if ended.Err() != nil && !errors.Is(cause, ended.Err()) {
		cause = fmt.Errorf("%w: %w", ended.Err(), cause)
	}
	if errors.Is(cause, sides.ErrUnknown) {
		// The end is not recorded. The next run reads the target's mark, and records the correct end.
		return &LateError{cause}
	}
	problems := []error{cause}
	end := ledger.Outcome{}
	if r.shadow != nil {
		var err error
		if end.KeptUntil, err = r.discard(ctx, cause); err != nil {
			problems = append(problems, err)
		}
	}
	if errors.Is(cause, sides.ErrUnsure) {
		return errors.Join(problems...) // the end is not recorded. The next run looks for the database, and records the end
	}
	end.Reason, end.DurationMS = Words(cause), r.Now().Sub(r.began).Milliseconds()
	if err := r.record.Abort(end); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// finish drops expired branches, and the previous databases and templates that are no longer kept. It records the end
// of a published run. The target is published and complete, even if finish fails. The argument watched is the error of
// a watcher after publishing, or nil.
func (r *run) finish(ctx context.Context, watched error) error {
	r.summarise()
	problems := []error{watched, r.checkTemplate()}
	cleared, err := r.target.Prune(context.WithoutCancel(ctx))
	if err != nil {
		problems = append(problems, err)
	}
	r.summary.Notes = slices.Concat(r.summary.Notes, r.leftNotes, cleared.Left)
	for _, name := range cleared.Dropped {
		if name == r.summary.Previous {
			r.summary.Previous = ""
		}
		r.noteDropped(name)
	}
	r.Fault("pruned")
	problems = append(problems, r.expireBranches(ctx))
	end := r.makeOutcome()
	if err := errors.Join(problems...); err != nil {
		end.Notes = append(slices.Clone(end.Notes), err.Error()) // a copy: the summary needs no such note, because the operator gets the error
	}
	if err := r.record.Finish(end); err != nil {
		problems = append(problems, err)
	}
	r.Fault("recorded")
	if err := errors.Join(problems...); err != nil {
		return &LateError{fmt.Errorf("the target is published, but: %w", err)}
	}
	return nil
}
