// Package provenance handles what a database says about its origin: the mark in its comment, and the steps in its
// provenance table. Judge checks which of it is proven by the public keys of ledgers.
//
// Anybody who can write to a database can write a mark and steps, so they count only after Judge. The package
// opens no connection.
package provenance

import "time"

// The provenance table, which masker writes into every target. It holds the movements that made the database, with the
// ledger's proofs. Its comment marks it as masker's. It is left out where a database's schema is read.
const (
	Schema  = "masker"
	Table   = "provenance"
	Comment = "masker: provenance" // the comments of schema and table begin with it
)

// Claim is what a database says about its origin.
type Claim struct {
	Database string // its present name
	OID      uint32 // of the database. It stays the same when the database is renamed, and a copy has another one
	SystemID string
	Mark     *Mark  // in the database's comment, or nil
	Steps    []Step // the oldest first. Empty if masker did not make the database
}

// Step is one movement on the way from production to a database.
type Step struct {
	Step      int    // from 1
	Run       string // of the movement
	Inclusion string // a ledger.Inclusion as JSON: the record of the movement's start, with the proof that the ledger holds it
	At        time.Time
}
