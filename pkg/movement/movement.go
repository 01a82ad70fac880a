// Package movement runs one refresh. It connects to both sides, makes and publishes the shadow, and sends the
// notifications. Any Go program can call Run. Check reports whether Run would be refused, and changes neither side.
//
// The package accesses the source and the target through interfaces that it declares. It reads no configuration file,
// command line or environment variable. Before the start record of a refresh is in the ledger, no row is copied, and
// only one thing changes on the target's server: masker drops the databases that dead runs left behind. Only a look at
// values reads rows earlier, after a record of its own. After the start record, a run that fails cleans up and records
// its end. If it died, or does not know what the server did, the next run does this.
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
	"github.com/masker-project/masker/pkg/subset"
)

// Spec describes one refresh completely. Run looks up nothing else.
type Spec struct {
	Flow        guard.Flow
	Rules       *ruleset.Set       // nil for a flow that copies an already sanitized source
	RulesDigest string             // digest of the rule files and of the files that they name, "" without rules
	Policy      plan.Policy        // the settings of the configuration that decide what masker trusts
	Subset      *subset.Definition // the rows that are copied, or nil for all rows
	Approvals   Approvals
	Roles       map[string]string // source role → target role, for row policies

	From Origin
	To   Destination
	// Apart reports whether masker connects to both sides with the same credentials. The result privilege is the
	// privilege by which the target's role could read the source, or "" if the role could not read it.
	Apart func(ctx context.Context) (same bool, privilege string, err error)

	Ledger   Ledger
	Key      Key
	Programs external.Runner // starts the programs of the treatment command
	Verifier Verifier        // for flows that require verification. If it is nil, such a flow is refused
	Template bool            // make a template for branches
	// Expire drops the expired branches of the target, and what is left of branches that were never complete. It is called
	// after publishing. It returns the databases that it dropped, and a sentence for each expired branch that it could not
	// drop and for each database that is not proven to be a branch. If Expire is nil, no branch is dropped.
	Expire func(ctx context.Context) (dropped, left []string, err error)

	KeepFailed time.Duration    // how long a shadow that failed its verification is kept. 0 means that it is dropped at once
	Channels   []notify.Channel // the channels that get notifications
	Overridden []string         // settings of the configuration that environment variables replace or have a part in

	// Sample is about how many rows of each table are looked at, to find out whether kept columns hold personal data. 0
	// means that no row is looked at. Run and Check use it.
	Sample int

	Workers int   // number of sessions that read and load. 0 means one for each core
	MaxRow  int64 // longest row, in bytes. 0 means the limit of COPY

	Report *report.Reporter // gets the events of the run. May be nil
	// Note gets a note for the operator, with a code for programs. If it is nil, Report gets the note.
	Note func(code, text string)
	// Began is called with the time when the run began and the time when the flow was last published. May be nil.
	Began func(at, last time.Time)

	Actor   ledger.Actor
	Version string             // version of masker
	Binary  string             // SHA-256 of masker, in hex
	Now     func() time.Time   // nil means time.Now
	Fault   func(point string) // called at certain points, where tests kill the process. May be nil
}

// Ledger says where movements are recorded.
type Ledger struct {
	Dir     string
	Options ledger.Options
	Trusted []string    // public keys of other ledgers whose provenance counts
	Copy    escrow.Copy // the checkpoint copy, or nil
}

// Key is the key of the flow's treatments.
type Key struct {
	Ring    *keyring.Ring
	Name    string // name of the key in the configuration, "" for a key that is made for each run
	PerRun  bool
	Warning string // a warning about the place where the key is stored, or ""
}

// Origin is a source that is not open yet.
type Origin interface {
	// Identify returns the identity of the source's database. It is called before the target is opened.
	Identify(ctx context.Context) (sides.Identity, error)
	// Open takes the snapshot. If look is set, it takes no lock. The argument sessions is the number of sessions for
	// readers that are opened at once, so that no reader has to wait for a login later.
	Open(ctx context.Context, look bool, sessions int) (Source, error)
}

// Source is a consistent read of a database.
type Source interface {
	refresh.Snapshot
	Catalog() *catalog.Database
	Facts() sides.Snapshot
	PGDump() sides.Program
	Provenance(ctx context.Context) (provenance.Claim, error)
	Writes(ctx context.Context) ([]string, error) // examples of what the source's role could write
	Archive(ctx context.Context) (*archive.Archive, error)
	SequenceValues(ctx context.Context) ([]catalog.SequenceValue, error)
	Unchanged(ctx context.Context) error // returns an error if the schema has changed since the snapshot was taken
	Watch(ctx context.Context) error     // returns the reason why the run must end, or nil when ctx ends
	Close()
}

// Destination is a target that is not open yet.
type Destination interface {
	Open(ctx context.Context, o Opening) (Target, error)
	// Executes returns the entries of an archive that the target would execute on a shadow with these decisions. Each
	// entry has the SQL that the target executes. Executes opens no connection.
	Executes(a *archive.Archive, d sides.Decisions) ([]archive.Entry, error)
	// Claim returns what a database on the target's server says about its origin. The name "" means the target itself.
	Claim(ctx context.Context, database string) (provenance.Claim, error)
}

// Opening says how a target is opened.
type Opening struct {
	Look     bool // take no lock and write nothing
	Template bool // the run makes a template for branches
	Source   sides.Identity
	Proof    sides.Proof
	Workers  int
	Progress func(phase, object string)
	Note     func(text string) // gets a text that says whom the run waits for, as soon as the run waits
	Fault    func(point string)
}

// Target is a target that is open for one refresh.
type Target interface {
	Name() string
	SystemID() string
	Role() string
	Published() string // the run that is proven to have made the target, or ""
	Marked() bool      // the target's comment says that masker made it
	Replaces() uint32  // OID of the database that would be replaced, or 0 if there is none
	MaySignal() bool
	ReachesServer() bool // code that runs as the target's role may start programs on the server's machine, or use its files
	Check(ctx context.Context, source *catalog.Database, d sides.Decisions, roles map[string]string) error
	// Estimate says how much of its disk the target needs for tables and indexes of so many bytes. It returns an error
	// if the disk is known to be too small.
	Estimate(ctx context.Context, bytes int64) (disk string, err error)
	Recover(ctx context.Context) (sides.Cleared, error)
	Create(ctx context.Context, s sides.Shadow) (Shadow, error)
	Prune(ctx context.Context) (sides.Cleared, error)
	Watch(ctx context.Context) error
	Close()
}

// A TemplateTarget is a Target whose shadows can be copied into templates.
type TemplateTarget interface {
	Target
	// Templates returns the databases that are proven to be templates of the target.
	Templates(ctx context.Context) ([]sides.Database, sides.Cleared, error)
	// TemplateProblem says what is wrong with the template of the target, or "" if nothing is wrong.
	TemplateProblem(ctx context.Context) (string, error)
}

// A TemplateShadow is a Shadow that can be copied into a template for branches.
type TemplateShadow interface {
	Shadow
	// Template copies the shadow. If it fails, it drops what it made, and the shadow can still be published. If the
	// error is sides.ErrUnsure, the shadow must not be published, and the next run looks for the copy.
	Template(ctx context.Context) error
	// Templated returns the name that Publish gave to the template. If Publish could not name the template, it has
	// dropped the template, and the error says why.
	Templated() (name string, err error)
}

// Shadow is the new database that a refresh builds beside the target.
type Shadow interface {
	refresh.Shadow
	Name() string
	// Hooks runs the rules' hooks. It is called after Finish has returned.
	Hooks(ctx context.Context, hooks []sides.Hook) error
	// ReadAll runs read. Meanwhile row security hides no rows of the shadow from the target's role.
	ReadAll(ctx context.Context, read func() error) error
	// Provenance writes the shadow's provenance into it.
	Provenance(ctx context.Context, steps []provenance.Step) error
	// Publish replaces the target by the shadow. The shadow gets the target's owner, grants and settings. Publish does
	// all of this or nothing. If the error is sides.ErrUnknown, it is not known whether the target was replaced.
	Publish(ctx context.Context) error
	Discard(ctx context.Context) error
	// Keep leaves the shadow on the server. Afterwards only its owner has the right to connect to it.
	Keep(ctx context.Context) error
	Previous() string  // name of the previous database after Publish, or ""
	LeftOut() []string // objects that were left out by decision
	Notes() []string   // notes for the operator
}
