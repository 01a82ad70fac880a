package sides

import "context"

// Proof says which databases on the target's server belong to masker. A mark alone proves nothing: somebody can copy a
// mark, or a whole database with its mark. The proof comes from the ledger.
//
// Each method returns "" if the ledger proves the statement, or else the reason why not. An error means that the ledger
// could not be read.
type Proof interface {
	// Made: the run built exactly this database and published it under the target's name.
	Made(ctx context.Context, d Database) (why string, err error)
	// Replaced: the run found exactly this database under the target's name and replaced it.
	Replaced(ctx context.Context, d Database) (why string, err error)
	// Abandoned: the run built exactly this database, did not publish it and has ended.
	Abandoned(ctx context.Context, d Database) (why string, err error)
}

// Database is a database that claims to belong to a target.
type Database struct {
	SystemID string // system identifier of the server
	Target   string // name of the target
	Name     string // name of the database
	OID      uint32 // OID of the database; a rename does not change it, and a copy has another one
	Run      string // identifier of the run that the database names
	Marked   bool   // the claim is a mark; otherwise it is the name, which only masker gives
}

// Cleared says what was done with old databases beside the target.
type Cleared struct {
	Dropped []string
	Left    []string // a sentence for each database that claims to belong to this target but stays, with the reason
}
