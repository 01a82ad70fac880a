package archive

import "io"

// OpenWithin is Open with another limit of memory, so that a test of the limit takes little.
func OpenWithin(memory int64, src io.ReaderAt, size int64) error {
	r := newReader(src, 0, size)
	r.memory = memory
	r.toc()
	return r.err
}
