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

// Reader is the interface that Open's caller declares, by its methods: this package need not know who that is.
type Reader = interface {
	Read(ctx context.Context, e catalog.Extent) (wire.Blocks, error)
	Close() error
}

// Open gives one worker a reader of what Cut has cut: a session and a transaction on the snapshot.
func (p *Postgres) Open(ctx context.Context, want []catalog.Want, h catalog.Handle) (Reader, error) {
	if own := p.handle(want); h != own {
		return nil, fmt.Errorf("what is to be read was cut from another snapshot, or for other tables and columns (snapshot %q of %s, want %q of %s)",
			h.Snapshot, h.Database, own.Snapshot, own.Database)
	}
	c := &copier{snapshot: p, want: want, spare: spareBlocks()}
	if err := c.enter(ctx); err != nil {
		return nil, p.Explain(err)
	}
	return c, nil
}

// copier reads extents with COPY, one after the other, for one worker. One goroutine uses it.
type copier struct {
	snapshot *Postgres
	want     []catalog.Want
	anyOrder bool      // of the rows: the server may let several processes read
	conn     *pgx.Conn // nil after a COPY that was not read to its end
	locked   map[catalog.Name]bool
	spare    chan []byte // the blocks that no COPY uses
	current  *copied     // the extent that is being read; nil where there is none
	closed   bool
}

var errReaderClosed = errors.New("the reader was closed")

// Read starts the COPY of one extent. It ends what is left of the extent before.
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
	go c.current.stream.run(c.conn, copySQL(*w, e, c.snapshot.filters[w.Table], c.snapshot.partitioned))
	return c.current, nil
}

// wanted is the Want of an extent. An extent may come from anywhere: one that says what no Cut does is refused.
func (c *copier) wanted(e catalog.Extent) (*catalog.Want, error) {
	switch {
	case e.Want < 0 || e.Want >= len(c.want) || c.want[e.Want].Table != e.Table:
		return nil, fmt.Errorf("%s: extent %d is of no table that was asked for", e.Table, e.Index)
	case len(e.Pages) > 1:
		return nil, fmt.Errorf("%s: extent %d is scattered over the table, which this source cannot read", e.Table, e.Index)
	case len(e.Pages) > 0 && c.snapshot.filters[e.Table] != "":
		return nil, fmt.Errorf("%s: extent %d is a part of a table that an extension filters, which is read whole", e.Table, e.Index)
	}
	return &c.want[e.Want], nil
}

// ready has a session, and locks on what it reads: the holder's lock keeps the tables as they are, and asking
// for one's own with NOWAIT is what does not queue behind somebody who waits for the holder.
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

// enter has a session on the snapshot. An extent gives the same bytes every time, so one process reads it: several take
// turns in an order of their own, where joined rows are read.
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

// lock takes the table, and of a partitioned one all partitions, as reading it does.
func (c *copier) lock(ctx context.Context, table catalog.Name) error {
	if c.locked[table] {
		return nil
	}
	only := "ONLY "
	if c.snapshot.partitioned(table) {
		only = ""
	}
	if _, err := c.conn.Exec(ctx, "LOCK TABLE "+only+table.String()+" IN ACCESS SHARE MODE NOWAIT"); err != nil {
		return fmt.Errorf("%s: %w", table, pgsession.Safe(err))
	}
	c.locked[table] = true
	return nil
}

// end stops the COPY that is running, and takes its blocks back. A session that had to be interrupted is left, and one
// whose transaction an error has spoilt.
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

// leave ends the session and waits until the connection is really gone, its cancel request sent.
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

// Close ends what is being read, and the session. It may be called again.
func (c *copier) Close() error {
	c.end()
	c.leave()
	c.closed = true
	return nil
}

// copied is the rows of one extent. One goroutine calls Next.
type copied struct {
	stream   *stream
	cancel   context.CancelFunc
	table    catalog.Name
	snapshot *Postgres
	err      error // sticky; io.EOF at the end
}

// Next implements wire.Blocks. An error is why the rows did not all come.
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

// maxMessage turns the longest row into the longest message: 4 bytes of length, and what the statement's other messages need.
func (p *Postgres) maxMessage() int {
	if p.opt.MaxRow <= 0 {
		return 0
	}
	return max(p.opt.MaxRow, 64<<10)
}
