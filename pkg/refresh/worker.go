package refresh

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
	"github.com/masker-project/masker/pkg/wire"
)

// worker is one goroutine of the pool, with the data that it uses for all its extents.
type worker struct {
	pool     *pool
	number   int
	rows     map[*rewrite.Layout]*rewrite.Row
	programs *programs
	buffer   []byte // the treated block; used only by the blocks of the current extent
}

// run moves extents until the queue is empty.
func (w *worker) run(ctx context.Context, h catalog.Handle, queue <-chan catalog.Extent) (err error) {
	defer func() {
		if closed := w.programs.close(); err == nil { // an earlier error is more important
			err = closed
		}
	}()
	p := w.pool
	reader, err := p.o.Snapshot.Open(ctx, p.want, h)
	if err != nil {
		return err
	}
	defer func() {
		if closed := reader.Close(); err == nil {
			err = closed
		}
	}()
	for e := range queue {
		if err := ctx.Err(); err != nil {
			return err
		}
		rows, err := reader.Read(ctx, e)
		if err != nil {
			return err
		}
		if err := w.extent(ctx, e, rows); err != nil {
			return err
		}
	}
	return nil
}

// extent moves one extent from the snapshot to the shadow.
func (w *worker) extent(ctx context.Context, e catalog.Extent, rows wire.Blocks) error {
	o, t := &w.pool.o, w.pool.progress[e.Want]
	row, err := w.row(t.route.layout)
	if err != nil {
		return err
	}
	if t.start() {
		o.Observer.TableStart(t.name, t.route.leaf.Size.Rows, t.route.leaf.Size.Bytes)
	}
	var moved tally
	b := &blocks{
		ctx: ctx, source: rows, worker: w, row: row, table: e.Table, extent: e.Index,
		moved: func(rows, read, written int64) {
			moved.add(rows, read, written)
			o.Observer.Rows(t.name, rows, read)
		},
	}
	written, err := o.Shadow.Write(ctx, w.number, e, t.route.into, t.route.names, t.route.layout.Format, b)
	if failure := b.failure(); failure != nil { // this error has the position; the shadow's error is only its consequence
		return failure
	}
	if err != nil {
		return err
	}
	if untouched := b.err == nil && b.rows == 0; !untouched && (b.err == nil || written != b.rows) { // untouched: the target already had the extent
		return fmt.Errorf("%s: extent %d: %d rows were read and %d written", t.name, e.Index, b.rows, written)
	}
	if rows, done := t.finish(e, written, moved); done {
		o.Observer.TableDone(t.name, rows)
	}
	return nil
}

// row returns the worker's Row for a layout, ready for a new extent.
func (w *worker) row(l *rewrite.Layout) (*rewrite.Row, error) {
	r, ok := w.rows[l]
	if !ok {
		var err error
		if r, err = rewrite.Compile(l, w.pool.compiling(w.programs)); err != nil {
			return nil, err
		}
		w.rows[l] = r
	}
	r.Begin()
	return r, nil
}
