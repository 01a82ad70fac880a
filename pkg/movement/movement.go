// Package movement is one refresh, from connecting to telling everybody how it ended, as a recipe that any Go program
// can call: Run. Check asks whether it would run, and changes nothing.
//
// It knows its source and its target through the interfaces it declares, and no configuration file, command line or
// environment. Up to the start record in the ledger no row is read and nothing is written; from there on, whatever fails
// is cleaned up and recorded.
package movement

import (
	"context"
	"time"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/escrow"
	"github.com/masker-project/masker/pkg/external"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/provenance"
	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/sides"
)

// Spec is one refresh, resolved: nothing of it is looked up any more.
type Spec struct {
	Flow        guard.Flow
	Rules       *ruleset.Set // nil where the flow carries on what is sanitized already
	RulesDigest string       // of every rule file, byte for byte; "" without rules
	Approvals   Approvals
	Roles       map[string]string // source role → target role, for row policies

	From Origin
	To   Destination
	// Apart says whether the two sides are reached with the same credentials, and by what right the target's role could
	// read the source; "" where it cannot.
	Apart func(ctx context.Context) (same bool, reads string, err error)

	Ledger     Ledger
	Key        Key
	Programs   external.Runner  // of the treatment command
	Verifier   Verifier         // of flows that verify; nil: such a flow is refused
	Channels   []notify.Channel // who is told
	Overridden []string         // keys of the configuration that the environment moved

	Workers int   // sessions that read and load; 0: one per core
	MaxRow  int64 // longest row, in bytes; 0: what COPY itself can

	Report *report.Reporter // told what happens; nil for nobody
	// Note is told what an operator should know, with a code for machines; nil: Report is.
	Note func(code, text string)
	// Began is told when the run began and when the flow was last published; nil for nobody.
	Began func(at, last time.Time)

	Actor   ledger.Actor
	Version string             // of the program
	Binary  string             // SHA-256 of the program, in hex
	Now     func() time.Time   // nil: time.Now
	Fault   func(point string) // reached points, for tests that kill the process there; nil for none
}

// Ledger is where movements are recorded.
type Ledger struct {
	Dir     string
	Options ledger.Options
	Trusted []string    // public keys of other ledgers whose provenance counts
	Copy    escrow.Copy // where every checkpoint is copied to; nil for nowhere
}

// Key is what the flow's treatments are keyed with.
type Key struct {
	Ring    *keyring.Ring
	Name    string // in the configuration; "" of a key per run
	PerRun  bool
	Warning string // about where it is kept
}

// Origin is a source that has not been opened yet.
type Origin interface {
	// Identify asks which database it is, before anything is asked of the target.
	Identify(ctx context.Context) (sides.Identity, error)
	// Open takes the snapshot. With look it takes no lock and is asked what a refresh would meet; sessions are those
	// that will read at once.
	Open(ctx context.Context, look bool, sessions int) (Source, error)
}

// Source is a consistent read of a database.
type Source interface {
	refresh.Snapshot
	Catalog() *catalog.Database
	Facts() sides.Snapshot
	PGDump() sides.Program
	Provenance(ctx context.Context) (provenance.Claim, error)
	Writes(ctx context.Context) ([]string, error) // what its role could write, as examples
	Archive(ctx context.Context) (*archive.Archive, error)
	SequenceValues(ctx context.Context) ([]catalog.SequenceValue, error)
	Unchanged(ctx context.Context) error // an error where the schema is not the snapshot's any more
	Watch(ctx context.Context) error     // why it has to be given up; nil when ctx ends
	Close()
}

// Destination is a target that has not been opened yet.
type Destination interface {
	Open(ctx context.Context, o Opening) (Target, error)
	// Claim is what a database of the target's server says of where it comes from; "" for the target itself.
	Claim(ctx context.Context, database string) (provenance.Claim, error)
}

// Opening says how a target is opened.
type Opening struct {
	Look     bool // it takes no lock and writes nothing
	Source   sides.Identity
	Proof    sides.Proof
	Workers  int
	Progress func(phase, object string)
	Fault    func(point string)
}

// Target is a target that one refresh holds.
type Target interface {
	Name() string
	SystemID() string
	Role() string
	Published() string // the run that is proven to have made it as it is; "" where none is
	Marked() bool      // its comment claims that masker made it
	Replaces() uint32  // OID of the database that would be replaced; 0 for none
	MaySignal() bool
	Check(ctx context.Context, source *catalog.Database, d sides.Decisions, roles map[string]string) error
	Estimate(ctx context.Context, source *catalog.Database) (disk string, err error)
	Recover(ctx context.Context) (sides.Cleared, error)
	Create(ctx context.Context, s sides.Shadow) (Shadow, error)
	Prune(ctx context.Context) (sides.Cleared, error)
	Watch(ctx context.Context) error
	Close()
}

// Shadow is the new database that is built beside the old one.
type Shadow interface {
	refresh.Shadow
	Name() string
	// Hooks runs the rules' hooks, once Finish has returned.
	Hooks(ctx context.Context, hooks []sides.Hook) error
	// Provenance puts into the shadow where it comes from.
	Provenance(ctx context.Context, steps []provenance.Step) error
	// Publish puts the shadow in the target's place, with the owner, the grants and the settings that the target has.
	// All of it happens or none, unless the error is sides.ErrUnknown.
	Publish(ctx context.Context) error
	Discard(ctx context.Context) error
	Previous() string  // the name that the replaced database has after Publish
	LeftOut() []string // objects that were left out by decision
	Notes() []string   // for the operator
}

// Verifier reads a finished shadow again, after the hooks have run and before it is published. It judges, and changes
// nothing.
type Verifier interface {
	// Verify returns an error around sides.ErrUnverified where the shadow holds what must not be there. It quotes no
	// value. Any other error says that the shadow could not be read. Neither is published.
	Verify(ctx context.Context, s Shadow, p *plan.Plan) error
}
