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

// errRows is the error that pgx gets if the rows fail. pgx sends the text of this error to the server, and the server
// may log it. So the text must not contain data.
var errRows = errors.New("masker: rows stopped")

// Write loads one extent and records it, in one transaction. It returns the number of rows. If the extent was written
// before, Write loads nothing and returns the number of rows that were written then.
//
// The argument table is the table that COPY names: e.Table, or perhaps the root if e.Table is a partition. With the
// root, the server chooses a partition for each row. rows.Next must return after ctx has ended. Each worker number has
// its own session. Only one goroutine may use a worker number.
func (s *Shadow) Write(ctx context.Context, worker int, e catalog.Extent, table catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	l, err := s.worker(ctx, worker)
	if err != nil {
		return 0, err
	}
	n, err := s.writeExtent(ctx, l, e, table, columns, f, rows)
	if err != nil {
		s.rollback(ctx, worker, l.conn)
		if s.takeOut(ctx, worker, err, table) {
			return 0, fmt.Errorf("loading %s: %w: %w", table, errTakenOut, err)
		}
		return 0, s.blameRows(fmt.Errorf("loading %s: %w", table, err), table)
	}
	return n, nil
}

// writeExtent does the work of Write, without the clean-up after an error.
func (s *Shadow) writeExtent(ctx context.Context, l *loader, e catalog.Extent, table catalog.Name, columns []string, f wire.Format, rows wire.Blocks) (int64, error) {
	conn := l.conn
	key := catalog.Literal(e.Table.String()) + ", " + strconv.Itoa(e.Index)
	results, err := conn.PgConn().Exec(ctx, "BEGIN; INSERT INTO "+s.extents()+".extent VALUES ("+key+") ON CONFLICT DO NOTHING").ReadAll()
	if err != nil {
		return 0, pgsession.Safe(err)
	}
	if results[len(results)-1].CommandTag.RowsAffected() == 0 {
		return s.writtenBefore(ctx, conn, key)
	}
	options := "FORMAT " + f.String()
	if e.Bytes >= freezeFrom && s.isWhole(e, table) {
		// The whole table is loaded in one transaction. Then rows can be frozen at once, so that no vacuum has to
		// rewrite their pages. If wal_level is minimal, the rows are not written to the write-ahead log.
		if _, err := conn.Exec(ctx, "TRUNCATE ONLY "+table.String()); err != nil {
			return 0, pgsession.Safe(err)
		}
		options += ", FREEZE"
	}
	r := &copyReader{rows: rows, format: f, waits: &l.waits, afterFirst: func() { s.target.opts.Fault("mid-copy") }}
	tag, err := conn.PgConn().CopyFrom(ctx, r, "COPY "+table.String()+columnList(columns)+" FROM STDIN ("+options+")")
	if failed := r.stop(); failed != nil {
		return 0, failed // the reason why the rows failed, which the server does not know
	}
	if err != nil {
		return 0, pgsession.Safe(err)
	}
	s.target.opts.Fault("extent")
	n := tag.RowsAffected()
	_, err = conn.Exec(ctx, fmt.Sprintf("UPDATE %s.extent SET rows = %d WHERE (relation, index) = (%s); COMMIT", s.extents(), n, key))
	return n, pgsession.Safe(err)
}

// freezeFrom is the size in bytes from which a table is truncated and its rows are frozen. To truncate a table, the
// server makes new files for the table, its TOAST table and their index, and deletes the old files. For a smaller
// table, this takes longer than loading its rows. The gain would be small, because a vacuum of a small table rewrites
// only a few pages.
const freezeFrom = 128 << 10

// writtenBefore is for an extent that an earlier call has already written. It returns the number of rows that the
// earlier call wrote, and commits the transaction.
func (s *Shadow) writtenBefore(ctx context.Context, conn *pgx.Conn, key string) (n int64, err error) {
	err = conn.QueryRow(ctx, "SELECT rows FROM "+s.extents()+".extent WHERE (relation, index) = ("+key+")").Scan(&n)
	if err != nil {
		return 0, pgsession.Safe(err)
	}
	_, err = conn.Exec(ctx, "COMMIT")
	return n, pgsession.Safe(err)
}

// isWhole reports whether the extent holds all rows of its table. TRUNCATE then loses nothing.
func (s *Shadow) isWhole(e catalog.Extent, table catalog.Name) bool {
	if e.Of != 1 || table != e.Table {
		return false
	}
	t := s.spec.Source.Table(table)
	return t != nil && !t.Partitioned && t.ExtMember == ""
}

// columnList returns the list of columns for COPY. It is "" if there are no columns, because COPY takes no empty list.
// Without a list COPY reads all columns that are not generated, and a table without columns has none of these.
func columnList(columns []string) string {
	if len(columns) == 0 {
		return ""
	}
	return " (" + strings.Join(catalog.QuoteAll(columns), ", ") + ")"
}

// loader is the session of one worker.
type loader struct {
	conn  *pgx.Conn
	waits waiting // when the worker waits for rows; the server has nothing to do then, so it may be silent
}

// waiting records when a worker waits for rows.
type waiting struct {
	now   atomic.Bool
	ended atomic.Int64 // the end of the last wait, in nanoseconds since 1970
}

func (w *waiting) begin() { w.now.Store(true) }

func (w *waiting) end() {
	w.ended.Store(time.Now().UnixNano())
	w.now.Store(false)
}

// within reports whether the worker waits for rows, or has waited for rows less than patience ago. After a wait, the
// server needs time to answer.
func (w *waiting) within(patience time.Duration) bool {
	return w.now.Load() || time.Since(time.Unix(0, w.ended.Load())) < patience
}

// worker returns the session of a worker. It opens the session at the worker's first extent.
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
		Name: "load " + strconv.Itoa(n), Silence: silence, LockTimeout: lockedTries * s.target.opts.Patience, // a long timeout, because after it the extent is not tried again
	}, ""); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.workers[n] = l
	s.mu.Unlock()
	return l, nil
}

// Again reports whether an extent can be written again after err: the connection broke, the server ended the
// transaction because of a deadlock, or a row broke a constraint that takeOut dropped. An extent is one transaction, so
// nothing of it is left. If only the answer to its COMMIT was lost, the extent is recorded, and Write loads nothing.
func (s *Shadow) Again(err error) bool {
	code := pgsession.Code(err)
	return strings.HasPrefix(code, "08") || code == "40P01" || errors.Is(err, errTakenOut)
}

// rollback prepares the worker's session for another extent. If that fails, it ends the session.
func (s *Shadow) rollback(ctx context.Context, n int, conn *pgx.Conn) {
	if _, err := conn.Exec(ctx, "ROLLBACK"); err == nil {
		return
	}
	closeConn(conn)
	s.mu.Lock()
	delete(s.workers, n)
	s.mu.Unlock()
	if ctx.Err() == nil {
		s.terminate(ctx, conn.PgConn().PID())
	}
}

// terminate ends the server process of a worker's session. The server may not know yet that the connection broke.
// Another attempt to write the extent would then wait for the transaction of this process.
func (s *Shadow) terminate(ctx context.Context, pid uint32) {
	p := s.target
	p.looking.Lock()
	defer p.looking.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), p.opts.Patience)
	defer cancel()
	// If this statement fails, the other attempt to write the extent fails too, after a while. If it finds no row, the
	// process has ended, or another process has its number now.
	_, _ = p.lookout.Exec(ctx, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = $1 AND datname = $2 AND application_name LIKE 'masker load %'", int32(pid), s.name)
}

// closeWorkers closes the sessions of all workers.
func (s *Shadow) closeWorkers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n, l := range s.workers {
		closeConn(l.conn)
		delete(s.workers, n)
	}
}

// copyReader reads the blocks of one extent for COPY FROM STDIN. In the binary format it adds the header and the
// trailer. pgx calls Read in another goroutine, which may still run after CopyFrom if the connection breaks. Therefore
// stop makes sure that Read asks for no block after Write has returned.
type copyReader struct {
	mu         sync.Mutex
	rows       wire.Blocks
	format     wire.Format
	waits      *waiting // records the time in which Next of rows runs
	afterFirst func()   // called after the first block
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

// next sets rest to the next bytes to read.
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

// stop ends reading, and returns the error of rows if there was one.
func (r *copyReader) stop() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stage != copyDone && r.failure == nil {
		r.stage, r.rest = copyDone, nil
	}
	return r.failure
}
