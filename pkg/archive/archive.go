// Package archive reads the table of contents of a pg_dump custom-format archive:
// what objects there are, the SQL that makes each, and what each depends on. It
// parses bytes and does no I/O.
//
// The bytes come from another program, so nothing in them is trusted: every length
// is checked against what is left before it is used. Definitions can quote data
// (partition bounds, CHECKs, defaults): errors name an entry by number, never by text.
package archive

import "fmt"

// Archive is the table of contents of one archive.
type Archive struct {
	Version       string  // of the format: "1.14" (pg_dump 14 and 15), "1.15" (16), "1.16" (17 and 18)
	ServerVersion string  // of the server dumped, e.g. "15.18 (Debian 15.18-0+deb12u1)"
	DumpVersion   string  // of pg_dump
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
}

// Parse reads an archive as pg_dump -Fc of versions 14 to 18 writes it. Rows that follow
// the table of contents are not looked at.
func Parse(data []byte) (*Archive, error) {
	r := reader{rest: data}
	a, v := r.head()
	if r.err != nil {
		return nil, r.err
	}
	n := r.int()
	if r.err == nil && (n < 0 || n > len(r.rest)) { // an entry has many bytes
		r.fail("%d entries do not fit into its %d bytes", n, len(data))
	}
	for i := 0; i < n && r.err == nil; i++ {
		r.where = fmt.Sprintf("entry %d of %d", i+1, n)
		a.Entries = append(a.Entries, r.entry(v))
	}
	if r.err != nil {
		return nil, r.err
	}
	return a, nil
}

// The versions of the format, as minor numbers of 1.x.
const (
	v114 = 14 // table access methods
	v115 = 15 // compression algorithm instead of level
	v116 = 16 // relkind
)

// head reads what stands before the entries; the second result is the format's minor version.
func (r *reader) head() (*Archive, int) {
	r.where = "header"
	if string(r.bytes(5)) != "PGDMP" {
		r.fail("it does not begin as an archive of pg_dump -Fc does")
		return nil, 0
	}
	major, minor := r.byte(), r.byte()
	r.byte() // revision
	r.intSize, r.offsetSize = r.byte(), r.byte()
	format := r.byte()
	switch {
	case r.err != nil:
		return nil, 0
	case major != 1 || minor < v114 || minor > v116:
		r.fail("format version %d.%d is not known; use pg_dump 14 to 18", major, minor)
	case r.intSize < 1 || r.intSize > 8:
		r.fail("integers of %d bytes", r.intSize)
	case r.offsetSize < 1 || r.offsetSize > 8:
		r.fail("offsets of %d bytes", r.offsetSize)
	case format != 1:
		r.fail("not the custom format (-Fc) but number %d", format)
	}
	if minor >= v115 {
		r.byte() // compression algorithm, of the rows only
	} else {
		r.int() // compression level
	}
	for range 7 {
		r.int() // date: seconds to year, and whether daylight saving applied
	}
	a := &Archive{Version: fmt.Sprintf("%d.%d", major, minor)}
	a.Database, a.ServerVersion, a.DumpVersion = r.string(), r.string(), r.string()
	return a, minor
}

// entry reads one entry in the order WriteToc of pg_backup_archiver.c writes it.
func (r *reader) entry(minor int) Entry {
	var e Entry
	e.ID = r.int()
	r.int() // whether it has rows
	e.CatalogOID, e.OID = r.oid(), r.oid()
	e.Tag, e.Desc = r.string(), r.string()
	e.Section = Section(r.int())
	if r.err == nil && (e.Section < None || e.Section > PostData) {
		r.fail("no such section: %d", int(e.Section))
	}
	e.Defn, e.DropStmt = r.string(), r.string()
	r.string() // COPY statement
	e.Namespace, e.Tablespace, e.AccessMethod = r.string(), r.string(), r.string()
	if minor >= v116 {
		r.int() // relkind
	}
	e.Owner = r.string()
	r.string() // "with OIDs", of before 12
	e.Deps = r.deps()
	r.bytes(1 + r.offsetSize) // where its rows begin
	return e
}
