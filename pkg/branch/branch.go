// Package branch makes, lists and drops branches: copies of a published target, each with an owner, a purpose and an
// expiry. A branch has a signed step of its own in its provenance. So it is as trusted as its target.
//
// The package accesses the server through an interface that it declares. It never takes the lock of the target, because
// a refresh may be running.
package branch

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/provenance"
)

// Spec describes the target whose branches a call is about.
type Spec struct {
	Environment guard.Environment
	Connect     func(ctx context.Context) (Server, error)
	Ledger      Ledger
	Actor       ledger.Actor
	Note        func(text string) // gets notes for the operator. May be nil
	Now         func() time.Time
	Fault       func(point string) // called at certain points, where tests kill the process. May be nil
}

// Ledger says where branches are recorded.
type Ledger struct {
	Dir     string
	Options ledger.Options
	Trusted []string // public keys of other ledgers whose provenance counts
}

// Server is the server of a target. The methods that change a database check its name and its OID, because another
// database can have the name by now.
type Server interface {
	SystemID() string
	Role() string
	Target() string // name of the target
	// Databases lists the databases of the server.
	Databases(ctx context.Context) ([]Database, error)
	// Claim returns what a database says about its origin.
	Claim(ctx context.Context, database string) (provenance.Claim, error)
	// Clock returns the time of the server's clock.
	Clock(ctx context.Context) (time.Time, error)
	// Hold reserves the name of a branch until the server is closed. It returns false if another process holds the
	// name.
	Hold(ctx context.Context, name string) (bool, error)
	// Sessions describes the sessions or else the prepared transactions in a database, or returns "" if there are none.
	Sessions(ctx context.Context, d Database) (string, error)
	// Copy makes a closed copy of a database, and returns its OID and its size. It returns ErrChanged if, before or
	// after the copying, the name belongs to another database. No copy stays then.
	Copy(ctx context.Context, from Database, name string) (Database, error)
	// Enter takes all rights on a copy from PUBLIC, marks the copy, and then allows connections.
	Enter(ctx context.Context, d Database, m provenance.Mark) error
	// AddStep adds a step to the provenance of a database. The function next gets what the database says about its
	// origin, and returns the step. AddStep returns the error of next unchanged.
	AddStep(ctx context.Context, d Database, next func(provenance.Claim) (provenance.Step, error)) error
	// Publish gives a copy its final name, its mark, and the comment, owner, grants and settings of the target. In the
	// same transaction, it ends the sessions in p.Old and takes the name from it, unless p.Old is nil. It returns a
	// note for each grant and setting that the copy could not get. It returns ErrChanged if the target was dropped.
	Publish(ctx context.Context, p Publishing) (notes []string, err error)
	// Drop drops a database, and ends the sessions in it. It does nothing if the database is already gone.
	Drop(ctx context.Context, d Database) error
	Close()
}

// Publishing describes how a copy becomes a branch.
type Publishing struct {
	Copy Database
	Name string
	Mark provenance.Mark
	Like Database // the target, whose properties the branch gets

	Old     *Database       // the branch that has the name, or nil
	OldName string          // the name that the old branch gets
	OldMark provenance.Mark // the mark that the old branch gets
}

// ErrChanged says that a database was replaced or dropped while a branch was made from it.
var ErrChanged = errors.New("the database was replaced while it was copied")

// Database is a database on the target's server.
type Database struct {
	Name   string
	OID    uint32
	Mark   *provenance.Mark // nil if its comment has no mark
	Bytes  int64            // for branches and copies, the size on the disk, or 0 if the role may not see it
	Closed bool             // it takes no connections
	Mine   bool             // it belongs to the role of the session
}

// Branch is a database whose mark says that it is a branch of the target, or that the ledger knows as such a branch.
type Branch struct {
	Name    string    `json:"name"`
	Target  string    `json:"target"`
	Run     string    `json:"run,omitempty"` // the run that made its rows
	Owner   string    `json:"owner,omitempty"`
	Purpose string    `json:"purpose,omitempty"`
	Made    time.Time `json:"made,omitzero"`
	Expires time.Time `json:"expires,omitzero"`
	Bytes   int64     `json:"bytes"`
	Trusted bool      `json:"trusted"`
	Why     string    `json:"why,omitempty"` // why it is not trusted. Then the fields from Run to Expires are empty

	database Database
	id       string        // identifier of the branch in the ledger
	record   ledger.Branch // what was recorded about it
}

// Expired reports whether the branch has expired. It returns false for a branch that is not trusted.
func (b Branch) Expired(now time.Time) bool {
	return b.Trusted && !b.Expires.IsZero() && !now.Before(b.Expires)
}

// judge returns the branch that a database claims to be. The branch is trusted if its mark, its signed step, its name
// and its OID agree.
func judge(d Database, claim provenance.Claim, keys []string) Branch {
	b := Branch{Name: d.Name, Target: d.Mark.Target, Bytes: d.Bytes, database: d}
	if claim.OID != d.OID {
		b.Why = "another database has its name by now"
		return b
	}
	origin := provenance.Judge(claim, keys)
	if !origin.Verified {
		b.Why = origin.Why
		return b
	}
	last := origin.Steps[len(origin.Steps)-1]
	if last.Record.Branch == nil {
		b.Why = "its provenance is not of a branch"
		return b
	}
	b.Trusted, b.id, b.record = true, last.Run, *last.Record.Branch
	b.Run, b.Owner, b.Purpose, b.Expires, b.Made = b.record.Run, b.record.Owner, b.record.Purpose, b.record.Expires, last.Record.Time
	return b
}

// CheckName refuses a name that a branch cannot have.
func CheckName(name string) error {
	const longest = 63 // in PostgreSQL (NAMEDATALEN - 1)
	switch {
	case name == "":
		return errors.New("the branch needs a name")
	case len(name) > longest:
		return fmt.Errorf("the name of the branch has %d bytes, and PostgreSQL allows %d; choose a shorter name", len(name), longest)
	case strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") != "" || strings.HasPrefix(name, "-"):
		return errors.New("the name of a branch may have lower-case letters, digits, _ and -, and does not begin with -; it becomes the name of a database")
	}
	return nil
}

// builtName returns the name that a branch's database has before it is complete. The database gets
// this name again when another database takes over the name of the branch.
func builtName(name, id string) string {
	const infix, longest = "_branching_", 63
	return name[:min(len(name), longest-len(infix)-len(id))] + infix + id // CheckName allows ASCII only
}

// checkText refuses a text that is too long for the ledger, or that has control characters.
func checkText(what, text string) error {
	const longest = 200
	if len(text) > longest || strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("%s: want one line of at most %d bytes", what, longest)
	}
	return nil
}

// ParseExpiry reads how long a branch is needed: a number with h, d or w, or "never". It returns 0 for "never".
func ParseExpiry(text string) (time.Duration, error) {
	if text == "never" {
		return 0, nil
	}
	lasts, err := guard.ParseLasts(text)
	if err != nil || lasts == 0 {
		return 0, fmt.Errorf("%q: want how long the branch is needed, such as 12h, 7d or 4w, or never", text)
	}
	return lasts, nil
}
