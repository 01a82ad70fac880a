package archive

import (
	"fmt"
	"io"
)

// File is an archive that is open for reading. It has the table of contents, and its methods read the data blocks.
type File struct {
	*Archive
	src     io.ReaderAt
	size    int64
	start   int64 // position of the first data block
	intSize int
}

// Open reads the table of contents of an archive that pg_dump -Fc of version 14 to 18 wrote. The archive is the first
// size bytes of src. Open does not read data blocks.
func Open(src io.ReaderAt, size int64) (*File, error) {
	r := newReader(src, 0, size)
	a := r.toc()
	if r.err != nil {
		return nil, r.err
	}
	return &File{Archive: a, src: src, size: size, start: r.pos, intSize: r.intSize}, nil
}

// toc reads the header and every entry. Its result may be used only if there was no error.
func (r *reader) toc() *Archive {
	a, minor := r.head()
	n := r.int()
	if r.err == nil && (n < 0 || int64(n) > r.left()) { // an entry has many bytes, so there cannot be more entries than bytes
		r.fail("%d entries do not fit into its %d bytes", n, r.end)
	}
	for i := 0; i < n && r.err == nil; i++ {
		r.where = fmt.Sprintf("entry %d of %d", i+1, n)
		r.spend(entryCost)
		a.Entries = append(a.Entries, r.entry(minor))
	}
	for i := 0; i < n && r.err == nil; i++ {
		if at := a.Entries[i].Offset; at != 0 && at < r.pos {
			r.where = fmt.Sprintf("entry %d of %d", i+1, n)
			r.fail("its data would begin inside the table of contents")
		}
	}
	return a
}

// The minor versions of the format 1.x, with what is new in each.
const (
	v114 = 14 // table access methods
	v115 = 15 // compression algorithm instead of level
	v116 = 16 // relkind
)

// head reads the header. The second result is the format's minor version.
func (r *reader) head() (*Archive, int) {
	r.where = "header"
	if string(r.take(5)) != "PGDMP" {
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
	a := &Archive{Version: fmt.Sprintf("%d.%d", major, minor), Compression: r.compression(minor)}
	for range 7 {
		r.int() // the date: from seconds to the year, and whether it is daylight saving time
	}
	a.Database, a.ServerVersion, a.DumpVersion = r.string(), r.string(), r.string()
	return a, minor
}

// compression reads how data blocks are compressed. Before version 1.15, the format has the compression level of zlib
// in this place.
func (r *reader) compression(minor int) string {
	if minor < v115 {
		if r.int() == 0 {
			return "none"
		}
		return "gzip"
	}
	names := []string{"none", "gzip", "lz4", "zstd"}
	algorithm := r.byte()
	if algorithm >= len(names) {
		r.fail("compression algorithm %d is not known", algorithm)
		return ""
	}
	return names[algorithm]
}

// entry reads the fields of one entry. WriteToc in pg_backup_archiver.c writes them in this order.
func (r *reader) entry(minor int) Entry {
	var e Entry
	e.ID = r.int()
	r.int() // whether the entry has rows; its offset says the same
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
		e.Partitioned = r.int() == 'p' // relkind
	}
	e.Owner = r.string()
	r.string() // "with OIDs", for versions before 12
	e.Deps = r.deps()
	e.HasData, e.Offset = r.offset()
	return e
}
