package archive

import "io"

// OpenWithin does the work of Open with another memory limit, so that a test of the limit needs little memory.
func OpenWithin(memory int64, src io.ReaderAt, size int64) error {
	r := newReader(src, 0, size)
	r.memory = memory
	r.toc()
	return r.err
}
