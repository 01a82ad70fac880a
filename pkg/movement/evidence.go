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

// collectEvidence collects the facts about both databases that the guard needs. It reads no row of a user's table.
func (r *run) collectEvidence(ctx context.Context) (guard.Evidence, error) {
	db := r.source.Catalog()
	e := guard.Evidence{
		Source: guard.Identity{SystemID: db.SystemID, Database: db.Name},
		Target: guard.Identity{SystemID: r.target.SystemID(), Database: r.target.Name()},

		ClockOffset: r.source.Facts().ClockOffset,
	}
	p, err := r.source.Provenance(ctx)
	if err != nil {
		return e, r.wrapSource(err)
	}
	e.Origin, e.OriginWhy = OriginOf(provenance.Judge(p, append(r.findOwnKey(), r.Ledger.Trusted...)))
	if e.Origin != nil {
		r.steps = p.Steps
	}
	if e.SourceWrites, err = r.source.Writes(ctx); err != nil {
		return e, r.wrapSource(fmt.Errorf("finding out what its role may write: %w", err))
	}
	e.SuperuserRuns = r.superuserRuns()
	e.EqualCredentials, e.TargetReads, err = r.Apart(ctx)
	return e, err
}

// OriginOf returns the movement or the branch that made a database. If that is not proven, it returns nil and the
// reason.
func OriginOf(o provenance.Origin) (*guard.Origin, string) {
	if !o.Verified {
		return nil, o.Why
	}
	last := o.Steps[len(o.Steps)-1]
	to := last.Made()
	return &guard.Origin{
		Run: last.Run, Environment: to.Environment, Kind: guard.Kind(to.Kind),
		Database: guard.Identity{SystemID: to.SystemID, Database: to.Database},
	}, ""
}

// checkCopy refuses a ledger that does not continue the latest checkpoint of the checkpoint copy.
func (r *run) checkCopy(ctx context.Context) error {
	if r.Ledger.Copy == nil {
		return nil
	}
	note, err := r.Ledger.Copy.Latest(ctx)
	if err != nil {
		return fmt.Errorf("checkpoint copy: %w; nothing is read while the ledger cannot be compared with it", err)
	}
	if len(note) == 0 {
		return nil
	}
	if err := r.checkContinues(string(note)); err != nil {
		return &guard.Refused{
			Flow: r.Flow.Name, Why: fmt.Sprintf("the checkpoint copy holds a checkpoint that this ledger does not continue: %v", err),
			Next: "restore the ledger; masker ledger verify shows what is missing",
		}
	}
	return nil
}

// checkContinues returns an error if this ledger does not continue a checkpoint.
func (r *run) checkContinues(note string) error {
	if r.log == nil || r.log.Checkpoint().Size == 0 {
		return errors.New("there is no ledger yet")
	}
	cp, err := ledger.ParseCheckpoint(note, r.log.VerifierKey())
	if err != nil {
		return err
	}
	return r.log.Extends(cp)
}

// findOwnKey returns a list with this ledger's public key. The list is empty if there is no ledger yet.
func (r *run) findOwnKey() []string {
	if r.log == nil {
		return nil
	}
	return []string{r.log.VerifierKey()}
}

// checkTargetLedger compares the target's provenance with this ledger. It finds out whether this ledger was rolled back
// or forked, or is a new ledger.
func (r *run) checkTargetLedger(ctx context.Context) error {
	if !r.target.Marked() {
		return nil
	}
	p, err := r.To.Claim(ctx, "")
	var refused *sides.RefusedError
	if errors.As(err, &refused) && r.target.Published() == "" { // the target was adopted
		r.Note(review.AboutTarget, "the target's provenance cannot be read as masker's; this refresh replaces it")
		return nil
	}
	if err != nil {
		return r.wrapTarget(err)
	}
	other, err := compareLedger(r.Flow.Name, p, r.log, r.Ledger.Trusted)
	if other.note != "" {
		r.Note(review.AboutTarget, other.note)
	}
	r.last.Revision = max(r.last.Revision, other.revision)
	return err
}

// writeProvenance writes the shadow's provenance. It consists of the steps that made the source, if they are proven,
// and of a step for this run.
func (r *run) writeProvenance(ctx context.Context) error {
	in, err := r.record.Include()
	if err != nil {
		return err
	}
	text, err := json.Marshal(in)
	if err != nil {
		return err
	}
	steps := slices.Clone(r.steps)
	steps = append(steps, provenance.Step{Step: len(steps) + 1, Run: r.record.ID(), Inclusion: string(text), At: r.Now().UTC()})
	if err := r.shadow.Provenance(ctx, steps); err != nil {
		return err
	}
	r.Fault("provenance")
	return nil
}

// findSourceRun returns the run that made the source, or "" if that is not proven.
func (r *run) findSourceRun() string {
	if r.evidence.Origin == nil {
		return ""
	}
	return r.evidence.Origin.Run
}
