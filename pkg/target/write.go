package target

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/wire"
)

// errRows is all the server's log sees of a failure on our side: pgx sends a reader's error text to the server.
var errRows = errors.New("masker: rows stopped")

// Write loads one extent in one transaction that also records it: repeating it is a no-op that
// returns the rows written before. into names the table to load, e.Table or a root that routes the
// rows anew. rows.Next must return once ctx has ended. Each worker number has its own session and
// belongs to one goroutine.
func (s *Shadow) Write(ctx context.Context, worker int, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	l, err := s.worker(ctx, worker)
	if err != nil {
		return 0, err
	}
	n, err := s.writeExtent(ctx, l, e, into, columns, f, rows)
	if err != nil {
		s.rollback(ctx, worker, l.conn)
		return 0, fmt.Errorf("loading %s: %w", into, err)
	}
	return n, nil
}

func (s *Shadow) writeExtent(ctx context.Context, l *loader, e catalog.Extent, into catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	conn := l.conn
	key := literal(e.Table.String()) + ", " + strconv.Itoa(e.Index)
	results, err := conn.PgConn().Exec(ctx, "BEGIN; INSERT INTO "+s.extents()+".extent VALUES ("+key+") ON CONFLICT DO NOTHING").ReadAll()
	if err != nil {
		return 0, pgsession.Safe(err)
	}
	if results[len(results)-1].CommandTag.RowsAffected() == 0 {
		return s.writtenBefore(ctx, conn, key)
	}
	options := "FORMAT " + f.String()
	if s.alone(e, into) {
		// The whole table in one transaction: rows arrive frozen, so nobody rewrites their pages later,
		// and where wal_level is minimal nothing is logged.
		if _, err := conn.Exec(ctx, "TRUNCATE ONLY "+into.String()); err != nil {
			return 0, pgsession.Safe(err)
		}
		options += ", FREEZE"
	}
	r := &copyReader{rows: rows, format: f, waits: &l.waits, afterFirst: func() { s.target.opts.Fault("mid-copy") }}
	tag, err := conn.PgConn().CopyFrom(ctx, r, "COPY "+into.String()+columnList(columns)+" FROM STDIN ("+options+")")
	if failed := r.stop(); failed != nil {
		return 0, failed // ours is the cause; the server only heard that rows stopped
	}
	if err != nil {
		return 0, pgsession.Safe(err)
	}
	n := tag.RowsAffected()
	_, err = conn.Exec(ctx, fmt.Sprintf("UPDATE %s.extent SET rows = %d WHERE (relation, index) = (%s); COMMIT", s.extents(), n, key))
	return n, pgsession.Safe(err)
}

func (s *Shadow) writtenBefore(ctx context.Context, conn *pgx.Conn, key string) (n int64, err error) {
	err = conn.QueryRow(ctx, "SELECT rows FROM "+s.extents()+".extent WHERE (relation, index) = ("+key+")").Scan(&n)
	if err != nil {
		return 0, pgsession.Safe(err)
	}
	_, err = conn.Exec(ctx, "COMMIT")
	return n, pgsession.Safe(err)
}

// alone says that the extent is all its table will hold, so that TRUNCATE and FREEZE lose nothing.
func (s *Shadow) alone(e catalog.Extent, into catalog.Name) bool {
	if e.Of != 1 || into != e.Table {
		return false
	}
	t := s.spec.Source.Table(into)
	return t != nil && !t.Partitioned && t.ExtMember == ""
}

// columnList is empty for a table without columns to send: COPY takes no empty list, and without one
// it sends exactly the columns that are not generated, which are none.
func columnList(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	quoted := make([]string, len(columns))
	for i, c := range columns {
		quoted[i] = catalog.Quote(c)
	}
	return " (" + strings.Join(quoted, ", ") + ")"
}

// loader is the session of one worker.
type loader struct {
	conn  *pgx.Conn
	waits waiting // for rows: the server has nothing to do, and its silence says nothing
}

// waiting knows when a worker waits for rows.
type waiting struct {
	now   atomic.Bool
	ended atomic.Int64 // when it last did, in nanoseconds since 1970
}

func (w *waiting) begin() { w.now.Store(true) }

func (w *waiting) end() {
	w.ended.Store(time.Now().UnixNano())
	w.now.Store(false)
}

// within says whether rows are waited for, or were a moment ago: the server has had no time to answer them.
func (w *waiting) within(patience time.Duration) bool {
	return w.now.Load() || time.Since(time.Unix(0, w.ended.Load())) < patience
}

// worker is the session of one worker, opened at its first extent.
func (s *Shadow) worker(ctx context.Context, n int) (*loader, error) {
	s.mu.Lock()
	l := s.workers[n]
	s.mu.Unlock()
	if l != nil && !l.conn.IsClosed() {
		return l, nil
	}
	l = &loader{}
	silence := func(pid uint32) string {
		if l.waits.within(s.target.opts.Patience) {
			return ""
		}
		return s.target.silence(pid)
	}
	var err error
	if l.conn, err = s.connectAs(ctx, pgsession.Options{
		Name: "load " + strconv.Itoa(n), Silence: silence, LockTimeout: lockedTries * s.target.opts.Patience, // an extent is not tried again
	}, ""); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.workers[n] = l
	s.mu.Unlock()
	return l, nil
}

// rollback readies the worker's session for another extent, or closes it where it cannot be readied.
func (s *Shadow) rollback(ctx context.Context, n int, conn *pgx.Conn) {
	if _, err := conn.Exec(ctx, "ROLLBACK"); err == nil {
		return
	}
	closeConn(conn)
	s.mu.Lock()
	delete(s.workers, n)
	s.mu.Unlock()
}

func (s *Shadow) closeWorkers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, l := range s.workers {
		closeConn(l.conn)
		delete(s.workers, n)
	}
}

// copyReader feeds the blocks of one extent to COPY FROM STDIN, between binary COPY's header and trailer.
// pgx reads it in a goroutine that may outlive CopyFrom where the connection breaks; stop waits for it,
// so that no block is asked for after Write has returned.
type copyReader struct {
	mu         sync.Mutex
	rows       wire.Blocks
	format     wire.Format
	waits      *waiting // told while rows are waited for
	afterFirst func()   // called with the first block
	rest       []byte
	stage      copyStage
	failure    error
}

type copyStage int

const (
	copyHeader copyStage = iota
	copyRows
	copyTrailer
	copyDone
)

func (r *copyReader) Read(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.rest) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func (r *copyReader) next() error {
	switch r.stage {
	case copyHeader:
		r.stage = copyRows
		if r.format == wire.Binary {
			r.rest = []byte(wire.BinaryHeader)
		}
	case copyRows:
		r.waits.begin()
		block, err := r.rows.Next()
		r.waits.end()
		switch {
		case err == io.EOF:
			r.stage = copyTrailer
		case err != nil:
			r.failure, r.stage = err, copyDone
			return errRows
		}
		r.rest = block
		if r.afterFirst != nil && len(block) > 0 {
			r.afterFirst()
			r.afterFirst = nil
		}
	case copyTrailer:
		r.stage = copyDone
		if r.format == wire.Binary {
			r.rest = []byte(wire.BinaryTrailer)
		}
	case copyDone:
		if r.failure != nil {
			return errRows
		}
		return io.EOF
	}
	return nil
}

// stop ends reading for good and says what failed on our side.
func (r *copyReader) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stage != copyDone && r.failure == nil {
		r.stage, r.rest = copyDone, nil
	}
	return r.failure
}
