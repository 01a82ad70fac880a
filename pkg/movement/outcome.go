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

// Kind says how a refresh ended.
type Kind string

// The kinds of outcome. The target can have changed only if the kind is Published or Afterwards.
const (
	Published  Kind = "published"
	Failed     Kind = "failed"     // something went wrong
	Invalid    Kind = "invalid"    // the rules or the configuration are wrong
	Refused    Kind = "refused"    // the guard or a check refused the refresh, and no row was copied
	Unverified Kind = "unverified" // verification found values that must not be in the shadow
	Busy       Kind = "busy"       // another refresh holds the target
	Afterwards Kind = "afterwards" // something failed after publishing, or it is not known whether the target was published
)

// Code returns the exit code of a process for this kind.
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

// Outcome is the outcome of a refresh.
type Outcome struct {
	Kind      Kind
	Run       string // identifier of the run in the ledger, "" if the run did not begin
	Published bool
	Database  string         // name of the target, if it was published
	Summary   report.Summary // set if the target was published
}

// InvalidError is the error for wrong rules or a wrong configuration.
type InvalidError struct{ err error }

func (e *InvalidError) Error() string { return e.err.Error() }
func (e *InvalidError) Unwrap() error { return e.err }

func invalid(format string, args ...any) error { return &InvalidError{fmt.Errorf(format, args...)} }

// LateError is the error for a failure after the target was published, or may have been published.
type LateError struct{ err error }

func (e *LateError) Error() string { return e.err.Error() }
func (e *LateError) Unwrap() error { return e.err }

// KindOf returns the kind of outcome for an error of this package or of the packages that it uses.
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

// Words returns the text of an error for people. For undecided columns, it adds the lines that the user can paste into
// the rules.
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
