package refresh

import (
	"sync"

	"github.com/masker-project/masker/pkg/catalog"
)

// tally counts what moved.
type tally struct{ rows, read, written int64 }

func (t *tally) add(rows, read, written int64) {
	t.rows += rows
	t.read += read
	t.written += written
}

// progress is how far one table is. Its extents end on several workers.
type progress struct {
	route *route
	name  string

	mu      sync.Mutex
	started bool
	seen    map[int]bool // extents that are in the target, by index; guarded by mu
	of      int          // extents there are, once one has ended
	total   tally        // of the extents in seen
}

// start is true for the first caller.
func (p *progress) start() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.started
	p.started = true
	return first
}

// finish counts an extent that is in the target, once. done is true when it was the table's last.
func (p *progress) finish(e catalog.Extent, written int64, moved tally) (rows int64, done bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.of = e.Of
	if !p.seen[e.Index] {
		p.seen[e.Index] = true
		p.total.add(written, moved.read, moved.written)
		done = len(p.seen) == p.of
	}
	return p.total.rows, done
}

// complete says that every extent is in the target; a table that was never streamed is not.
func (p *progress) complete() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of > 0 && len(p.seen) == p.of
}

func (p *progress) table() Table {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Table{
		Table: p.name, Format: p.route.layout.Format.String(),
		Rows: p.total.rows, Values: p.total.rows * int64(p.route.layout.Treated()),
		BytesRead: p.total.read, BytesWritten: p.total.written,
	}
}
