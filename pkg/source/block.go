package source

import (
	"context"
	"errors"
	"io"
	"iter"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/wire"
)

// The size of a block in bytes, and the number of blocks of a stream. One block is being filled, one waits, and one is
// being read.
const (
	blockSize  = 256 << 10
	blockCount = 3
)

var (
	errStopped = errors.New("the reader stopped") // ends a COPY whose rows nobody reads; no caller of the package sees it
	errHeader  = errors.New("COPY binary begins with a header that masker does not know")
)

// block holds whole rows. If loan is true, rows is one long row that does not fit into a buffer of the stream. This row
// is not copied. It stays in the protocol's buffer, and the server's next message overwrites this buffer.
type block struct {
	rows []byte
	loan bool
}

// stream receives the results of the COPY statements of one extent. The goroutine of run fills blocks, sends them to
// full and closes full at the end. The goroutine that calls Next gives each block back through free. It reports the end
// of each loan through returned. A block belongs to the goroutine that received it last.
type stream struct {
	ctx      context.Context // ends when the COPY statements end
	binary   bool
	full     chan block
	free     chan []byte
	returned chan struct{}

	filling []byte // used by run: the block that is being filled
	started bool   // used by run: the header of the current COPY has been read
	err     error  // written before full is closed, read after
	reading block  // used by Next: the block that Next returned last
	ended   bool   // used by Next: Next has returned an error or io.EOF
}

// newStream returns a stream that uses the blocks in free. When the stream has ended, all blocks are in free again.
func newStream(ctx context.Context, binary bool, free chan []byte) *stream {
	return &stream{ctx: ctx, binary: binary, full: make(chan block, 1), free: free, returned: make(chan struct{}, 1)}
}

// run executes the messages one after another. Each message consists of one or several COPY statements.
func (s *stream) run(conn *pgx.Conn, messages iter.Seq[string]) {
	defer close(s.full)
	var err error
	for sql := range messages {
		if _, err = conn.PgConn().CopyTo(s.ctx, s, sql); err != nil {
			break
		}
	}
	if err == nil {
		err = s.flush()
	}
	if s.filling != nil {
		s.free <- s.filling[:0]
		s.filling = nil
	}
	s.err = s.cause(err)
}

// cause returns the error for the caller of Next. If the context has ended, it returns the context's error, because the
// end of the context is the cause of the connection's error.
func (s *stream) cause(err error) error {
	switch {
	case err == nil:
		return nil
	case s.ctx.Err() != nil:
		return s.ctx.Err()
	case errors.Is(err, errHeader):
		return errHeader
	}
	return pgsession.Safe(err)
}

// Write takes one message of the server, which consists of whole rows. In the binary format, the first message of each
// COPY begins with the header. The last message is the trailer, which follows the header if there are no rows. pgconn
// calls Write, and closes the connection if Write returns an error.
func (s *stream) Write(row []byte) (int, error) {
	n := len(row)
	if s.binary {
		if !s.started {
			s.started = true
			var err error
			if row, err = wire.CutBinaryHeader(row); err != nil {
				return 0, errHeader
			}
		}
		if wire.IsBinaryTrailer(row) {
			s.started = false
			return n, nil
		}
	}
	if len(row) > blockSize {
		return n, s.lend(row)
	}
	if s.filling == nil || len(s.filling)+len(row) > blockSize {
		if err := s.flush(); err != nil {
			return 0, err
		}
		select {
		case s.filling = <-s.free:
		case <-s.ctx.Done():
			return 0, errStopped
		}
	}
	s.filling = append(s.filling, row...)
	return n, nil
}

// flush passes the block that is being filled to the reader.
func (s *stream) flush() error {
	if len(s.filling) == 0 {
		return nil
	}
	select {
	case s.full <- block{rows: s.filling}:
		s.filling = nil
		return nil
	case <-s.ctx.Done():
		return errStopped
	}
}

// lend passes a long row to the reader without a copy. It waits until the reader no longer uses the row, even if the
// context ends, because the buffer must not change while the reader uses it.
func (s *stream) lend(row []byte) error {
	if err := s.flush(); err != nil {
		return err
	}
	select {
	case s.full <- block{row, true}:
		<-s.returned
		return nil
	case <-s.ctx.Done():
		return errStopped
	}
}

// Next returns the next block of whole rows, which is valid until the next call. It returns io.EOF after the last
// block.
func (s *stream) Next() ([]byte, error) {
	s.giveBack()
	b, ok := <-s.full // run closes full when the context ends
	if ok {
		s.reading = b
		return b.rows, nil
	}
	s.ended = true
	if s.err != nil {
		return nil, s.err
	}
	return nil, io.EOF
}

// giveBack returns the block that Next returned last. It never blocks, because free has room for all blocks.
func (s *stream) giveBack() {
	switch {
	case s.reading.loan:
		s.returned <- struct{}{}
	case s.reading.rows != nil:
		s.free <- s.reading.rows[:0]
	}
	s.reading = block{}
}

// stop waits until run has ended, and puts every block back into s.free. Before stop, the context must have ended, or
// Next must have returned an error or io.EOF.
func (s *stream) stop() {
	for !s.ended {
		_, _ = s.Next() // an error ends the loop
	}
	s.giveBack()
}

// spareBlocks returns the blocks of a stream, all of them free.
func spareBlocks() chan []byte {
	free := make(chan []byte, blockCount)
	for range blockCount {
		free <- make([]byte, 0, blockSize)
	}
	return free
}
