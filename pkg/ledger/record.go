// Package ledger is the tamper-evident log of movements: which data went where, when, started by whom, under
// which rules and with which outcome. The log is a JSON Lines file that only grows. A record that was
// acknowledged survives a crash.
//
// The log never holds a row's value. A Record has only names, counts, digests and texts that masker wrote itself.
package ledger

import (
	"fmt"
	"time"
)

// Event says what a record is about.
type Event string

// The events.
const (
	EventStart          Event = "start"           // a run is about to read rows
	EventShadow         Event = "shadow"          // the run made its shadow
	EventFinish         Event = "finish"          // the run was published
	EventAbort          Event = "abort"           // the run ended without publishing
	EventRecoveredAbort Event = "recovered-abort" // the run died, and the next run on its target recorded its end
	EventRecovered      Event = "recovered"       // an incomplete end of this log was cut off
	EventReveal         Event = "reveal"          // values behind tokens are about to be revealed
	EventKeyRotated     Event = "key-rotated"     // a new key was made to replace another one
	EventLearned        Event = "learned"         // a run learned the distribution of columns, and spent privacy on it
	EventVerify         Event = "verify"          // a published target is about to be verified again
	EventVerified       Event = "verified"        // a shadow or a published target was verified, and passed or failed
	EventExplain        Event = "explain"         // rows of a source are about to be searched, to explain a subset
	EventPreview        Event = "preview"         // rows of a source are about to be read, to show what they become
	EventDiscover       Event = "discover"        // a sample of rows is about to be looked at, to find out what columns hold
	EventRollback       Event = "rollback"        // a previous database is about to be put back in place of a target
	EventRolledBack     Event = "rolled-back"     // the previous database was put back
	EventTemplate       Event = "template"        // a run made the template of its target, from which branches are made
	EventBranching      Event = "branching"       // a branch of a target is about to be made
	EventBranch         Event = "branch"          // the database of a branch was made. This record is a step of the branch's provenance
	EventBranchDrop     Event = "branch-drop"     // databases of branches are about to be dropped
	EventBranchDropped  Event = "branch-dropped"  // the databases of branches were dropped
	EventRetire         Event = "retire"          // a target and its copies are about to be dropped
	EventRetired        Event = "retired"         // the target and its copies were dropped
	EventFixture        Event = "fixture"         // rows of a sanitized database were chosen for a file, and the file is about to be written
	EventRefused        Event = "refused"         // policy refused a refresh
	EventApproved       Event = "approved"        // somebody signed an approval
	EventWeakened       Event = "weakened"        // the configuration waives more than at the last movement of its flow
	EventNotifyFailed   Event = "notify-failed"   // a notification did not arrive
	EventSealed         Event = "sealed"          // the last record of a finished file
)

// Record is one line of the log.
type Record struct {
	Seq      int64     `json:"seq"` // from 1, without gaps
	Time     time.Time `json:"time"`
	Event    Event     `json:"event"`
	Run      string    `json:"run,omitempty"`
	Movement *Movement `json:"movement,omitempty"` // with EventStart
	Shadow   *Database `json:"shadow,omitempty"`
	Template *Database `json:"template,omitempty"`
	Outcome  *Outcome  `json:"outcome,omitempty"` // with EventFinish, EventAbort and EventRecoveredAbort
	Cut      int64     `json:"cut,omitempty"`     // number of bytes that were cut off, with EventRecovered
	Reveal   *Reveal   `json:"reveal,omitempty"`
	Rotation *Rotation `json:"rotation,omitempty"`
	Learned  []Learned `json:"learned,omitempty"`

	Recheck      *Recheck      `json:"recheck,omitempty"`      // with EventVerify
	Verification *Verification `json:"verification,omitempty"` // with EventVerified

	Explained *Explained `json:"explained,omitempty"` // with EventExplain
	Previewed *Previewed `json:"previewed,omitempty"` // with EventPreview

	Discovered *Discovered `json:"discovered,omitempty"` // with EventDiscover

	Rollback   *Rollback   `json:"rollback,omitempty"`   // with EventRollback and EventRolledBack
	Branch     *Branch     `json:"branch,omitempty"`     // with EventBranching and EventBranch
	Retirement *Retirement `json:"retirement,omitempty"` // with EventRetire, EventRetired, EventBranchDrop and EventBranchDropped
	Fixture    *Fixture    `json:"fixture,omitempty"`    // with EventFixture

	Refusal     *Refusal     `json:"refusal,omitempty"`
	Approval    *Approval    `json:"approval,omitempty"`
	Weakening   *Weakening   `json:"weakening,omitempty"`
	Undelivered *Undelivered `json:"undelivered,omitempty"`
}

// Movement describes a run at its start, before it copies a row.
type Movement struct {
	Flow       string            `json:"flow"`
	Actor      Actor             `json:"actor"`
	Source     Party             `json:"source"`
	Target     Party             `json:"target"`
	SnapshotID string            `json:"snapshot_id,omitempty"`
	LSN        string            `json:"lsn,omitempty"`
	Replaces   *uint32           `json:"replaces,omitempty"` // OID of the database that had the target's name, or 0 if there was none. Nil in records of older versions
	Digests    Digests           `json:"digests"`
	KeyName    string            `json:"key_name,omitempty"` // name of the key in the configuration. "" if the run made its own key
	KeyID      string            `json:"key_id"`             // the key's fingerprint, never the key
	KeyPerRun  bool              `json:"key_per_run,omitempty"`
	Revision   int               `json:"revision,omitempty"`
	Author     string            `json:"author,omitempty"` // author of the rule set, from a signed statement
	Approvers  []Approver        `json:"approvers"`
	Required   int               `json:"required,omitempty"`   // number of approvals that the run needed
	Waivers    []string          `json:"waivers"`              // codes of what the configuration waives
	Findings   []Waived          `json:"findings,omitempty"`   // findings of the plan that somebody waived
	SourceRun  string            `json:"source_run,omitempty"` // the run that made the source, if the source is itself a sanitized copy
	Treatments []Column          `json:"treatments"`
	LeftOut    []LeftOut         `json:"left_out,omitempty"` // single objects that the rules leave out
	Subset     map[string]string `json:"subset,omitempty"`   // how the rows were selected, without keys and conditions. Nil if all rows were copied
	Programs   []Program         `json:"programs,omitempty"` // programs of the treatment command
	PGDump     Tool              `json:"pg_dump,omitzero"`
	Sampled    *Sampled          `json:"sampled,omitempty"`    // the look at values before the run. Nil if there was none
	Overridden []string          `json:"overridden,omitempty"` // names of the settings of masker.yaml that environment variables replace or have a part in, never the values
}

// Waived is a finding of a plan that somebody accepted until a day.
type Waived struct {
	Finding string `json:"finding"` // code of the finding
	On      string `json:"on"`      // schema.table.column or schema.table
	Owner   string `json:"owner"`
	Reason  string `json:"reason"`
	Until   string `json:"until"` // the last day, YYYY-MM-DD
}

// Waives returns a name for the finding that is waived. The name does not depend on the position of the waiver in a
// file.
func (w Waived) Waives() string { return w.Finding + " on " + w.On }

// String says what is waived, by whom, until when and why.
func (w Waived) String() string {
	return fmt.Sprintf("%s by %s until %s: %s", w.Waives(), w.Owner, w.Until, w.Reason)
}

// Tool is a program that masker itself starts.
type Tool struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Approver is a person who approved the plan of a movement.
type Approver struct {
	Principal   string    `json:"principal"`
	Fingerprint string    `json:"fingerprint"` // fingerprint of the key that signed
	At          time.Time `json:"at"`
}

// Actor is the person or pipeline that started masker.
type Actor struct {
	User string `json:"user"`         // user of the operating system
	CI   string `json:"ci,omitempty"` // the name that a pipeline gives itself, or ""
}

// Party is one side of a movement.
type Party struct {
	Environment string `json:"environment"`
	Kind        string `json:"kind"`
	SystemID    string `json:"system_id"`
	Database    string `json:"database"`
	Role        string `json:"role,omitempty"`
}

// Identity returns the database's identity: the server's system identifier and the database's name.
func (p Party) Identity() string { return p.SystemID + "/" + p.Database }

// Database is a database on the target's server. A database keeps its OID when it is renamed. A copy of it has another
// OID.
type Database struct {
	Name string `json:"name"`
	OID  uint32 `json:"oid"`
}

// Digests are the digests of what a run used.
type Digests struct {
	Rules   string `json:"rules,omitempty"`
	Schema  string `json:"schema,omitempty"`
	Plan    string `json:"plan"`
	Defined string `json:"definitions,omitempty"` // digest of all definitions that the target executes
	Signers string `json:"signers,omitempty"`     // digest of the files of allowed signers and revoked keys
	Binary  string `json:"binary,omitempty"`      // digest of masker's own file
}

// Column says what the values of one column became.
type Column struct {
	Table     string `json:"table"`
	Column    string `json:"column"`
	Treatment string `json:"treatment"`
	Discloses string `json:"discloses"`
}

// LeftOut is an object that the target did not get, by decision.
type LeftOut struct {
	Object string `json:"object"` // kind and name of the object. If the object protects rows, also that the target does not enforce it
	Reason string `json:"reason"`
}

// Program is one file of a program that the treatment command runs: the program itself, or a file that its rule names
// as an argument.
type Program struct {
	Run    string `json:"run"`    // as the rule names it, without arguments
	File   string `json:"file"`   // as the rule names it
	SHA256 string `json:"sha256"` // digest of the copy that runs
	Pinned bool   `json:"pinned"` // the rule gives this digest, so the approval covers the file
}

// Reveal records that somebody asked for the values behind tokens: who, of which column, how many and why.
// It holds neither a value nor a token.
type Reveal struct {
	Flow        string   `json:"flow"`
	Environment string   `json:"environment"` // the environment that the tokens belong to
	Column      string   `json:"column"`
	Count       int      `json:"count"`
	Reason      string   `json:"reason"`
	KeyIDs      []string `json:"key_ids"` // fingerprints of the keys
	Actor       Actor    `json:"actor"`
}

// Rotation records that a new key was made to replace another one.
type Rotation struct {
	Key   string `json:"key"`  // name of the key in the configuration
	From  string `json:"from"` // fingerprint of the old key
	To    string `json:"to"`   // fingerprint of the new key
	Actor Actor  `json:"actor"`
}

// Learned records that a run learned the distribution of one column, with noise. It holds only the distribution's
// digest.
type Learned struct {
	Table   string  `json:"table"`
	Column  string  `json:"column"`
	Epsilon float64 `json:"epsilon"`       // epsilon of this run; see the treatment sample
	Total   float64 `json:"epsilon_total"` // sum of the epsilons of all runs of this ledger on the source's column. Run.Learned sets it
	Digest  string  `json:"model_sha256"`
}

// Outcome describes a run at its end.
type Outcome struct {
	Published  bool     `json:"published"`
	Reason     string   `json:"reason,omitempty"`   // why the run was not published. Never a server's text
	Previous   string   `json:"previous,omitempty"` // name of the previous database
	Rows       int64    `json:"rows"`
	Tables     []Table  `json:"tables,omitempty"`
	Notes      []string `json:"notes,omitempty"` // for the operator: constraints that are NOT VALID, views that are unpopulated, …
	DurationMS int64    `json:"duration_ms,omitempty"`

	// KeptUntil is set if the verification failed and the shadow was kept. A run that starts after this time drops the
	// shadow.
	KeptUntil time.Time `json:"kept_until,omitzero"`
}

// Table says how many rows of one table were written.
type Table struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
	Of    int64  `json:"of,omitempty"` // about how many rows the table has in the source. 0 if all of them were selected
}
