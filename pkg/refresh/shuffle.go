package refresh

import (
	"io"

	"github.com/masker-project/masker/pkg/keyring"
	"github.com/masker-project/masker/pkg/rewrite"
)

// These are sizes in bytes. A worker has two windows of windowSize. A block longer than longBlock is usually one long
// row, and such a row does not go into a window.
const (
	windowSize = 4 << 20
	longBlock  = 256 << 10
)

// shuffle mixes the rows of an extent. It fills one window with treated rows, while it takes rows from the other window
// in a random order. So source and target work at the same time. The order depends on the key, on the rows, on their
// order in the source and on how the source divides them into blocks. It does not depend on the time. One worker uses a
// shuffle for all its extents.
type shuffle struct {
	random   *keyring.Stream
	filling  window
	emptying window
	ended    bool // the source has no more rows
}

// window holds treated rows.
type window struct {
	data []byte
	rows []rewrite.Range
}

// full reports whether another block may be too large for the window. The positions of rows count too, because very
// short rows need more memory for their positions than for their data.
func (w *window) full() bool { return len(w.data)+8*len(w.rows) > windowSize-longBlock }

// begin prepares the shuffle for a new extent.
func (s *shuffle) begin(random *keyring.Stream) {
	s.random, s.ended = random, false
	s.filling.clear()
	s.emptying.clear()
}

func (w *window) clear() {
	if cap(w.data) < windowSize || cap(w.data) > 2*windowSize {
		w.data = make([]byte, 0, windowSize)
	}
	w.data, w.rows = w.data[:0], w.rows[:0]
}

// take removes random rows from the window s.emptying and appends them to dst, until dst has at least n bytes or the
// window is empty.
func (s *shuffle) take(dst []byte, n int) []byte {
	w := &s.emptying
	for len(w.rows) > 0 && len(dst) < n {
		i, last := s.random.Below(uint64(len(w.rows))), len(w.rows)-1
		row := w.rows[i]
		w.rows[i], w.rows = w.rows[last], w.rows[:last]
		dst = append(dst, w.data[row.Start:row.End]...)
	}
	return dst
}

// shuffled returns the next block of shuffled rows.
func (b *blocks) shuffled() ([]byte, error) {
	s, w := b.shuffle, b.worker
	for {
		n := longBlock
		if !s.ended && !s.filling.full() {
			raw, err := b.source.Next()
			switch {
			case err == io.EOF:
				s.ended = true
			case err != nil:
				return nil, b.broken(err)
			case len(raw) > longBlock && b.treater.row.Alone(raw):
				return b.treated(raw)
			default:
				if n, err = b.fill(raw); err != nil { // if as many bytes are taken as were added, one window is empty when the other one is full
					return nil, b.fail(err)
				}
			}
		}
		if len(s.emptying.rows) == 0 && (s.ended || s.filling.full()) {
			s.filling, s.emptying = s.emptying, s.filling
			s.filling.clear()
			if len(s.emptying.rows) == 0 {
				b.err = io.EOF
				return nil, io.EOF
			}
		}
		if len(s.emptying.rows) > 0 {
			w.reserve(n)
			w.buffer = s.take(w.buffer, n)
			return w.buffer, nil
		}
	}
}

// fill treats the rows of a block and adds them to the window that is being filled. It returns the size of the treated
// rows.
func (b *blocks) fill(raw []byte) (n int, err error) {
	w := &b.shuffle.filling
	before := len(w.data)
	w.data, w.rows, err = b.treater.row.AppendRows(w.data, w.rows, raw)
	n = len(w.data) - before
	if err == nil {
		b.count(len(raw), n)
	}
	return n, err
}
