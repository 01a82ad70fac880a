// Package ledger is the log of movements: which data went where, when, by whom,
// under which rules and with what outcome. It is a JSON Lines file that only grows;
// a record that was acknowledged survives a crash.
//
// It never holds a row's value: a Record has room for names, counts, digests and
// our own words only.
package ledger

import "time"

// Event says what a record is about.
type Event string

// The events.
const (
	EventStart          Event = "start"           // a refresh is about to read
	EventShadow         Event = "shadow"          // it made the database that it fills
	EventFinish         Event = "finish"          // it was published
	EventAbort          Event = "abort"           // it ended without publishing
	EventRecoveredAbort Event = "recovered-abort" // it died; the next run on its target closed it
	EventRecovered      Event = "recovered"       // a torn tail was cut off this log
	EventReveal         Event = "reveal"          // values behind tokens are about to be shown to somebody
	EventKeyRotated     Event = "key-rotated"     // a key was made to follow another
	EventLearned        Event = "learned"         // a run learned how columns' values are spread, and spent privacy on it
	EventRefused        Event = "refused"         // a refresh was asked for and the policy said no
	EventApproved       Event = "approved"        // somebody put a signature under a rule set
	EventWeakened       Event = "weakened"        // the configuration allows more than at the last movement of its flow
	EventNotifyFailed   Event = "notify-failed"   // somebody who should have been told was not
	EventSealed         Event = "sealed"          // the last record of a file that is finished
)

// Record is one line of the log.
type Record struct {
	Seq      int64     `json:"seq"` // from 1, without gaps
	Time     time.Time `json:"time"`
	Event    Event     `json:"event"`
	Run      string    `json:"run,omitempty"`
	Movement *Movement `json:"movement,omitempty"` // of a start
	Shadow   *Database `json:"shadow,omitempty"`
	Outcome  *Outcome  `json:"outcome,omitempty"` // of an end
	Cut      int64     `json:"cut,omitempty"`     // bytes a recovered event cut off
	Reveal   *Reveal   `json:"reveal,omitempty"`
	Rotation *Rotation `json:"rotation,omitempty"`
	Learned  []Learned `json:"learned,omitempty"`

	Refusal     *Refusal     `json:"refusal,omitempty"`
	Approval    *Approval    `json:"approval,omitempty"`
	Weakening   *Weakening   `json:"weakening,omitempty"`
	Undelivered *Undelivered `json:"undelivered,omitempty"`
}

// Movement is what is known when a refresh starts, before it reads a row.
type Movement struct {
	Flow       string     `json:"flow"`
	Actor      Actor      `json:"actor"`
	Source     Party      `json:"source"`
	Target     Party      `json:"target"`
	SnapshotID string     `json:"snapshot_id,omitempty"`
	LSN        string     `json:"lsn,omitempty"`
	Replaces   *uint32    `json:"replaces,omitempty"` // OID of the database found under the target's name, 0 where there was none; nil before this was recorded
	Digests    Digests    `json:"digests"`
	KeyName    string     `json:"key_name,omitempty"` // in the configuration; none where the run made its own
	KeyID      string     `json:"key_id"`             // a fingerprint, never the key
	KeyPerRun  bool       `json:"key_per_run,omitempty"`
	Revision   int        `json:"revision,omitempty"`
	Author     string     `json:"author,omitempty"` // of the rule set, as a signed statement names them
	Approvers  []Approver `json:"approvers"`
	Waivers    []string   `json:"waivers"`              // codes of what the configuration waives
	SourceRun  string     `json:"source_run,omitempty"` // that made the source, where it is itself a sanitized copy
	Treatments []Column   `json:"treatments"`
	Programs   []Program  `json:"programs,omitempty"` // that treat values
	PGDump     Tool       `json:"pg_dump,omitzero"`
	Overridden []string   `json:"overridden,omitempty"` // keys of the configuration that the process's environment moved; never the values
}

// Tool is a program that masker itself uses.
type Tool struct {
	Path   string `json:"path"`
	SHA256 string `json:"sha256"`
}

// Approver is somebody whose approval a movement rests on.
type Approver struct {
	Principal   string    `json:"principal"`
	Fingerprint string    `json:"fingerprint"` // of the key that signed
	At          time.Time `json:"at"`
}

// Actor is who started the run.
type Actor struct {
	User string `json:"user"`         // of the operating system
	CI   string `json:"ci,omitempty"` // the pipeline's own name for itself, where there is one
}

// Party is one side of a movement.
type Party struct {
	Environment string `json:"environment"`
	Kind        string `json:"kind"`
	SystemID    string `json:"system_id"`
	Database    string `json:"database"`
	Role        string `json:"role,omitempty"`
}

// Identity names the database by its server and its name.
func (p Party) Identity() string { return p.SystemID + "/" + p.Database }

// Database is one of the target's server. Its OID stays through a rename, and no copy has it.
type Database struct {
	Name string `json:"name"`
	OID  uint32 `json:"oid"`
}

// Digests pin what ran.
type Digests struct {
	Rules   string `json:"rules,omitempty"`
	Schema  string `json:"schema,omitempty"`
	Plan    string `json:"plan"`
	Signers string `json:"signers,omitempty"` // of the file of who may approve, and of the revoked keys
	Binary  string `json:"binary,omitempty"`
}

// Column is what one column's values became.
type Column struct {
	Table     string `json:"table"`
	Column    string `json:"column"`
	Treatment string `json:"treatment"`
	Discloses string `json:"discloses"`
}

// Program is a program of the user's that treats values.
type Program struct {
	Run    string `json:"run"`    // as the rule names it, without its arguments
	SHA256 string `json:"sha256"` // of its file when the run began
	Pinned bool   `json:"pinned"` // the rule names this digest, so that its approval covers the program
}

// Reveal is that somebody asked for values behind tokens: who, of which column, how many and why.
// It holds neither a value nor a token.
type Reveal struct {
	Flow        string   `json:"flow"`
	Environment string   `json:"environment"` // whose tokens they are
	Column      string   `json:"column"`
	Count       int      `json:"count"`
	Reason      string   `json:"reason"`
	KeyIDs      []string `json:"key_ids"` // fingerprints
	Actor       Actor    `json:"actor"`
}

// Rotation is that a key was made to follow another.
type Rotation struct {
	Key   string `json:"key"`  // in the configuration
	From  string `json:"from"` // fingerprints
	To    string `json:"to"`
	Actor Actor  `json:"actor"`
}

// Learned is what a run learned of one column: a distribution with noise, of which only the digest stands here.
type Learned struct {
	Table   string  `json:"table"`
	Column  string  `json:"column"`
	Epsilon float64 `json:"epsilon"`       // what this run spent
	Total   float64 `json:"epsilon_total"` // what all runs of this ledger spent on the column of this source; Run.Learned sets it
	Digest  string  `json:"model_sha256"`
}

// Outcome is what is known when a run ends.
type Outcome struct {
	Published  bool    `json:"published"`
	Reason     string  `json:"reason,omitempty"`   // of an abort: our own words, never a server's
	Previous   string  `json:"previous,omitempty"` // database the former content is kept in
	Rows       int64   `json:"rows"`
	Tables     []Table `json:"tables,omitempty"`
	DurationMS int64   `json:"duration_ms,omitempty"`
}

// Table is how many rows of one table moved.
type Table struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}
