// Package provenance handles what a database says about its origin: the mark in its comment, and the steps in its
// provenance table. Judge checks with the public keys of ledgers which of these statements are proven.
//
// Anybody who can write to a database can write a mark and steps, so they count only after Judge has checked them. The
// package opens no connection.
package provenance

import "time"

// masker writes the provenance table into every target. The table has the movements that made the
// database, with the ledger's proofs. The comment on the table marks the table as masker's. masker
// leaves the table out when it reads the schema of a database.
const (
	Schema  = "masker"
	Table   = "provenance"
	Comment = "masker: provenance" // the comments on the schema and on the table begin with this text
)

// Claim is what a database says about its origin.
type Claim struct {
	Database string // present name of the database
	OID      uint32 // OID of the database. A rename does not change it. A copy of the database has another OID
	SystemID string
	Mark     *Mark  // the mark in the database's comment, or nil
	Steps    []Step // the oldest first. Empty if masker did not make the database
}

// Step is one step on the way from production to a database: a movement, or the making of a branch.
type Step struct {
	Step      int    // number of the step, from 1
	Run       string // identifier of the run
	Inclusion string // a ledger.Inclusion as JSON: the record of the start of the movement or branch, with the proof that the ledger holds it, and proofs of the database and of its verification
	At        time.Time
}
