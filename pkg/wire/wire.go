// Package wire reads and writes PostgreSQL's COPY formats, text and binary, without allocation. It splits blocks into
// rows and rows into cells. It turns a cell into the text that PostgreSQL would print with the settings that Codec
// lists. It also turns such a text into a cell.
//
// The package knows nothing about tables and does no I/O. Every decoder is fuzzed.
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

// Blocks delivers the rows of one extent.
type Blocks interface {
	// Next returns the next block of whole rows, without the header and trailer of COPY binary.
	// The block is valid until the following call. After the last block, Next returns io.EOF.
	Next() ([]byte, error)
}
