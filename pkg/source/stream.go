package source

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// Stream reads the wanted tables, cut into extents, largest first, and calls fn for each from one of
// workers goroutines. Each worker has one session and one transaction on the snapshot. fn may
// return before it has read all rows. The first error ends the others and is returned when all have ended.
func (p *Postgres) Stream(ctx context.Context, want []catalog.Want, workers int,
	fn func(ctx context.Context, worker int, e catalog.Extent, rows wire.Blocks) error,
) error {
	tasks, err := p.cut(ctx, want, workers)
	if err != nil {
		return p.sessions.why(err)
	}
	binary := make(map[catalog.Name]bool, len(want))
	for _, w := range want {
		binary[w.Table] = w.Binary && len(w.Columns) > 0
	}
	queue := make(chan task, len(tasks))
	for _, t := range tasks {
		queue <- t
	}
	close(queue)

	group, ctx := errgroup.WithContext(ctx)
	for i := range min(workers, len(tasks)) {
		group.Go(func() error {
			w := &worker{snapshot: p, spare: spareBlocks()}
			defer w.close()
			for t := range queue {
				err := w.read(ctx, t, binary[t.extent.Table], func(ctx context.Context, rows wire.Blocks) error {
					return fn(ctx, i, t.extent, rows)
				})
				if err != nil {
					return err
				}
			}
			return nil
		})
	}
	return p.explained(group.Wait())
}

// worker is one session on the snapshot and its blocks, of one goroutine.
type worker struct {
	snapshot *Postgres
	conn     *pgx.Conn // nil before the first extent, and after a COPY that was not read to its end
	locked   map[catalog.Name]bool
	spare    chan []byte
}

// read runs one COPY beside fn.
func (w *worker) read(ctx context.Context, t task, binary bool, fn func(context.Context, wire.Blocks) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := w.ready(ctx, t); err != nil {
		return err
	}
	copyCtx, cancel := context.WithCancel(ctx)
	defer cancel()
	s := newStream(copyCtx, binary, w.spare)
	go s.run(w.conn, t.sql)
	err := fn(ctx, s)
	ended := s.ended
	cancel()
	s.stop()
	if w.conn.PgConn().IsClosed() {
		w.close()
	}
	if ended && s.err != nil { // whatever fn made of it: the rows did not all come
		return fmt.Errorf("reading %s: %w", t.extent.Table, s.err)
	}
	return err
}

// ready has a session, and locks on what it reads: the holder's lock keeps the tables as they are, and asking
// for one's own with NOWAIT is what does not queue behind somebody who waits for the holder.
func (w *worker) ready(ctx context.Context, t task) error {
	if w.conn == nil {
		conn, err := w.snapshot.session(ctx)
		if err != nil {
			return err
		}
		w.conn, w.locked = conn, map[catalog.Name]bool{}
	}
	if err := w.lock(ctx, t.extent.Table); err != nil {
		return err
	}
	for _, j := range t.joins {
		if err := w.lock(ctx, j.Parent); err != nil {
			return err
		}
	}
	return nil
}

// lock takes the table, and of a partitioned one all partitions, as reading it does.
func (w *worker) lock(ctx context.Context, table catalog.Name) error {
	if w.locked[table] {
		return nil
	}
	only := "ONLY "
	if w.snapshot.partitioned(table) {
		only = ""
	}
	if _, err := w.conn.Exec(ctx, "LOCK TABLE "+only+table.String()+" IN ACCESS SHARE MODE NOWAIT"); err != nil {
		return fmt.Errorf("%s: %w", table, pgsession.Safe(err))
	}
	w.locked[table] = true
	return nil
}

// maxMessage turns the longest row into the longest message: 4 bytes of length, and what the statement's other messages need.
func (p *Postgres) maxMessage() int {
	if p.opt.MaxRow <= 0 {
		return 0
	}
	return max(p.opt.MaxRow, 64<<10)
}

// close ends the session and waits until the connection is really gone, its cancel request sent.
func (w *worker) close() {
	if w.conn == nil {
		return
	}
	w.snapshot.leave(w.conn)
	select {
	case <-w.conn.PgConn().CleanupDone():
	case <-time.After(2 * time.Second):
	}
	w.conn = nil
}
