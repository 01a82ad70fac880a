// Package rewrite treats rows. It takes blocks of COPY rows and returns the same rows with treated cells. Compile makes
// a Row from a plan's decisions on one table, and the Row treats the table's rows. Kept cells are copied unchanged,
// with their separators or length words.
//
// The package works in memory and in the caller's goroutine. It opens no file and no connection, and starts no
// goroutine and no process. It allocates no memory for a row or a cell, but a few treatments do.
package rewrite

import (
	"github.com/masker-project/masker/pkg/transform"
)

// DefaultMaxRow is the default size limit of a row, in bytes. COPY itself cannot carry a larger row.
const DefaultMaxRow = 1 << 30

// Options are the inputs of Compile in addition to the layout.
type Options struct {
	Keys     transform.Keys
	Programs Programs // for the treatment command; if nil, a row with this treatment cannot be treated
	MaxRow   int      // size limit of a row in bytes, before and after treatment; 0 means DefaultMaxRow
	Watcher  Watcher  // nil for none
}

// Programs returns the running program of a command. Package refresh starts the programs.
type Programs interface {
	Program(c transform.Command) (Program, error)
}

// Program treats values of the treatment command.
type Program interface {
	// Treat returns one answer for each value of a column, in order. A nil answer means NULL.
	Treat(column string, values [][]byte) ([][]byte, error)
}
