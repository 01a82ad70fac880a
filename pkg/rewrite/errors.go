package rewrite

import (
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/transform"
)

// RowError says in which row and column treating stopped, and why. It never holds a value.
type RowError struct {
	Row       int64  // number of the row since Begin, from 1
	Column    string // "" if the error concerns the whole row
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

// Why returns the error's text without the row and the column.
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

// Code returns the treatment's code for the error, or "" if the error has no code.
func (e *RowError) Code() string {
	var fault *transform.Error
	if errors.As(e.Err, &fault) {
		return fault.Code
	}
	return ""
}

// Error is a fixed text about a row. It never holds a value.
type Error string

func (e Error) Error() string { return string(e) }

// The errors of a row that do not come from a treatment, and the errors that only a faulty treatment causes.
const (
	ErrTooLarge  Error = "the row is larger than max_row; raise it, or skip the table or the column"
	errNUL       Error = "the result holds a NUL byte, which PostgreSQL cannot store in a text; report the treatment"
	errLength    Error = "the result is longer than a value can be"
	errSibling   Error = "the treatment asked for a column that it has not declared; report the treatment"
	errShrunk    Error = "the treatment shortened the output buffer; report the treatment"
	errNoProgram Error = "the plan uses the treatment command, but no programs are available here"
	errAnswers   Error = "the program returned more or fewer answers than it received values"
)
