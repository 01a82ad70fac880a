package transform

import (
	"errors"
	"time"
)

// Command names a program that treats values, as a rule states it.
type Command struct {
	Run     []string      // the program and its arguments; no shell is involved
	Batch   int           // largest number of values in one request
	Timeout time.Duration // time limit for the answer to one request
	SHA256  string        // digest of the file Run[0]; "" where the rule pins none
}

// Program is a running Command for one column. It belongs to one goroutine.
type Program interface {
	// Treat returns the program's answer for a value. out is valid until the next call. The error ErrPending means
	// that the Program only collected the value and expects the same call again.
	Treat(value []byte) (out []byte, null bool, err error)
}

// Programs is implemented by Keys that can run programs, as in package rewrite. This package does no I/O and runs none.
// With Keys that do not implement Programs, the treatment command compiles but treats no value.
type Programs interface {
	Program(column string, c Command) Program
}

// ErrPending is the error of a Program while it collects a block's values. The caller discards the result of the Transform.
var ErrPending = errors.New("the value was collected and is not treated yet")
