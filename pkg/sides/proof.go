package sides

import "context"

// Proof tells which databases of the target's server are masker's. A mark can be copied to any database, and a database
// with everything in it to another name; what proves one is with whoever holds the ledger.
//
// Each method returns "" where it is shown, else why it is not. An error says that it cannot be told.
type Proof interface {
	// Made: the run built this very database and published it under the target's name.
	Made(ctx context.Context, d Database) (why string, err error)
	// Replaced: the run found this very database under the target's name and replaced it.
	Replaced(ctx context.Context, d Database) (why string, err error)
	// Abandoned: the run built this very database, and neither published it nor is it going on.
	Abandoned(ctx context.Context, d Database) (why string, err error)
}

// Database is one that claims to be a target's.
type Database struct {
	SystemID string // of the server
	Target   string // name of the target
	Name     string // its own
	OID      uint32 // its own: it stays through a rename, and no copy has it
	Run      string // that it names
	Marked   bool   // in its comment; otherwise its name alone says so, and it is one that only we could have made
}

// Cleared is what was done about databases beside the target.
type Cleared struct {
	Dropped []string
	Left    []string // sentences: which claim to be this target's, and why they are left as they are
}
