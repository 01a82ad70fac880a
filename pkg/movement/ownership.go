package movement

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/sides"
)

// ownership proves by a ledger which databases of a target's server are masker's. It is the target's Proof, and
// belongs to one goroutine.
type ownership struct {
	flow    string
	claims  func(ctx context.Context, database string) (provenance.Claim, error)
	dir     string         // of the ledger
	ledger  *ledger.Ledger // nil where there is none yet
	trusted []string       // public keys of other ledgers

	past    map[string]ledger.TargetRun // runs on the target, read when first asked for
	current string                      // the run that is going on, once it has begun
}

// NewProof is the proof of a flow's target by the ledger in dir, which is nil where there is none yet. claims reads what
// a database of the target's server says of itself.
func NewProof(flow string, claims func(ctx context.Context, database string) (provenance.Claim, error), dir string, l *ledger.Ledger, trusted []string) sides.Proof {
	return &ownership{flow: flow, claims: claims, dir: dir, ledger: l, trusted: trusted}
}

// begun is told the run that is going on: its record is in the ledger now, and has no end yet.
func (o *ownership) begun(run string) { o.current, o.past = run, nil }

// Made implements sides.Proof: the last step in the database is proven by a known ledger, names this server, database and run,
// and the ledger at hand knows no other database that the run made.
func (o *ownership) Made(ctx context.Context, d sides.Database) (string, error) {
	c, why, err := o.claim(ctx, d)
	if err != nil || why != "" {
		return why, err
	}
	if _, err := remembered(o.flow, c, o.ledger, o.trusted); err != nil {
		return "", err
	}
	step, why := o.lastStep(c, d)
	switch {
	case why != "":
		return why, nil
	case step.Run != d.Run:
		return fmt.Sprintf("it was made by run %s, and its comment names run %s", report.Clean(step.Run), report.Clean(d.Run)), nil
	}
	past, err := o.runs(d)
	if made := past[d.Run].Shadow; err == nil && made != 0 && made != d.OID {
		return otherDatabase(d, made), nil
	}
	return "", err
}

// Replaced implements sides.Proof: the run of the mark is in the ledger, was published, and found this very database.
// What an earlier version recorded says less; then the database itself has to prove that the run before made it.
func (o *ownership) Replaced(ctx context.Context, d sides.Database) (string, error) {
	past, err := o.runs(d)
	if err != nil {
		return "", err
	}
	run, known := past[d.Run]
	switch {
	case !known:
		return fmt.Sprintf("this ledger has no record of run %s on this target", report.Clean(d.Run)), nil
	case !run.Published && d.Run != o.current:
		return fmt.Sprintf("run %s replaced nothing: it was not published", d.Run), nil
	case run.Replaces == nil:
		return o.replacedBefore(ctx, d, run)
	case *run.Replaces == 0:
		return fmt.Sprintf("run %s replaced nothing: there was no such database", d.Run), nil
	case *run.Replaces != d.OID:
		return fmt.Sprintf("it is not the database that run %s replaced (OID %d, this one has %d)", d.Run, *run.Replaces, d.OID), nil
	}
	return "", nil
}

// replacedBefore proves a database that was replaced before the ledger recorded which one.
func (o *ownership) replacedBefore(ctx context.Context, d sides.Database, run ledger.TargetRun) (string, error) {
	c, why, err := o.claim(ctx, d)
	if err != nil {
		return "where it comes from cannot be asked: " + Words(err), nil
	}
	if why != "" {
		return why, nil
	}
	step, why := o.lastStep(c, d)
	if why == "" && step.Run != run.Before {
		why = fmt.Sprintf("it was made by run %s, and run %s did not replace what that made", report.Clean(step.Run), d.Run)
	}
	return why, nil
}

// Abandoned implements sides.Proof: the run is in the ledger, was not published, and made this very database. Where the run
// died before it could record which one it made, it must have no end.
func (o *ownership) Abandoned(_ context.Context, d sides.Database) (string, error) {
	past, err := o.runs(d)
	if err != nil {
		return "", err
	}
	run, known := past[d.Run]
	switch {
	case !known:
		return fmt.Sprintf("this ledger has no record of run %s on this target", report.Clean(d.Run)), nil
	case run.Published:
		return fmt.Sprintf("run %s was published", d.Run), nil
	case run.Shadow == d.OID:
		return "", nil
	case run.Shadow != 0:
		return otherDatabase(d, run.Shadow), nil
	case run.Ended:
		return fmt.Sprintf("run %s has ended, and dropped its own", d.Run), nil
	case d.Marked && run.Replaces != nil: // it records the database before it marks it
		return fmt.Sprintf("run %s died before it marked its own", d.Run), nil
	}
	return "", nil
}

func otherDatabase(d sides.Database, made uint32) string {
	return fmt.Sprintf("it is not the database that run %s made (OID %d, this one has %d): a copy of it, or restored", d.Run, made, d.OID)
}

// claim is what the very database says of itself, or why it does not count.
func (o *ownership) claim(ctx context.Context, d sides.Database) (c provenance.Claim, why string, err error) {
	c, err = o.claims(ctx, d.Name)
	var refused *sides.RefusedError
	switch {
	case errors.As(err, &refused):
		return c, refused.Error(), nil
	case err != nil:
		return c, "", err
	case c.OID != d.OID:
		return c, "another database has its name by now", nil
	}
	return c, "", nil
}

// lastStep is the movement that made a database, proven by a known key and for this target, or why it is not.
func (o *ownership) lastStep(c provenance.Claim, d sides.Database) (step provenance.ProvenStep, why string) {
	if len(c.Steps) == 0 {
		return step, "it carries no provenance of masker's: an earlier version made it, or somebody dropped the table"
	}
	keys := o.trusted
	if o.ledger != nil {
		keys = append([]string{o.ledger.VerifierKey()}, keys...)
	}
	step = c.Steps[len(c.Steps)-1].Prove(keys)
	if !step.Verified {
		return step, "its provenance is not proven: " + step.Why
	}
	to := step.Record.Movement.Target
	if want := (ledger.Party{SystemID: d.SystemID, Database: d.Target}); to.Identity() != want.Identity() {
		return step, fmt.Sprintf("its provenance says that masker made database %s, and this target is %s", report.Clean(to.Identity()), want.Identity())
	}
	return step, ""
}

func (o *ownership) runs(d sides.Database) (map[string]ledger.TargetRun, error) {
	if o.past != nil || o.ledger == nil {
		return o.past, nil
	}
	past, err := ledger.History(o.dir, d.SystemID, d.Target)
	if err == nil {
		o.past = past
	}
	return past, err
}
