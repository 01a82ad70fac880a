// Package provenance is what a database says of where it comes from: the mark in its comment, the steps in its
// table, and what of that is proven by the public key of a ledger.
//
// Whoever may write to a database can write any of it there. Nothing counts before it is judged. The package
// opens no connection.
package provenance

import "time"

// The table that every target carries: which movement made it, with the ledger's proof. It is masker's own by
// its comment, and no part of the database's shape: who reads a shape leaves it out.
const (
	Schema  = "masker"
	Table   = "provenance"
	Comment = "masker: provenance" // what the comments of both begin with
)

// Claim is what a database says of itself.
type Claim struct {
	Database string // as the server names it now
	OID      uint32 // of the database: it stays through a rename, and no copy has it
	SystemID string
	Mark     *Mark  // in the database's comment; nil where there is none
	Steps    []Step // oldest first; none where masker did not make the database
}

// Step is one movement on the way from production to a database.
type Step struct {
	Step      int    // from 1
	Run       string // of the movement
	Inclusion string // JSON of the ledger's record of its start, with the proof that the log holds it
	At        time.Time
}
