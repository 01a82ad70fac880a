// Package sides is what a source and a target show of themselves, and what they are told to do, as plain data:
// whoever moves data and whoever drives a server speak of it in the same words.
//
// It opens nothing and decides nothing.
package sides

import (
	"errors"
	"time"
)

// Identity names one database of the world, as far as servers tell: a clone of a disk has its origin's system identifier.
type Identity struct{ SystemID, Database string }

// Snapshot is what is known of a consistent read of a source.
type Snapshot struct {
	SnapshotID  string
	LSN         string // position in the WAL; of the replay on a standby
	SystemID    string
	Database    string
	SessionUser string
	Standby     bool
	ClockOffset time.Duration // the server's clock less ours
}

// Program is a program's file, as it was when it was chosen.
type Program struct {
	Path   string
	SHA256 string // of the file, in hex
}

// RefusedError says that a source was not read because the role could not read it completely, or because something
// in it stands in masker's way.
type RefusedError struct{ text string }

// Refuse is a RefusedError with that text.
func Refuse(text string) *RefusedError { return &RefusedError{text} }

func (e *RefusedError) Error() string { return e.text }

var (
	// ErrBusy says that another refresh holds the target.
	ErrBusy = errors.New("another refresh holds the target; wait for it to end")
	// ErrRefused says that the target may not be replaced; the error around it says why and what to do.
	ErrRefused = errors.New("the target is refused")
	// ErrLockLost says that the session that holds the target has ended, and with it the right to publish.
	ErrLockLost = errors.New("the session that holds the target was lost; nothing was published, run again")
	// ErrUnsure says that a shadow may have been made although creating it failed. Its run must stay open in the ledger, so that
	// the next one looks for it.
	ErrUnsure = errors.New("whether it was made is not known; the next run looks, and drops it")
	// ErrUnverified says that verification found in the shadow what must not be there; the error around it says what.
	ErrUnverified = errors.New("verification failed, and nothing was published")
	// ErrUnknown says that the connection broke while publishing and the server cannot be asked what happened.
	ErrUnknown = errors.New("whether it was published is not known; the comment on the target database names the run that made it")
)
