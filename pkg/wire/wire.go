// Package wire knows PostgreSQL's COPY formats, text and binary: rows as cells,
// without allocation. It splits blocks into rows and rows into cells, and turns a
// cell into the text PostgreSQL would print under the pinned settings and back.
//
// It knows no tables and does no I/O. Every decoder here is fuzzed.
package wire

// Format is one of COPY's formats.
type Format uint8

// The formats.
const (
	Text Format = iota
	Binary
)

func (f Format) String() string {
	if f == Binary {
		return "binary"
	}
	return "text"
}

// Blocks pulls the rows of one extent.
type Blocks interface {
	// Next returns the next block of whole rows, without COPY binary's header and trailer, valid until
	// the following call; io.EOF after the last.
	Next() ([]byte, error)
}
