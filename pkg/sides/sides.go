// Package sides describes sources and targets as plain data: the facts that they report, and the input that they get.
// The packages that drive servers and the packages that move data share these types.
//
// The package opens no file and no connection, and makes no decision.
package sides

import (
	"errors"
	"time"
)

// Identity names one database among all servers. It is not always unique, because a server that is made from a copy of
// another server's disk has the same system identifier.
type Identity struct{ SystemID, Database string }

// Snapshot describes a consistent read of a source.
type Snapshot struct {
	SnapshotID  string
	LSN         string // position in the write-ahead log (WAL); on a standby, the position of the replay
	SystemID    string
	Database    string
	SessionUser string
	Standby     bool
	ClockOffset time.Duration // the server's clock minus the clock of this machine
}

// Program is the file of a program, as it was when masker chose the program.
type Program struct {
	Path   string
	SHA256 string // digest of the file, in hex
}

// RefusedError says that masker refused to read a source. The role cannot read the source completely, the source has an
// object with the name of the provenance table that is not as masker made it, or pg_dump cannot write an object.
type RefusedError struct{ text string }

// Refuse returns a RefusedError with the text.
func Refuse(text string) *RefusedError { return &RefusedError{text} }

func (e *RefusedError) Error() string { return e.text }

var (
	// ErrBusy says that another refresh holds the target.
	ErrBusy = errors.New("another refresh holds the target; wait for it to end")
	// ErrRefused says that the target must not be replaced. The error that wraps it gives the reason, and says what to
	// do.
	ErrRefused = errors.New("the target is refused")
	// ErrLockLost says that the session that holds the target has ended. Without this session, the run must not
	// publish.
	ErrLockLost = errors.New("the session that holds the target was lost; nothing was published, run again")
	// ErrUnsure says that CREATE DATABASE for a shadow or a template failed but the database may exist. The run must
	// stay open in the ledger, so that the next run looks for the database.
	ErrUnsure = errors.New("it is not known whether the database was made; the next run looks for it and drops it")
	// ErrUnverified says that the verification of the shadow failed. The error that wraps it says what was found.
	ErrUnverified = errors.New("verification failed")
	// ErrUnknown says that the connection broke during publishing, and that the server does not answer whether the
	// shadow was published.
	ErrUnknown = errors.New("whether it was published is not known; the comment on the target database names the run that made it")
)
