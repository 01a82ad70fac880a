// Package archive reads a pg_dump custom-format archive. Its table of contents says what
// objects there are, the SQL that makes each, and what each depends on. Behind it stand
// the data blocks, one for each table with rows. The package reads through the io.ReaderAt
// that it is given, a small window at a time, and opens nothing.
//
// The bytes come from another program, so nothing in them is trusted: every length
// is checked against what is left before it is used, and memory has a limit. Definitions
// can quote data (partition bounds, CHECKs, defaults): errors name an entry by number,
// never by text.
package archive

import "fmt"

// Archive is the table of contents of one archive.
type Archive struct {
	Version       string  // of the format: "1.14" (pg_dump 14 and 15), "1.15" (16), "1.16" (17 and 18)
	ServerVersion string  // of the server dumped, e.g. "15.18 (Debian 15.18-0+deb12u1)"
	DumpVersion   string  // of pg_dump
	Compression   string  // of the data blocks: "none", "gzip", "lz4" or "zstd"
	Database      string  // name of the database dumped
	Entries       []Entry // in archive order, which is a valid order to create them in
}

// Section says when pg_restore creates an entry.
type Section int

// The sections, as the archive numbers them.
const (
	None     Section = iota + 1 // comments, ACLs and the like, which follow what they belong to
	PreData                     // everything rows need
	Data                        // rows, sequence positions, large objects
	PostData                    // indexes, constraints, triggers, materialized views' contents
)

func (s Section) String() string {
	switch s {
	case None:
		return "none"
	case PreData:
		return "pre-data"
	case Data:
		return "data"
	case PostData:
		return "post-data"
	}
	return fmt.Sprintf("section %d", int(s))
}

// Entry is one object, or one part of one.
type Entry struct {
	ID           int     // dump ID, unique in the archive
	Desc         string  // "TABLE", "FK CONSTRAINT", "MATERIALIZED VIEW DATA", …
	Tag          string  // name of the object, with its table's for constraints, indexes and triggers
	Namespace    string  // schema, "" where the object has none
	Owner        string  //
	Tablespace   string  // "" for the database's own
	AccessMethod string  // of a table
	Defn         string  // SQL that creates it
	DropStmt     string  // SQL that drops it
	Section      Section //
	Deps         []int   // IDs of the entries it needs; some may not be in the archive
	CatalogOID   uint32  // OID of the catalog its row is in (pg_class is 1259), 0 if none
	OID          uint32  // OID of that row in the source
	HasData      bool    // whether a data block belongs to it
	Offset       int64   // where that block begins in the archive, 0 where the archive does not say
}
