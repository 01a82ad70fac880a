package refresh

import (
	"context"
	"errors"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/wire"
)

// keepBuffer limits the size in bytes of the buffer that a worker uses again for the next block.
const keepBuffer = 1 << 20

// blocks returns an extent's blocks with treated rows. Only one goroutine may call Next.
type blocks struct {
	ctx    context.Context // the context of the extent; it is a field because Next of wire.Blocks takes no context
	source wire.Blocks
	worker *worker
	row    *rewrite.Row
	table  catalog.Name
	extent int
	moved  func(rows, read, written int64) // called after each block, with its rows and bytes

	rows int64 // the number of rows in all blocks so far
	err  error // the first error of Next, which all later calls return, too; io.EOF at the end
	lost bool  // err comes from the snapshot
}

// Next returns the next block of treated rows, which is valid until the next call.
func (b *blocks) Next() (out []byte, err error) {
	if b.err != nil {
		return nil, b.err
	}
	defer func() {
		if recover() != nil {
			out, err = nil, b.fail(panicked())
		}
	}()
	if err := b.ctx.Err(); err != nil {
		return nil, b.fail(err)
	}
	raw, err := b.source.Next()
	if err != nil {
		b.err, b.lost = err, err != io.EOF
		return nil, err
	}
	if out, err = b.treat(raw); err != nil {
		return nil, b.fail(err)
	}
	before := b.rows
	b.rows = b.row.Rows()
	b.moved(b.rows-before, int64(len(raw)), int64(len(out)))
	return out, nil
}

// treat returns a block with treated rows.
func (b *blocks) treat(raw []byte) ([]byte, error) {
	if b.row.Kept() {
		return raw, b.row.Count(raw)
	}
	w := b.worker
	if cap(w.buffer) > keepBuffer && cap(w.buffer) > 2*len(raw) {
		w.buffer = nil
	}
	if cap(w.buffer) < len(raw) { // append would double the buffer, and a long row could then take three times its size
		w.buffer = make([]byte, 0, len(raw)+len(raw)/8+4096)
	}
	var err error
	w.buffer, err = b.row.Append(w.buffer[:0], raw)
	return w.buffer, err
}

// fail adds the position in the table to an error. It sets b.err to the result.
func (b *blocks) fail(err error) error {
	var row *rewrite.RowError
	switch {
	case errors.As(err, &row):
		err = &RowError{Table: b.table, Extent: b.extent, RowError: *row}
	case b.ctx.Err() == nil:
		err = &RowError{Table: b.table, Extent: b.extent, RowError: rewrite.RowError{Row: b.rows + 1, Err: err}}
	}
	b.err = err
	return err
}

// failure returns the error that ended the blocks. It returns nil if there was no error, even if not all blocks were
// read.
func (b *blocks) failure() error {
	if errors.Is(b.err, io.EOF) {
		return nil
	}
	return b.err
}
