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
	ctx     context.Context // the context of the extent; it is a field because Next of wire.Blocks takes no context
	source  wire.Blocks
	worker  *worker
	treater *treater
	shuffle *shuffle // nil if the rows keep their order
	extent  catalog.Extent
	moved   func(rows, read, written int64) // called after each block, with its rows and bytes

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
	b.treater.begin(b)
	if b.shuffle != nil {
		return b.shuffled()
	}
	raw, err := b.source.Next()
	if err != nil {
		return nil, b.broken(err)
	}
	return b.treated(raw)
}

// treated treats a block, and counts its rows.
func (b *blocks) treated(raw []byte) ([]byte, error) {
	out, err := b.treat(raw)
	if err != nil {
		return nil, b.fail(err)
	}
	b.count(len(raw), len(out))
	return out, nil
}

// count reports the rows and bytes of a treated block to b.moved.
func (b *blocks) count(read, written int) {
	before := b.rows
	b.rows = b.treater.row.Rows()
	b.moved(b.rows-before, int64(read), int64(written))
}

// broken sets b.err to an error of the source, which may be io.EOF.
func (b *blocks) broken(err error) error {
	b.err, b.lost = err, err != io.EOF
	return err
}

// treat returns a block with treated rows.
func (b *blocks) treat(raw []byte) ([]byte, error) {
	if b.treater.row.Kept() {
		return raw, b.treater.row.Count(raw)
	}
	w := b.worker
	w.reserve(len(raw))
	var err error
	w.buffer, err = b.treater.row.Append(w.buffer, raw)
	return w.buffer, err
}

// fail adds the position in the table to an error. It sets b.err to the result.
func (b *blocks) fail(err error) error {
	var row *rewrite.RowError
	switch {
	case errors.As(err, &row):
		err = &RowError{Table: b.extent.Table, Extent: b.extent.Index, RowError: *row}
	case b.ctx.Err() == nil:
		err = &RowError{Table: b.extent.Table, Extent: b.extent.Index, RowError: rewrite.RowError{Row: b.rows + 1, Err: err}}
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
