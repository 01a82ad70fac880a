package transform

import (
	"errors"
	"time"
)

// Command is a program that treats values, as a rule names it.
type Command struct {
	Run     []string      // the program and its arguments; no shell reads them
	Batch   int           // values of one request, at most
	Timeout time.Duration // for the answer to one request
	SHA256  string        // of the file Run[0] names, where the rule pins it
}

// Program is a running Command, for one column. It belongs to one goroutine.
type Program interface {
	// Treat gives what the program makes of a value; out is valid until the next call. ErrPending says
	// that the value was only noted, and will be asked for again.
	Treat(value []byte) (out []byte, null bool, err error)
}

// Programs is what Keys may also be where somebody runs programs; package rewrite is, as this
// one does no I/O. Without it command compiles, and treats nothing.
type Programs interface {
	Program(column string, c Command) Program
}

// ErrPending is a Program's answer while a block's values are collected. What a Transform gives then is to be thrown away.
var ErrPending = errors.New("the value is noted and not treated yet")
