package verify

import "github.com/masker-project/masker/pkg/catalog"

// Set holds the fingerprints that are looked for. It does not change, except that probers add what they found.
type Set struct{}

// Prober returns a prober for one goroutine.
func (s *Set) Prober() *Prober { return &Prober{} }

// Prober looks up values of the shadow, row by row.
type Prober struct{}

// Target returns what looks up the values of one place of the shadow. Calling it again with the same place is cheap enough for
// each path of a document, but not for each cell of a column.
func (p *Prober) Target(place Place) *Target { return &Target{} }

// Sum returns what adds up the kept cells of one table.
func (p *Prober) Sum(table catalog.Name) *Sum { return &Sum{} }

// Row ends a row. key is the text of the row's key, nil if the key may not be told; it is copied only if the row has a hit.
func (p *Prober) Row(key []byte) {}

// Close adds what the prober found to the set. The prober may not be used any more.
func (p *Prober) Close() {}

// Target looks up the values of one place. It belongs to its prober's goroutine.
type Target struct{}

// Controlled reports whether values of this place are controls, so that each cell has to be looked up by Cell or Text.
func (t *Target) Controlled() bool { return false }

// Cell looks up a whole value, as PostgreSQL prints it: a number, a uuid, an address of a network.
func (t *Target) Cell(value []byte) {}

// Text looks up a text: whole, and each run of its words that could be a value. The text may be of any size.
func (t *Target) Text(text []byte) {}

// Bytes looks up the bytes of a bytea or a large object: whole as a digest, and the readable texts in them. Objects of any
// size come in pieces; last is set for the last piece.
func (t *Target) Bytes(piece []byte, last bool) {}

// Skip counts a cell that is not looked up.
func (t *Target) Skip(why Reason) {}

// Sum adds up rows of one table, in any order.
type Sum struct{}

// Kept sees neighbouring kept cells of the current row, as COPY has them. Where the bytes are cut does not matter.
func (s *Sum) Kept(run []byte) {}

// Row ends a row.
func (s *Sum) Row() {}
