package refresh

import (
	"context"
	"errors"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/wire"
)

// keepBuffer is the most a worker's block buffer keeps after a huge row has passed.
const keepBuffer = 1 << 20

// blocks treats an extent's blocks on their way. Next is called from one goroutine.
type blocks struct {
	ctx    context.Context // the extent's: a Blocks is pulled by code that knows no context
	source wire.Blocks
	worker *worker
	row    *rewrite.Row
	table  catalog.Name
	extent int
	moved  func(rows, read, written int64)

	rows int64 // of the blocks that went on
	err  error // sticky; io.EOF at the end
}

// Next gives the next block of treated rows, valid until the following call.
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
		b.err = err
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

func (b *blocks) treat(raw []byte) ([]byte, error) {
	if b.row.Kept() {
		return raw, b.row.Count(raw)
	}
	w := b.worker
	if cap(w.buffer) > keepBuffer && cap(w.buffer) > 2*len(raw) {
		w.buffer = nil
	}
	if cap(w.buffer) < len(raw) { // in one go: growing by doubling would hold a huge row three times
		w.buffer = make([]byte, 0, len(raw)+len(raw)/8+4096)
	}
	var err error
	w.buffer, err = b.row.Append(w.buffer[:0], raw)
	return w.buffer, err
}

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

// failure is why the blocks ended, nil where they ended well or were not read to the end.
func (b *blocks) failure() error {
	if errors.Is(b.err, io.EOF) {
		return nil
	}
	return b.err
}
