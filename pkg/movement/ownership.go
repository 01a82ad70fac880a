package movement

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/sides"
)

// ownership proves with a ledger which databases on the target's server are masker's. It implements sides.Proof. Only
// one goroutine uses it.
type ownership struct {
	flow    string
	claims  func(ctx context.Context, database string) (provenance.Claim, error)
	dir     string         // folder of the ledger
	ledger  *ledger.Ledger // nil if there is none yet
	trusted []string       // public keys of other ledgers
	now     func() time.Time

	history map[string]ledger.TargetRun // the runs on the target. Nil until they are needed
	current string                      // the present run; "" until its start is recorded
}

// NewProof returns a Proof for a flow's target. The Proof uses the ledger l, which is in the folder dir. The argument l
// is nil if there is no ledger yet. The function claims reads the claim of a database on the target's server.
func NewProof(flow string, claims func(ctx context.Context, database string) (provenance.Claim, error), dir string, l *ledger.Ledger, trusted []string) sides.Proof {
	return &ownership{flow: flow, claims: claims, dir: dir, ledger: l, trusted: trusted, now: time.Now}
}

// setCurrent sets the present run, after its start was recorded. It also forgets the history that
// the method runs has read, because the ledger now has this run.
func (o *ownership) setCurrent(run string) { o.current, o.history = run, nil }

// Made implements sides.Proof. A known ledger must prove the last step in the database. The step must name this server,
// database and run. If the ledger records the run's shadow, the shadow must be this database.
func (o *ownership) Made(ctx context.Context, d sides.Database) (string, error) {
	c, why, err := o.claim(ctx, d)
	if err != nil || why != "" {
		return why, err
	}
	if _, err := compareLedger(o.flow, c, o.ledger, o.trusted); err != nil {
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

// Replaced implements sides.Proof. A previous database names the run that replaced it, in its mark or in its own name.
// This run must be in the ledger. It must be published, or be the present run. Its record must say that it replaced
// this database. Records of earlier versions of masker do not name the replaced database. In this case, the database's
// provenance must prove that the preceding run made the database.
func (o *ownership) Replaced(ctx context.Context, d sides.Database) (string, error) {
	run, why, err := o.claimedRun(d)
	switch {
	case err != nil, why != "":
		return why, err
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

// replacedBefore proves a database for a run whose record does not name the database that it replaced.
func (o *ownership) replacedBefore(ctx context.Context, d sides.Database, run ledger.TargetRun) (string, error) {
	c, why, err := o.claim(ctx, d)
	if err != nil {
		return "its provenance cannot be read: " + Words(err), nil
	}
	if why != "" {
		return why, nil
	}
	step, why := o.lastStep(c, d)
	if why == "" && step.Run != run.Before {
		why = fmt.Sprintf("it was made by run %s, and run %s did not replace the database of that run", report.Clean(step.Run), d.Run)
	}
	return why, nil
}

// Abandoned implements sides.Proof. The run must be in the ledger and not published. The run's record must name this
// database as its shadow, and the time for which the flow keeps a failed shadow must be over. If the run died before it
// recorded its shadow, the ledger must have no end of the run, and the database must have no mark. Only an earlier
// version of masker marked a shadow that it had not recorded.
func (o *ownership) Abandoned(_ context.Context, d sides.Database) (string, error) {
	run, why, err := o.claimedRun(d)
	switch {
	case err != nil, why != "":
		return why, err
	case run.Published:
		return fmt.Sprintf("run %s was published", d.Run), nil
	case run.Shadow == d.OID && o.now().Before(run.KeptUntil):
		return fmt.Sprintf("run %s failed its verification, and the flow keeps this database until %s", d.Run, run.KeptUntil.UTC().Format(time.RFC3339)), nil
	case run.Shadow == d.OID:
		return "", nil
	case run.Shadow != 0:
		return otherDatabase(d, run.Shadow), nil
	case run.Ended:
		return fmt.Sprintf("run %s has ended, and dropped its shadow", d.Run), nil
	case d.Marked && run.Replaces != nil: // a run records its shadow before it marks the shadow, and this run recorded none
		return fmt.Sprintf("run %s died before it marked its shadow", d.Run), nil
	}
	return "", nil
}

// Template implements sides.Proof. The run's record must name this database as its template. If the run died before it
// recorded its template, the ledger must have no end of the run, and the database must have no mark.
func (o *ownership) Template(_ context.Context, d sides.Database) (string, error) {
	run, why, err := o.claimedRun(d)
	switch {
	case err != nil, why != "":
		return why, err
	case run.Template == d.OID:
		return "", nil
	case run.Template != 0:
		return otherDatabase(d, run.Template), nil
	case d.Marked, run.Ended: // a run records its template before it marks the template
		return fmt.Sprintf("run %s recorded no template", d.Run), nil
	}
	return "", nil
}

// claimedRun returns the run that a database claims to be from. If this ledger does not know the run, the result why
// says so.
func (o *ownership) claimedRun(d sides.Database) (run ledger.TargetRun, why string, err error) {
	past, err := o.runs(d)
	if err != nil {
		return run, "", err
	}
	run, known := past[d.Run]
	if !known {
		why = fmt.Sprintf("this ledger has no record of run %s on this target", report.Clean(d.Run))
	}
	return run, why, nil
}

func otherDatabase(d sides.Database, made uint32) string {
	return fmt.Sprintf("it is not the database that run %s made (OID %d, this one has %d): it is a copy, or was restored", d.Run, made, d.OID)
}

// claim returns the database's claim. If the claim does not count, the result why is the reason.
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

// lastStep returns the last step of a claim. A known key must prove the step, and the step must be for this target.
// Otherwise the result why says what is wrong.
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
	if step.Record.Movement == nil {
		return step, "its provenance says that it is a branch"
	}
	to := step.Record.Movement.Target
	if want := (ledger.Party{SystemID: d.SystemID, Database: d.Target}); to.Identity() != want.Identity() {
		return step, fmt.Sprintf("its provenance says that masker made database %s, and this target is %s", report.Clean(to.Identity()), want.Identity())
	}
	return step, ""
}

func (o *ownership) runs(d sides.Database) (map[string]ledger.TargetRun, error) {
	if o.history != nil || o.ledger == nil {
		return o.history, nil
	}
	past, err := ledger.History(o.dir, d.SystemID, d.Target)
	if err == nil {
		o.history = past
	}
	return past, err
}

// FailedProof is a Proof whose methods return the error. It is for a caller that looks at a target although the ledger
// cannot be opened.
type FailedProof struct{ Err error }

// Made implements sides.Proof.
func (f FailedProof) Made(context.Context, sides.Database) (string, error) { return "", f.Err }

// Replaced implements sides.Proof.
func (f FailedProof) Replaced(context.Context, sides.Database) (string, error) { return "", f.Err }

// Abandoned implements sides.Proof.
func (f FailedProof) Abandoned(context.Context, sides.Database) (string, error) { return "", f.Err }

// Template implements sides.Proof.
func (f FailedProof) Template(context.Context, sides.Database) (string, error) { return "", f.Err }
