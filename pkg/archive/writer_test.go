package archive_test

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"strconv"

	"github.com/masker-project/masker/pkg/archive"
)

// parse opens an archive in memory.
func parse(data []byte) (*archive.File, error) {
	return archive.Open(bytes.NewReader(data), int64(len(data)))
}

// writer writes the format as pg_backup_archiver.c and pg_backup_custom.c do.
type writer struct {
	buf         []byte
	minor       byte
	intSize     int
	offSize     int
	compression byte
}

func (w *writer) int(v int) {
	sign := byte(0)
	if v < 0 {
		sign, v = 1, -v
	}
	w.buf = append(w.buf, sign)
	w.buf = append(w.buf, binary.LittleEndian.AppendUint64(nil, uint64(v))[:w.intSize]...)
}

func (w *writer) null() { w.int(-1) }

func (w *writer) str(s string) {
	w.int(len(s))
	w.buf = append(w.buf, s...)
}

func (w *writer) head(entries int) {
	w.buf = append(w.buf, "PGDMP"...)
	w.buf = append(w.buf, 1, w.minor, 0, byte(w.intSize), byte(w.offSize), 1)
	switch {
	case w.minor >= 15:
		w.buf = append(w.buf, w.compression)
	case w.compression == 0:
		w.int(0)
	default:
		w.int(-1)
	}
	for range 7 {
		w.int(9)
	}
	w.str("shop")
	w.str("17.2")
	w.str("17.2")
	w.int(entries)
}

func (w *writer) entry(e archive.Entry) {
	w.int(e.ID)
	w.int(0)
	w.str(strconv.Itoa(int(e.CatalogOID)))
	w.str(strconv.Itoa(int(e.OID)))
	w.str(e.Tag)
	w.str(e.Desc)
	w.int(int(e.Section))
	w.str(e.Defn)
	w.str(e.DropStmt)
	w.null() // COPY statement
	w.str(e.Namespace)
	w.null() // tablespace
	w.str(e.AccessMethod)
	if w.minor >= 16 {
		kind := 'r'
		if e.Partitioned {
			kind = 'p'
		}
		w.int(int(kind))
	}
	w.str(e.Owner)
	w.str("false")
	for _, d := range e.Deps {
		w.str(strconv.Itoa(d))
	}
	w.null()
	switch {
	case !e.HasData:
		w.buf = append(w.buf, 3)
	case e.Offset == 0:
		w.buf = append(w.buf, 1)
	default:
		w.buf = append(w.buf, 2)
	}
	w.buf = append(w.buf, binary.LittleEndian.AppendUint64(nil, uint64(e.Offset))[:w.offSize]...)
}

// write returns an archive of the sample, whose entries have no data.
func write(minor byte, intSize, offSize int) []byte {
	w := &writer{minor: minor, intSize: intSize, offSize: offSize, compression: 3}
	w.head(len(sample))
	for _, e := range sample {
		w.entry(e)
	}
	return w.buf
}

// block is a data block to write.
type block struct {
	kind   byte // 1 rows, 3 large objects
	id     int
	chunks []string // the chunks of the rows, or of one large object
}

func (w *writer) block(b block) {
	w.buf = append(w.buf, b.kind)
	w.int(b.id)
	if b.kind == 3 {
		w.int(-1 << 31) // OID 2147483648, as pg_dump writes it
	}
	for _, c := range b.chunks {
		w.str(c)
	}
	w.int(0)
	if b.kind == 3 {
		w.int(0)
	}
}

// dump returns an archive with an entry for each block, as it is written to a file or to a pipe.
func dump(compression byte, pipe bool, blocks ...block) []byte {
	return dumpOf(blocks, compression, pipe, blocks...)
}

// dumpOf returns an archive with entries for the blocks in listed, but with the data of blocks. If the two differ, the
// archive is damaged.
func dumpOf(listed []block, compression byte, pipe bool, blocks ...block) []byte {
	offsets := map[int]int64{}
	var w *writer
	for range 2 { // twice, as pg_dump does, because the offsets are known only after the blocks are written
		w = &writer{minor: 16, intSize: 4, offSize: 8, compression: compression}
		w.head(len(listed))
		for _, b := range listed {
			w.entry(archive.Entry{ID: b.id, Desc: "TABLE DATA", Section: archive.Data, HasData: true, Offset: offsets[b.id]})
		}
		for _, b := range blocks {
			if !pipe {
				offsets[b.id] = int64(len(w.buf))
			}
			w.block(b)
		}
	}
	return w.buf
}

// deflated compresses a text, and cuts the result into chunks.
func deflated(s string, size int) (chunks []string) {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(s)) // cannot fail, because it writes into memory
	_ = z.Close()
	for b.Len() > 0 {
		chunks = append(chunks, string(b.Next(size)))
	}
	return chunks
}
