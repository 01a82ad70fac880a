package archive

import (
	"bufio"
	"compress/zlib"
	"fmt"
	"io"
)

// Sequential reports whether the archive does not say where its data blocks begin. This happens if the archive was
// written to a pipe, or if pg_dump did not finish it. Locate finds the data blocks.
func (f *File) Sequential() bool {
	for _, e := range f.Entries {
		if e.HasData && e.Offset == 0 {
			return true
		}
	}
	return false
}

// Locate finds the data blocks of a sequential archive, and sets the offsets of its entries. It goes through all blocks
// once, from the first to the last, and decompresses none. It returns an error if the archive lacks a block or has too
// many.
func (f *File) Locate() error {
	if !f.Sequential() {
		return nil
	}
	offsets := map[int]int64{} // by dump ID; 0 until the block is found
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

// Data returns a reader of an entry's data block, decompressed. The data of a table is the rows as COPY writes them in
// text, followed by the line \. and two empty lines. If pg_dump ran with --inserts, the data is INSERT statements. Data
// refuses large objects, and archives that are compressed with lz4 or zstd. Several goroutines may read blocks at the
// same time, each with its own reader.
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
	rows         = 1 // a block of rows, in chunks
	largeObjects = 3 // for each object its OID and its chunks; then 0
)

// block reads the kind and the dump ID at the beginning of a data block.
func (r *reader) block() (kind, id int) {
	kind, id = r.byte(), r.int()
	if r.err == nil && kind != rows && kind != largeObjects {
		r.fail("no such kind of data block: %d", kind)
	}
	return kind, id
}

// chunk reads the length of the next chunk. At the end of the data, the length is 0.
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
	left int64 // bytes left of the current chunk
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

// Read ends after the checksum of the compressed data. It returns an error if more data follows.
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
