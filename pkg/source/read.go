package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// Reader reads extents. It is an alias for an interface without a name. Another package can declare an interface with a
// method Open that returns the same type. Postgres then implements this interface, and neither package imports the
// other.
type Reader = interface {
	Read(ctx context.Context, e catalog.Extent) (wire.Blocks, error)
	Close() error
}

// Open returns a reader of the extents that Cut returned, for one worker. The reader has its own session, with a
// transaction on the snapshot.
func (p *Postgres) Open(ctx context.Context, want []catalog.Want, h catalog.Handle) (Reader, error) {
	if own := p.handle(want); h != own {
		return nil, fmt.Errorf("the extents were cut from another snapshot, or for other tables and columns (snapshot %q of %s, want %q of %s)",
			h.Snapshot, h.Database, own.Snapshot, own.Database)
	}
	c := &copier{snapshot: p, want: want, spare: spareBlocks()}
	if err := c.enter(ctx); err != nil {
		return nil, p.Explain(err)
	}
	return c, nil
}

// copier reads extents with COPY, one after the other, for one worker. Only one goroutine may use it.
type copier struct {
	snapshot *Postgres
	want     []catalog.Want
	anyOrder bool      // the order of rows does not matter, so the server may use parallel workers
	conn     *pgx.Conn // nil if there is no session, because none was opened yet or the last one was given up
	locked   map[catalog.Name]bool
	spare    chan []byte // the blocks that no COPY uses
	current  *copied     // the extent that is being read; nil if there is none
	closed   bool
}

var errReaderClosed = errors.New("the reader was closed")

// Read starts the COPY of one extent. If the COPY of the extent before is still running, Read stops it first.
func (c *copier) Read(ctx context.Context, e catalog.Extent) (wire.Blocks, error) {
	c.end()
	if c.closed {
		return nil, errReaderClosed
	}
	w, err := c.wanted(e)
	if err != nil {
		return nil, err
	}
	if err := c.ready(ctx, w); err != nil {
		c.leave()
		return nil, c.snapshot.Explain(err)
	}
	copying, cancel := context.WithCancel(ctx)
	c.current = &copied{
		stream: newStream(copying, inBinary(*w), c.spare), cancel: cancel, table: w.Table, snapshot: c.snapshot,
	}
	go c.current.stream.run(c.conn, copySQL(*w, e, c.snapshot.filters[w.Table], c.snapshot.from))
	return c.current, nil
}

// wanted returns the Want of an extent. An extent may come from another process, so wanted refuses an extent of a table
// that was not asked for, and a part of a table that can only be read whole.
func (c *copier) wanted(e catalog.Extent) (*catalog.Want, error) {
	switch {
	case e.Want < 0 || e.Want >= len(c.want) || c.want[e.Want].Table != e.Table:
		return nil, fmt.Errorf("%s: extent %d belongs to no table that was asked for", e.Table, e.Index)
	case len(e.Pages) > 0 && c.snapshot.filters[e.Table] != "":
		return nil, fmt.Errorf("%s: extent %d is a part of the table, but the table can only be read whole, because an extension filters it", e.Table, e.Index)
	}
	return &c.want[e.Want], nil
}

// ready makes sure that there is a session, and that it has locks on the tables that it reads. The holder's locks
// already keep the tables unchanged. The session takes its own locks with NOWAIT. Without its own locks, a COPY would
// wait in the lock queue behind all sessions that wait for the holder.
func (c *copier) ready(ctx context.Context, w *catalog.Want) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.enter(ctx); err != nil {
		return err
	}
	if err := c.lock(ctx, w.Table); err != nil {
		return err
	}
	for _, j := range w.Joins {
		if err := c.lock(ctx, j.Parent); err != nil {
			return err
		}
	}
	return nil
}

// enter makes sure that there is a session on the snapshot. An extent must give the same bytes every time. Parallel
// workers could change the order of joined rows, so enter turns them off.
func (c *copier) enter(ctx context.Context) error {
	if c.conn != nil {
		return nil
	}
	conn, err := c.snapshot.session(ctx)
	if err != nil {
		return err
	}
	c.conn, c.locked = conn, map[catalog.Name]bool{}
	if c.anyOrder {
		return nil
	}
	if _, err := conn.Exec(ctx, "SET LOCAL max_parallel_workers_per_gather = 0"); err != nil {
		c.leave()
		return pgsession.Safe(err)
	}
	return nil
}

// lock locks a table in ACCESS SHARE mode, with all its partitions if it is partitioned. It fails at once if it would
// have to wait. It also sets the search path that the indexes of the table need.
func (c *copier) lock(ctx context.Context, table catalog.Name) error {
	if c.locked[table] {
		return nil
	}
	if _, err := c.conn.Exec(ctx, "LOCK TABLE "+c.snapshot.from(table)+" IN ACCESS SHARE MODE NOWAIT"); err != nil {
		return fmt.Errorf("%s: %w", table, pgsession.Safe(err))
	}
	if err := c.usePath(ctx, table); err != nil {
		return fmt.Errorf("%s: %w", table, err)
	}
	c.locked[table] = true
	return nil
}

// end stops the COPY that is running, and takes its blocks back. If the COPY failed or had to be interrupted, end also
// ends the session, because its transaction cannot be used any more.
func (c *copier) end() {
	if c.current == nil {
		return
	}
	c.current.cancel()
	c.current.stream.stop()
	failed := c.current.stream.err != nil
	c.current = nil
	if failed || c.conn.PgConn().IsClosed() {
		c.leave()
	}
}

// leave ends the session. It waits up to two seconds until the connection is closed and the cancel request is sent.
func (c *copier) leave() {
	if c.conn == nil {
		return
	}
	c.snapshot.leave(c.conn)
	select {
	case <-c.conn.PgConn().CleanupDone():
	case <-time.After(2 * time.Second):
	}
	c.conn = nil
}

// Close stops the COPY that is running, and ends the session. It may be called more than once.
func (c *copier) Close() error {
	c.end()
	c.leave()
	c.closed = true
	return nil
}

// copied is the rows of one extent. Only one goroutine may call Next.
type copied struct {
	stream   *stream
	cancel   context.CancelFunc
	table    catalog.Name
	snapshot *Postgres
	err      error // the first error of Next, which all later calls return, too; io.EOF at the end
}

// Next implements wire.Blocks. An error other than io.EOF says why rows are missing.
func (r *copied) Next() ([]byte, error) {
	if r.err != nil {
		return nil, r.err
	}
	block, err := r.stream.Next()
	if err != nil && err != io.EOF {
		err = r.snapshot.Explain(fmt.Errorf("reading %s: %w", r.table, err))
	}
	r.err = err
	return block, err
}

// maxMessage returns the maximum length of a message in bytes for Options.MaxRow, or 0 for no limit. It is at least 64
// KiB, for the messages that are not rows.
func (p *Postgres) maxMessage() int {
	if p.opt.MaxRow <= 0 {
		return 0
	}
	return max(p.opt.MaxRow, 64<<10)
}
