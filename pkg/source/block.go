package source

import (
	"context"
	"errors"
	"io"

	"github.com/jackc/pgx/v5"

	"github.com/masker-project/masker/internal/pgsession"
	"github.com/masker-project/masker/pkg/wire"
)

// Blocks hold whole rows. One is being filled, one waits, one is being read.
const (
	blockSize  = 256 << 10
	blockCount = 3
)

var (
	errStopped = errors.New("the reader stopped") // ends a COPY nobody reads on; never leaves the package
	errHeader  = errors.New("COPY binary begins with a header masker does not know")
)

// block is whole rows. A loan is a row too long for a block: the protocol's own buffer, not
// copied, which the server's next message overwrites.
type block struct {
	rows []byte
	loan bool
}

// stream is one running COPY. The goroutine of run fills blocks and closes full; the
// goroutine that calls Next hands each block back through free, and a loan through returned.
// A block belongs to whoever took it from a channel last.
type stream struct {
	ctx      context.Context // of this one COPY
	binary   bool
	full     chan block
	free     chan []byte
	returned chan struct{}

	filling []byte // run's
	started bool   // run's: the header is behind us
	err     error  // written before full is closed, read after
	reading block  // Next's
	ended   bool   // Next's: it has returned an error or io.EOF
}

// newStream takes the worker's spare blocks, which a stream leaves in free when it ends.
func newStream(ctx context.Context, binary bool, free chan []byte) *stream {
	return &stream{ctx: ctx, binary: binary, full: make(chan block, 1), free: free, returned: make(chan struct{}, 1)}
}

// run executes the COPY to its end.
func (s *stream) run(conn *pgx.Conn, sql string) {
	defer close(s.full)
	_, err := conn.PgConn().CopyTo(s.ctx, s, sql)
	if err == nil {
		err = s.hand()
	}
	if s.filling != nil {
		s.free <- s.filling[:0]
		s.filling = nil
	}
	s.err = s.cause(err)
}

// cause keeps a stopped stream's error what it was: the context's, not what it did to the connection.
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

// Write takes one message of the server, which holds whole rows, in binary after the header.
// pgconn calls it, and ends the COPY where it returns an error.
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
			return n, nil
		}
	}
	if len(row) > blockSize {
		return n, s.lend(row)
	}
	if s.filling == nil || len(s.filling)+len(row) > blockSize {
		if err := s.hand(); err != nil {
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

// hand passes the block being filled to the reader.
func (s *stream) hand() error {
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

// lend passes a huge row on without a copy, and waits until the reader is through with it: even
// when the context ends, for the buffer must not change under a reader.
func (s *stream) lend(row []byte) error {
	if err := s.hand(); err != nil {
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

// Next returns the next block of whole rows.
func (s *stream) Next() ([]byte, error) {
	s.giveBack()
	b, ok := <-s.full // run ends with the context, so this does too
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

// giveBack returns what Next gave out last. It never blocks: free has room for all blocks there are.
func (s *stream) giveBack() {
	switch {
	case s.reading.loan:
		s.returned <- struct{}{}
	case s.reading.rows != nil:
		s.free <- s.reading.rows[:0]
	}
	s.reading = block{}
}

// stop waits for run and takes every block back. Unless Next has seen the end, the context must have ended.
func (s *stream) stop() {
	for !s.ended {
		_, _ = s.Next() // its error ends the loop
	}
	s.giveBack()
}

func spareBlocks() chan []byte {
	free := make(chan []byte, blockCount)
	for range blockCount {
		free <- make([]byte, 0, blockSize)
	}
	return free
}
