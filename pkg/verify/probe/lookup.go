package probe

import (
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/verify"
)

// Lookup holds the values that are looked for. The function In makes a Lookup of a verify.Set.
type Lookup interface {
	// Prober returns a Prober for one goroutine.
	Prober() Prober
}

// Prober looks up values, row by row. It belongs to one goroutine.
type Prober interface {
	Target(p verify.Place) Target
	Sum(table catalog.Name) Sum
	// Found reports whether a value of the current row was found.
	Found() bool
	// MayFind reports whether a value of the current row was found, or may be found later. Row then needs the key.
	MayFind() bool
	// Row ends a row. The argument key identifies the row, or is nil if a report must not show it.
	Row(key []byte)
	Close()
}

// Target looks up the values of one place. The slices that its methods get are valid during the call only.
type Target interface {
	Controlled() bool              // reports whether a value that must be in the place was not found yet, see verify.Control. Then every value has to be looked up
	Has(text []byte) bool          // reports whether Text would find something. It adds to the count of numbers, but to no other count
	Cell(value []byte)             // looks up a whole value
	Text(text []byte)              // looks up a text, and the words in it
	Part(piece []byte, last bool)  // looks up a text that comes in pieces
	Bytes(piece []byte, last bool) // looks up bytes, and the texts in them
	Skip(why verify.Reason)        // counts a value that is not looked up
	Short()                        // counts a number that is too short to be looked up
}

// Sum adds up the kept cells of one table.
type Sum interface {
	Kept(run []byte)
	Row()
	Skip() // ends a row whose kept cells are too long to be compared
}
