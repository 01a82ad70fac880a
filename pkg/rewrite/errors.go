package rewrite

import (
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// RowError says at which row and cell treating stopped, and why. It never holds a value.
type RowError struct {
	Row       int64  // from 1, since Begin
	Column    string // "" where the row as a whole is at fault
	Treatment string
	Err       error
}

func (e *RowError) Error() string {
	text := fmt.Sprintf("row %d", e.Row)
	if e.Column != "" {
		text = catalog.Quote(e.Column) + ": " + text
	}
	return text + ": " + e.Why()
}

// Why is the error without its place.
func (e *RowError) Why() string {
	text := e.Err.Error()
	if code := e.Code(); code != "" {
		text = code + ": " + text
	}
	if e.Treatment != "" {
		text = e.Treatment + ": " + text
	}
	return text
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

// The errors of a row that no treatment is to blame for, or that a sound one never causes.
const (
	ErrTooLarge  Error = "the row is larger than max_row; raise it, or skip the table or the column"
	errNUL       Error = "the result holds a NUL byte, which no text of PostgreSQL can; report the treatment"
	errLength    Error = "the result is longer than a value can be"
	errSibling   Error = "the treatment asked for a column it had not declared; report the treatment"
	errShrunk    Error = "the treatment took back what was not its own; report the treatment"
	errNoProgram Error = "the plan asks a program, and nobody here runs programs"
	errAnswers   Error = "the program gave more or fewer answers than there were values"
)
