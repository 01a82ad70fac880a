package movement

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/sides"
)

// Kind is how a refresh ended.
type Kind string

// The kinds.
const (
	Published  Kind = "published"
	Failed     Kind = "failed"     // the target is as it was
	Invalid    Kind = "invalid"    // the rules or the configuration are wrong
	Refused    Kind = "refused"    // by policy; no row was read
	Unverified Kind = "unverified" // verification found what must not be there; the target is as it was
	Busy       Kind = "busy"       // another refresh holds the target
	Afterwards Kind = "afterwards" // published, but something after it failed; or whether it was published is not known
)

// Code is what a process that refreshed ends with, as the documentation lists it.
func (k Kind) Code() int {
	switch k {
	case Published:
		return 0
	case Invalid:
		return 2
	case Refused:
		return 3
	case Unverified:
		return 4
	case Busy:
		return 5
	case Afterwards:
		return 6
	}
	return 1
}

// Outcome is what became of a refresh.
type Outcome struct {
	Kind      Kind
	Run       string // its name in the ledger; "" where it did not begin
	Published bool
	Database  string         // that was published
	Summary   report.Summary // of a run that was published
}

// InvalidError says that rules or configuration are wrong.
type InvalidError struct{ err error }

func (e *InvalidError) Error() string { return e.err.Error() }
func (e *InvalidError) Unwrap() error { return e.err }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Errorf(format, args...)} }

// LateError says that something failed when the target was published already, or might be.
type LateError struct{ err error }

func (e *LateError) Error() string { return e.err.Error() }
func (e *LateError) Unwrap() error { return e.err }

// KindOf is the kind of outcome that an error of this package, or of those below it, makes.
func KindOf(err error) Kind {
	var late *LateError
	var wrong *InvalidError
	var unplanned *plan.Invalid
	var undecided *plan.Undecided
	var refused *guard.Refused
	var unreadable *sides.RefusedError
	switch {
	case err == nil:
		return Published
	case errors.As(err, &late):
		return Afterwards
	case errors.Is(err, sides.ErrBusy):
		return Busy
	case errors.Is(err, sides.ErrUnverified):
		return Unverified
	case errors.As(err, &refused), errors.Is(err, sides.ErrRefused), errors.As(err, &undecided), errors.As(err, &unreadable):
		return Refused
	case errors.As(err, &wrong), errors.As(err, &unplanned):
		return Invalid
	}
	return Failed
}

// Words are what a person reads of an error.
func Words(err error) string {
	var undecided *plan.Undecided
	switch {
	case errors.Is(err, context.Canceled):
		return "interrupted; " + err.Error()
	case errors.As(err, &undecided):
		return err.Error() + "\n\nThese lines decide all of it; look at every one before you run again:\n\n" + undecided.Snippet()
	}
	return err.Error()
}
