// Package archive reads archives in the custom format of pg_dump. An archive begins with a table of contents. It lists
// the objects, the SQL that makes each object, and the objects that each object depends on. Data blocks follow. Each
// block has the rows of one table, or large objects. The package reads from an io.ReaderAt, a small window at a time.
// It opens no file.
//
// The bytes come from another program, so the package does not trust them. Before it uses a length, it compares the
// length with the number of bytes that are left. The memory for a table of contents has a limit. Definitions can
// quote data (partition bounds, CHECK constraints, defaults). Therefore errors name an entry by its number, never by
// its text.
package archive

import "fmt"

// Archive is the table of contents of one archive.
type Archive struct {
	Version       string  // version of the format: "1.14" (pg_dump 14 and 15), "1.15" (16), "1.16" (17 and 18)
	ServerVersion string  // version of the server that was dumped, for example "15.18 (Debian 15.18-0+deb12u1)"
	DumpVersion   string  // version of pg_dump
	Compression   string  // compression of the data blocks: "none", "gzip", "lz4" or "zstd"
	Database      string  // name of the database that was dumped
	Entries       []Entry // in archive order, in which the objects can be created
}

// Section says when pg_restore creates an entry.
type Section int

// The sections, as the archive numbers them.
const (
	None     Section = iota + 1 // for example comments and ACLs, which follow the object that they belong to
	PreData                     // all other definitions, for example tables, types, functions and views
	Data                        // rows, values of sequences, large objects
	PostData                    // for example indexes, constraints, triggers, contents of materialized views
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

// Entry is one object, or one part of an object.
type Entry struct {
	ID           int     // dump ID, unique in the archive
	Desc         string  // "TABLE", "FK CONSTRAINT", "MATERIALIZED VIEW DATA", …
	Tag          string  // name of the object; for a constraint or trigger, after the name of its table
	Namespace    string  // schema, "" if the object has none
	Owner        string  //
	Tablespace   string  // "" for the default tablespace of the database
	AccessMethod string  // access method of a table
	Partitioned  bool    // a partitioned table; known from version 1.16
	Defn         string  // SQL that creates the object
	DropStmt     string  // SQL that drops the object
	Section      Section //
	Deps         []int   // IDs of the entries that this entry needs; the archive need not have all of them
	CatalogOID   uint32  // OID of the catalog that has the object's row (pg_class is 1259), 0 if none
	OID          uint32  // OID of that row in the dumped database
	HasData      bool    // whether the entry has a data block
	Offset       int64   // where the data block begins in the archive, 0 if the archive does not say
}
