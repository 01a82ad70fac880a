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
