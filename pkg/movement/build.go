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

// build makes the shadow, step by step, and publishes it.
func (r *run) build(ctx context.Context) error {
	for _, step := range []func(context.Context) error{r.createShadow, r.moveRows, r.runHooks, r.verify, r.provenance, r.publish} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

// moveRows fills the shadow and finishes it.
func (r *run) moveRows(ctx context.Context) (err error) {
	r.moved, err = refresh.Run(ctx, refresh.Options{
		Permit:   r.permit,
		Plan:     r.plan,
		Catalog:  r.source.Catalog(),
		Snapshot: r.source,
		Shadow:   r.shadow,
		Keys:     r.Key.Ring.For(r.Flow.To.Name),
		Workers:  r.Workers,
		Programs: startProgram(r.Programs),
		MaxRow:   int(r.MaxRow),
		Observer: r.Report,
		Learned:  r.learned,
		Carried:  r.carried,
	})
	return err
}

func (r *run) runHooks(ctx context.Context) error {
	if err := r.shadow.Hooks(ctx, hooks(r.plan)); err != nil {
		return fmt.Errorf("before_publish hooks: %w", err)
	}
	return nil
}

// verify lets the shadow be read again, by somebody who did not write it.
func (r *run) verify(ctx context.Context) error {
	if !r.Flow.Verify {
		return nil
	}
	r.Report.Phase("verify")
	return r.Verifier.Verify(ctx, r.shadow, r.plan)
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

// learned makes durable what was learned of sampled columns; no row has been read yet.
func (r *run) learned(list []refresh.Learned) error {
	var facts []ledger.Learned
	for _, l := range list {
		facts = append(facts, ledger.Learned{Table: l.Table, Column: l.Column, Epsilon: l.Epsilon, Digest: l.Digest})
	}
	return r.record.Learned(facts)
}

func (r *run) createShadow(ctx context.Context) error {
	r.Report.Phase("schema")
	ddl, err := r.source.Archive(ctx)
	if err != nil {
		return r.atSource(err)
	}
	sequences, err := r.source.SequenceValues(ctx)
	if err != nil {
		return r.atSource(err)
	}
	r.shadow, err = r.target.Create(ctx, sides.Shadow{
		Run:       r.record.ID(),
		Made:      func(name string, oid uint32) error { return r.record.Shadow(ledger.Database{Name: name, OID: oid}) },
		Ledger:    r.Ledger.Dir,
		Source:    r.source.Catalog(),
		Archive:   ddl,
		Decisions: decisions(r.plan),
		Roles:     r.Roles,
		Treated:   treatedColumns(r.plan),
		Sequences: sequenceValues(sequences, r.source.Catalog(), r.plan),
	})
	return err
}

// carried asks whether the source's schema is still what it was, and ends the source's sessions as soon as the rows are
// in. Building indexes takes a while, and meanwhile nothing should hold back production's vacuum.
func (r *run) carried(ctx context.Context) error {
	if err := r.source.Unchanged(ctx); err != nil {
		return r.atSource(err)
	}
	r.release()
	return nil
}

// abort drops the shadow and records the end. The context may be what ended the run, so
// both get time of their own.
func (r *run) abort(ended context.Context, cause error) error {
	const patience = 30 * time.Second
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if ended.Err() != nil && !errors.Is(cause, ended.Err()) {
		cause = fmt.Errorf("%w: %w", ended.Err(), cause)
	}
	if errors.Is(cause, sides.ErrUnknown) {
		// The record stays open: the next run reads the target's marker and closes it with what is true.
		return &LateError{cause}
	}
	problems := []error{cause}
	if errors.Is(cause, sides.ErrUnsure) {
		return errors.Join(problems...) // the record stays open: the next run looks for the database, and closes it
	}
	if r.shadow != nil {
		if err := r.shadow.Discard(ctx); err != nil {
			problems = append(problems, fmt.Errorf("the unfinished database %s could not be dropped: %w; the next run drops it", r.shadow.Name(), err))
		}
	}
	if err := r.record.Abort(ledger.Outcome{Reason: Words(cause), DurationMS: r.Now().Sub(r.began).Milliseconds()}); err != nil {
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// finish records the end of a published run and tidies up behind it. The target is
// new and whole by now, whatever fails here; late is what a watcher said after publishing.
func (r *run) finish(ctx context.Context, late error) error {
	r.summarise()
	problems := []error{late}
	cleared, err := r.target.Prune(context.WithoutCancel(ctx))
	if err != nil {
		problems = append(problems, err)
	}
	r.summary.Notes = slices.Concat(r.summary.Notes, r.left, cleared.Left)
	for _, name := range cleared.Dropped {
		if name == r.summary.Previous {
			r.summary.Previous = ""
		}
		r.Report.Note("dropped " + name + ", replaced by a refresh")
	}
	if err := r.record.Finish(r.outcome()); err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return &LateError{fmt.Errorf("the target is published, but: %w", err)}
	}
	return nil
}
