package movement

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/sides"
)

// evidence is what both databases show of themselves, for the guard; no row is read for it.
func (r *run) evidence(ctx context.Context) (guard.Evidence, error) {
	db := r.source.Catalog()
	e := guard.Evidence{
		Source: guard.Identity{SystemID: db.SystemID, Database: db.Name},
		Target: guard.Identity{SystemID: r.target.SystemID(), Database: r.target.Name()},

		ClockOffset: r.source.Facts().ClockOffset,
	}
	p, err := r.source.Provenance(ctx)
	if err != nil {
		return e, r.atSource(err)
	}
	e.Origin, e.OriginWhy = OriginOf(provenance.Judge(p, append(r.ownKey(), r.Ledger.Trusted...)))
	if e.Origin != nil {
		r.steps = p.Steps
	}
	if e.SourceWrites, err = r.source.Writes(ctx); err != nil {
		return e, r.atSource(fmt.Errorf("asking what its role may write: %w", err))
	}
	e.EqualCredentials, e.TargetReads, err = r.Apart(ctx)
	return e, err
}

// OriginOf is the movement that made a database, or why that is not proven.
func OriginOf(o provenance.Origin) (*guard.Origin, string) {
	if !o.Verified {
		return nil, o.Why
	}
	last := o.Steps[len(o.Steps)-1].Record
	to := last.Movement.Target
	return &guard.Origin{
		Run: last.Run, Environment: to.Environment, Kind: guard.Kind(to.Kind),
		Database: guard.Identity{SystemID: to.SystemID, Database: to.Database},
	}, ""
}

// checkCopy refuses a ledger that does not continue the checkpoint that is kept elsewhere.
func (r *run) checkCopy(ctx context.Context) error {
	if r.Ledger.Copy == nil {
		return nil
	}
	note, err := r.Ledger.Copy.Latest(ctx)
	if err != nil {
		return fmt.Errorf("checkpoint copy: %w; nothing is read while the ledger cannot be held against it", err)
	}
	if len(note) == 0 {
		return nil
	}
	if err := r.continues(string(note)); err != nil {
		return &guard.Refused{
			Flow: r.Flow.Name, Why: fmt.Sprintf("the checkpoint copy holds a checkpoint that this ledger does not continue: %v", err),
			Next: "restore the ledger; masker ledger verify shows what is missing",
		}
	}
	return nil
}

// continues says why this ledger does not continue a checkpoint.
func (r *run) continues(note string) error {
	if r.log == nil || r.log.Checkpoint().Size == 0 {
		return errors.New("there is no ledger yet")
	}
	kept, err := ledger.ParseCheckpoint(note, r.log.VerifierKey())
	if err != nil {
		return err
	}
	return r.log.Extends(kept)
}

// ownKey is the public key of this ledger, where there is one yet.
func (r *run) ownKey() []string {
	if r.log == nil {
		return nil
	}
	return []string{r.log.VerifierKey()}
}

// checkMemory holds the target against this ledger: one that was rolled back, forked or begun anew is told there.
func (r *run) checkMemory(ctx context.Context) error {
	if !r.target.Marked() {
		return nil
	}
	p, err := r.To.Claim(ctx, "")
	var refused *sides.RefusedError
	if errors.As(err, &refused) && r.target.Published() == "" { // it was adopted as it is
		r.Note(review.AboutTarget, "the target's provenance is not masker's; this refresh replaces it")
		return nil
	}
	if err != nil {
		return r.atTarget(err)
	}
	k, err := remembered(r.Flow.Name, p, r.log, r.Ledger.Trusted)
	if k.note != "" {
		r.Note(review.AboutTarget, k.note)
	}
	r.last.Revision = max(r.last.Revision, k.revision)
	return err
}

// provenance puts into the shadow where it comes from: the steps that made the source, where they are proven,
// and this one.
func (r *run) provenance(ctx context.Context) error {
	in, err := r.log.Include(r.record.Seq())
	if err != nil {
		return err
	}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	steps := slices.Clone(r.steps)
	steps = append(steps, provenance.Step{Step: len(steps) + 1, Run: r.record.ID(), Inclusion: string(text), At: r.Now().UTC()})
	return r.shadow.Provenance(ctx, steps)
}

// sourceRun is the run that made the source, where that is proven.
func (r *run) sourceRun() string {
	if r.facts.Origin == nil {
		return ""
	}
	return r.facts.Origin.Run
}
