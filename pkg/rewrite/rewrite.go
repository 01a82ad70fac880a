// Package rewrite treats rows: blocks of COPY rows in, the same rows with their
// treated cells out. A Row is compiled from a plan's decisions on one table; kept
// cells are copied as they are, framing included.
//
// It works in memory and in the caller's goroutine: it opens no file and no
// connection, and starts no goroutine and no process. Per row and cell it allocates
// nothing.
package rewrite

import (
	"github.com/masker-project/masker/pkg/transform"
)

// DefaultMaxRow is the largest row that is treated unless told otherwise: what COPY itself can carry.
const DefaultMaxRow = 1 << 30

// Options are what a Row needs besides its layout.
type Options struct {
	Keys     transform.Keys
	Programs Programs // for the treatment command; nil: such a row cannot be treated
	MaxRow   int      // bytes of a row, before and after; 0: DefaultMaxRow
	Observer Observer // nil: nobody watches
}

// Observer sees every treated cell. Its methods are called in the goroutine that treats the rows.
type Observer interface {
	// Cell is called for each treated cell, with the index of its column in Layout.Columns. before and
	// after are the values as PostgreSQL prints them. They are valid during the call only.
	Cell(column int, before, after transform.Cell)
}

// Programs gives the running program of a command. Package refresh starts them.
type Programs interface {
	Program(c transform.Command) (Program, error)
}

// Program treats values of the treatment command.
type Program interface {
	// Treat gives an answer for each value of a column, nil for NULL.
	Treat(column string, values [][]byte) ([][]byte, error)
}
