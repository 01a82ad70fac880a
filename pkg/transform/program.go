package transform

import (
	"errors"
	"fmt"
	"time"
)

// Command is a program that treats values, with the settings that a rule gives it.
type Command struct {
	Run     []string      // the program and its arguments; no shell is involved
	Batch   int           // largest number of values in one request
	Timeout time.Duration // time limit for the answer to one request

	SHA256  map[string]string // digests of files that Run names, in hex
	MayRead []string          // further files and folders that the program may read
}

// Process returns a text that identifies a process. Two commands with the same text can use one process.
func (c Command) Process() string {
	return fmt.Sprintf("%q %q %q %s", c.Run, c.SHA256, c.MayRead, c.Timeout)
}

// Program is a running Command for one column. It belongs to one goroutine.
type Program interface {
	// Treat returns the program's answer for a value. out is valid until the next call. The error ErrPending means
	// that the Program only collected the value and expects the same call again.
	Treat(value []byte) (out []byte, null bool, err error)
}

// Programs is an interface that Keys can implement in addition. Such Keys can run programs. The Keys of package rewrite
// implement it. This package does no I/O and runs no program. If the Keys do not implement Programs, the treatment
// command compiles but returns an error for every value.
type Programs interface {
	Program(column string, c Command) Program
}

// ErrPending is the error of a Program while it collects a block's values. The caller discards the result of the
// Transform.
var ErrPending = errors.New("the value was collected and is not treated yet")
