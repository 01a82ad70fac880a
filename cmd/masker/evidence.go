package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/source"
)

// evidence is what both databases show of themselves, for the guard; no row is read for it.
func (j *job) evidence(ctx context.Context) (guard.Evidence, error) {
	db := j.source.Catalog()
	e := guard.Evidence{
		Source: guard.Identity{SystemID: db.SystemID, Database: db.Name},
		Target: guard.Identity{SystemID: j.target.SystemID(), Database: j.target.Name()},

		ClockOffset: j.source.Facts().ClockOffset,
	}
	p, err := j.source.Provenance(ctx)
	if err != nil {
		return e, coding(fmt.Errorf("source %s: %w", j.flow.From.Name, err))
	}
	e.Origin, e.OriginWhy = originOf(p, append(j.ownKey(), j.trusted...))
	if e.Origin != nil {
		j.steps = p.Steps
	}
	if e.SourceWrites, err = j.source.Writes(ctx); err != nil {
		return e, fmt.Errorf("source %s: asking what its role may write: %w", j.flow.From.Name, err)
	}
	err = askCredentials(ctx, &e, j.sourceURL, j.targetURL)
	return e, err
}

// askCredentials finds out whether the two sides are apart: credentials of their own, and the target's cannot read
// the source.
func askCredentials(ctx context.Context, e *guard.Evidence, sourceURL, targetURL string) (err error) {
	if e.EqualCredentials, err = pgsession.SameCredentials(sourceURL, targetURL); err != nil {
		return err
	}
	reads, how, err := source.Readable(ctx, sourceURL, targetURL)
	if err != nil {
		return fmt.Errorf("asking whether the target's role could read the source: %w", err)
	}
	if reads {
		e.TargetReads = how
	}
	return nil
}

// originOf is the movement that made a database, proven as masker provenance has it proven.
func originOf(c provenance.Claim, keys []string) (*guard.Origin, string) {
	return evidence(provenance.Judge(c, keys))
}

// escrowed refuses a ledger that does not continue the checkpoint that is kept elsewhere.
func (j *job) escrowed(ctx context.Context) error {
	if j.escrow == nil {
		return nil
	}
	note, err := j.escrow.Latest(ctx)
	if err != nil {
		return fmt.Errorf("checkpoint copy: %w; nothing is read while the ledger cannot be held against it", err)
	}
	if len(note) == 0 {
		return nil
	}
	if err := j.continues(string(note)); err != nil {
		return &guard.Refused{
			Flow: j.flow.Name, Why: fmt.Sprintf("the checkpoint copy holds a checkpoint that this ledger does not continue: %v", err),
			Next: "restore the ledger; masker ledger verify shows what is missing",
		}
	}
	return nil
}

// continues says why this ledger does not continue a checkpoint.
func (j *job) continues(note string) error {
	if j.ledger == nil || j.ledger.Checkpoint().Size == 0 {
		return errors.New("there is no ledger yet")
	}
	kept, err := ledger.ParseCheckpoint(note, j.ledger.VerifierKey())
	if err != nil {
		return err
	}
	return j.ledger.Extends(kept)
}

// ownKey is the public key of this ledger, where there is one yet.
func (j *job) ownKey() []string {
	if j.ledger == nil {
		return nil
	}
	return []string{j.ledger.VerifierKey()}
}

// sameLedger holds the target against this ledger: one that was rolled back, forked or begun anew is told there.
func (j *job) sameLedger(ctx context.Context) error {
	if !j.target.Marked() {
		return nil
	}
	p, err := source.ReadProvenance(ctx, j.targetURL)
	var refused *source.RefusedError
	if errors.As(err, &refused) && j.target.Published() == "" { // it was adopted as it is
		j.tell(remarkTarget, "the target's provenance is not masker's; this refresh replaces it")
		return nil
	}
	if err != nil {
		return coding(fmt.Errorf("target %s: %w", j.flow.To.Name, err))
	}
	k, err := remembered(j.flow.Name, p, j.ledger, j.trusted)
	if k.note != "" {
		j.tell(remarkTarget, k.note)
	}
	j.last.Revision = max(j.last.Revision, k.revision)
	return err
}

// provenance puts into the shadow where it comes from: the steps that made the source, where they are proven,
// and this one.
func (j *job) provenance(ctx context.Context) error {
	in, err := j.ledger.Include(j.record.Seq())
	if err != nil {
		return err
	}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	steps := slices.Clone(j.steps)
	steps = append(steps, provenance.Step{Step: len(steps) + 1, Run: j.record.ID(), Inclusion: string(text), At: now().UTC()})
	return j.shadow.Provenance(ctx, steps)
}

// sourceRun is the run that made the source, where that is proven.
func (j *job) sourceRun() string {
	if j.facts.Origin == nil {
		return ""
	}
	return j.facts.Origin.Run
}
