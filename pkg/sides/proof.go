package sides

import "context"

// Proof says which databases on the target's server belong to masker. A mark alone proves nothing, because somebody can
// copy a mark, or a whole database with its mark. The proof comes from the ledger.
//
// The comment of each method is a statement about the database and the run d.Run. The method returns "" if the ledger
// proves the statement. Otherwise it returns the reason why the statement is not proven. An error means that the ledger
// could not be read.
type Proof interface {
	// Made: the run built exactly this database and published it under the target's name.
	Made(ctx context.Context, d Database) (why string, err error)
	// Replaced: the run found exactly this database under the target's name and replaced it.
	Replaced(ctx context.Context, d Database) (why string, err error)
	// Abandoned: the run built exactly this database, did not publish it and has ended.
	Abandoned(ctx context.Context, d Database) (why string, err error)
	// Template: the run made exactly this database as a template of the target, for branches.
	Template(ctx context.Context, d Database) (why string, err error)
}

// Database is a database that claims to belong to a target.
type Database struct {
	SystemID string // system identifier of the server
	Target   string // name of the target
	Name     string // name of the database
	OID      uint32 // OID of the database; a rename does not change it, and a copy has another OID
	Run      string // identifier of the run that the database names
	Marked   bool   // the database claims with a mark to belong to the target; otherwise only its name, which has the form of masker's names, claims it
}

// Cleared lists the databases beside the target that were dropped, and those that were not.
type Cleared struct {
	Dropped []string
	Left    []string // a sentence for each database that claims to belong to this target but stays, with the reason
}
