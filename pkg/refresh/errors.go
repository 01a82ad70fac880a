package refresh

import (
	"errors"
	"fmt"
	"path"
	"runtime"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// RowError says at which cell a refresh stopped, and why. It never holds a value.
type RowError struct {
	Table     catalog.Name
	Extent    int
	Row       int64  // within the extent, from 1
	Column    string // "" where the row as a whole is at fault
	Treatment string
	Err       error
}

func (e *RowError) Error() string {
	place := e.Table.String()
	if e.Column != "" {
		place += "." + catalog.Quote(e.Column)
	}
	text := fmt.Sprintf("%s: row %d of extent %d", place, e.Row, e.Extent)
	if e.Treatment != "" {
		text += ": " + e.Treatment
	}
	if code := e.Code(); code != "" {
		text += ": " + code
	}
	return text + ": " + e.Err.Error()
}

func (e *RowError) Unwrap() error { return e.Err }

// Code is the treatment's code for what went wrong, where it has one.
func (e *RowError) Code() string {
	var fault *transform.Error
	if errors.As(e.Err, &fault) {
		return fault.Code
	}
	return ""
}

// Error is a fixed sentence about a row.
type Error string

func (e Error) Error() string { return string(e) }

const (
	errNUL       Error = "the result holds a NUL byte, which no text of PostgreSQL can; report the treatment"
	errTooLarge  Error = "the row is larger than max_row; raise it, or skip the table or the column"
	errLength    Error = "the result is longer than a value can be"
	errSibling   Error = "the treatment asked for a column it had not declared; report the treatment"
	errShrunk    Error = "the treatment took back what was not its own; report the treatment"
	errNoProgram Error = "the plan asks a program, and nobody here runs programs"
	errAnswers   Error = "the program gave more or fewer answers than there were values"
)

// panicked names the place of a panic and not what was thrown, which may quote a value.
func panicked() error {
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	thrown := false
	for {
		f, more := frames.Next()
		if thrown && !strings.HasPrefix(f.Function, "runtime.") {
			return fmt.Errorf("panic in %s (%s:%d); this is a defect, report it", path.Base(f.Function), path.Base(f.File), f.Line)
		}
		thrown = thrown || f.Function == "runtime.gopanic"
		if !more {
			return Error("panic; this is a defect, report it")
		}
	}
}
