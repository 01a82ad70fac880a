package main

import (
	"errors"
	"fmt"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/approval/approvalfile"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/reveal"
)

// The exit codes that the verbs themselves give. exitHelp lists all exit codes.
const (
	exitDone      = 0
	exitFailed    = 1
	exitUsage     = 2
	exitRefused   = 3
	exitBusy      = 5
	exitAfterward = 6
)

const exitHelp = `Exit codes:
  0  done
  1  failed; the target is untouched
  2  bad usage, configuration or rules
  3  refused by policy; no row was read, except for a look at values
  4  verification failed; not published
  5  another refresh holds the target
  6  published, but something after it failed`

// coded is an error with an exit code.
type coded struct {
	code int
	err  error
}

func (c *coded) Error() string { return c.err.Error() }
func (c *coded) Unwrap() error { return c.err }

// usage returns an error about the command line, the configuration or the rules.
func usage(format string, args ...any) error {
	return &coded{exitUsage, fmt.Errorf(format, args...)}
}

// exitCode returns the exit code for an error of a verb.
func exitCode(err error) int {
	var c *coded
	var wrong *settings.Error
	var unclear *reveal.InvalidError
	var refused *approvalfile.RefusedError
	switch {
	case errors.As(err, &c):
		return c.code
	case errors.As(err, &wrong), errors.As(err, &unclear):
		return exitUsage
	case errors.As(err, &refused):
		return exitRefused
	}
	return movement.KindOf(err).Code()
}

// kindOf returns the kind of outcome that belongs to an error's exit code. Any code without a kind of its own belongs
// to Failed.
func kindOf(err error) movement.Kind {
	for _, k := range []movement.Kind{movement.Published, movement.Invalid, movement.Refused, movement.Unverified, movement.Busy, movement.Afterwards} {
		if k.Code() == exitCode(err) {
			return k
		}
	}
	return movement.Failed
}
