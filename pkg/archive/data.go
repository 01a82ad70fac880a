package archive

import (
	"bufio"
	"compress/zlib"
	"fmt"
	"io"
)

// Sequential says that the archive does not tell where its data blocks begin: it was written to a pipe, or pg_dump did
// not finish it. Locate finds them.
func (f *File) Sequential() bool {
	for _, e := range f.Entries {
		if e.HasData && e.Offset == 0 {
			return true
		}
	}
	return false
}

// Locate finds the data blocks of a sequential archive, and sets the offsets of its entries. It passes over all blocks
// once, from the first to the last, and decompresses none. An archive that lacks a block, or has one too many, is an error.
func (f *File) Locate() error {
	if !f.Sequential() {
		return nil
	}
	offsets := map[int]int64{} // by dump ID, 0 until found
	for _, e := range f.Entries {
		if e.HasData {
			offsets[e.ID] = e.Offset
		}
	}
	r := f.reader(f.start)
	for r.err == nil && r.left() > 0 {
		at := r.pos
		r.where = "data blocks"
		kind, id := r.block()
		r.where = dataOf(id)
		known, ok := offsets[id]
		switch {
		case r.err != nil:
		case !ok:
			r.fail("no entry has this data")
		case known != 0 && known != at:
			r.fail("it is in two places")
		}
		offsets[id] = at
		r.pass(kind)
	}
	for _, e := range f.Entries {
		if e.HasData && offsets[e.ID] == 0 {
			r.where = dataOf(e.ID)
			r.fail("it is not in the archive, which is cut short or damaged")
		}
	}
	if r.err != nil {
		return r.err
	}
	for i, e := range f.Entries {
		f.Entries[i].Offset = offsets[e.ID]
	}
	return nil
}

// Data reads an entry's data block from its offset, chunk by chunk, decompressed. For a table these are the rows
// as COPY writes them in text, and the line \. behind them; with pg_dump --inserts they are statements. Large objects,
// and archives compressed with lz4 or zstd, are refused. Any number of goroutines may read at a time, each its own block.
func (f *File) Data(e Entry) (io.Reader, error) {
	r := f.reader(e.Offset)
	r.where = dataOf(e.ID)
	switch {
	case !e.HasData:
		r.fail("the entry has none")
	case e.Offset == 0:
		r.fail("the archive does not say where it begins; it has to be located first")
	case f.Compression != "none" && f.Compression != "gzip":
		r.fail("compression with %s is not supported; use pg_dump --compress=gzip or none", f.Compression)
	}
	kind, id := r.block()
	switch {
	case r.err != nil:
	case id != e.ID:
		r.fail("its offset leads elsewhere")
	case kind != rows:
		r.fail("it is of large objects, which are not supported")
	}
	if r.err != nil {
		return nil, r.err
	}
	c := &chunks{r: r}
	if f.Compression == "none" {
		return c, nil
	}
	return inflate(c)
}

func (f *File) reader(at int64) *reader {
	r := newReader(f.src, at, f.size)
	r.intSize = f.intSize
	return r
}

func dataOf(id int) string { return fmt.Sprintf("data of dump ID %d", id) }

// The kinds of data blocks.
const (
	rows         = 1 // chunks
	largeObjects = 3 // an OID and its chunks for each object, then 0
)

// block reads what a data block begins with.
func (r *reader) block() (kind, id int) {
	kind, id = r.byte(), r.int()
	if r.err == nil && kind != rows && kind != largeObjects {
		r.fail("no such kind of data block: %d", kind)
	}
	return kind, id
}

// chunk reads the length of the next chunk, 0 at the end of the data.
func (r *reader) chunk() int64 {
	n := int64(r.int())
	if n < 0 {
		r.fail("a chunk of negative length")
	}
	if !r.has(n) {
		return 0
	}
	return n
}

// pass skips the rest of a data block.
func (r *reader) pass(kind int) {
	if kind == largeObjects {
		for r.int() != 0 {
			r.pass(rows)
		}
		return
	}
	for n := r.chunk(); n > 0; n = r.chunk() {
		r.skip(n)
	}
}

// chunks joins the chunks of a data block.
type chunks struct {
	r    *reader
	left int64 // of the current chunk
	end  bool
}

func (c *chunks) Read(p []byte) (int, error) {
	if c.left == 0 && !c.end {
		c.left = c.r.chunk()
		c.end = c.left == 0
	}
	switch {
	case c.r.err != nil:
		return 0, c.r.err
	case c.end:
		return 0, io.EOF
	}
	n, err := c.r.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	return n, err
}

// inflated is the decompressed data of a block.
type inflated struct {
	r      *reader
	chunks *bufio.Reader
	zlib   io.Reader
}

func inflate(c *chunks) (io.Reader, error) {
	buf := bufio.NewReader(c)
	z, err := zlib.NewReader(buf)
	if err != nil {
		c.r.fail("its compressed data is damaged")
		return nil, c.r.err
	}
	return &inflated{r: c.r, chunks: buf, zlib: z}, nil
}

// Read ends with the checksum, which has to be the end of the data too.
func (d *inflated) Read(p []byte) (int, error) {
	n, err := d.zlib.Read(p)
	if err == io.EOF {
		if _, err = d.chunks.Peek(1); err == nil {
			d.r.fail("something follows its compressed data")
			err = d.r.err
		}
		return n, err
	}
	if err != nil {
		d.r.fail("its compressed data is damaged")
		err = d.r.err
	}
	return n, err
}
