package refresh

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
)

// worker is one goroutine of the pool, with the data that it uses for all its extents.
type worker struct {
	pool     *pool
	number   int
	rows     map[*rewrite.Layout]*treater
	programs *programs
	buffer   []byte // the treated block; used only by the blocks of the current extent
	shuffle  shuffle
}

// run moves extents until the queue is closed and empty. It sends to moved after each extent.
func (w *worker) run(ctx context.Context, h catalog.Handle, queue <-chan catalog.Extent, moved chan<- struct{}) (err error) {
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
		if err := w.move(ctx, reader, e); err != nil {
			return err
		}
		moved <- struct{}{}
	}
	return nil
}

// attempts is how often an extent is moved at most.
const attempts = 3

// move moves one extent from the snapshot to the shadow. If the side that failed says that another attempt can succeed,
// move begins the extent again. Shadow.Write then loads the extent only if the failed attempt did not.
func (w *worker) move(ctx context.Context, reader Reader, e catalog.Extent) error {
	t := w.pool.progress[e.Want]
	var last tally
	for try := 1; ; try++ {
		failed, err := w.extent(ctx, reader, e, &last)
		if err == nil || try == attempts || ctx.Err() != nil {
			return err
		}
		if side, ok := failed.(Repeatable); !ok || !side.Again(err) {
			return err
		}
		t.repeat(e, err)
		w.pool.o.Observer.Again(t.name, e.Index, err)
	}
}

// extent moves one extent once. If the error comes from the Snapshot or the Shadow, the result failed is this
// Snapshot or Shadow. Otherwise it is nil. The argument last holds what the attempt before moved. If
// this attempt fails, last then holds what this attempt moved.
func (w *worker) extent(ctx context.Context, reader Reader, e catalog.Extent, last *tally) (failed any, err error) {
	o, t := &w.pool.o, w.pool.progress[e.Want]
	rows, err := reader.Read(ctx, e)
	if err != nil {
		return o.Snapshot, err
	}
	treat, err := w.treater(t.route.layout)
	if err != nil {
		return nil, err
	}
	if t.start() {
		rows, bytes := t.route.estimate()
		o.Observer.TableStart(t.name, rows, bytes)
	}
	var moved tally
	b := &blocks{
		ctx: ctx, source: rows, worker: w, treater: treat, extent: e,
		moved: func(rows, read, written int64) {
			moved.add(rows, read, written)
			o.Observer.Rows(t.name, rows, read)
		},
	}
	if t.route.shuffled {
		b.shuffle = &w.shuffle
		b.shuffle.begin(orderOf(o.Keys, e.Table, uint64(e.Index)+1))
	}
	written, err := o.Shadow.Write(ctx, w.number, e, t.route.into, t.route.names, t.route.layout.Format, b)
	if err != nil {
		o.Observer.Rows(t.name, -moved.rows, -moved.read) // these rows are probably not in the target
		*last = moved
	}
	switch failure := b.failure(); {
	case b.lost:
		return o.Snapshot, failure
	case failure != nil: // this error has the position; the shadow's error is only its consequence
		return nil, failure
	case err != nil:
		return o.Shadow, err
	}
	untouched := b.err == nil && b.rows == 0 // the target already had the extent
	if !untouched && (b.err == nil || written != b.rows) {
		return nil, fmt.Errorf("%s: extent %d: %d rows were read and %d written", t.name, e.Index, b.rows, written)
	}
	if untouched && last.rows == written { // only the answer to the attempt before was lost
		moved = *last
		o.Observer.Rows(t.name, moved.rows, moved.read)
	}
	if err := treat.loaded(b, written); err != nil {
		return nil, fmt.Errorf("%s: extent %d: %w", t.name, e.Index, err)
	}
	if rows, done := t.finish(e, written, moved); done {
		o.Observer.TableDone(t.name, rows)
	}
	return nil, nil
}

// reserve empties the worker's buffer and makes room for about n bytes.
func (w *worker) reserve(n int) {
	if cap(w.buffer) > keepBuffer && cap(w.buffer) > 2*n {
		w.buffer = nil
	}
	if cap(w.buffer) < n { // append would double the buffer, and a long row could then take three times its size
		w.buffer = make([]byte, 0, n+n/8+4096)
	}
	w.buffer = w.buffer[:0]
}

// treater returns the worker's treater for a layout, ready for a new extent.
func (w *worker) treater(l *rewrite.Layout) (*treater, error) {
	t, ok := w.rows[l]
	if !ok {
		var err error
		if t, err = w.pool.newTreater(l, w.programs); err != nil {
			return nil, err
		}
		w.rows[l] = t
	}
	t.row.Begin()
	return t, nil
}
