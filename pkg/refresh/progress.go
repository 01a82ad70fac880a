package refresh

import (
	"sync"

	"github.com/masker-project/masker/pkg/catalog"
)

// tally counts rows, bytes read and bytes written.
type tally struct{ rows, read, written int64 }

func (t *tally) add(rows, read, written int64) {
	t.rows += rows
	t.read += read
	t.written += written
}

// progress is the progress of one table. Several workers use it.
type progress struct {
	route *route
	name  string

	mu      sync.Mutex
	started bool
	seen    map[int]bool // indexes of the extents that are in the target
	of      int          // number of extents; 0 before the first is in the target
	total   tally        // sum for the extents in seen
	repeats []Repeat     // in the order in which they happened
}

// repeat records that an extent is moved again because of err.
func (p *progress) repeat(e catalog.Extent, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.repeats = append(p.repeats, Repeat{Table: p.name, Extent: e.Index, Why: err.Error()})
}

// start returns true for the first caller only.
func (p *progress) start() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := !p.started
	p.started = true
	return first
}

// finish records that an extent is in the target. It counts an extent only once. The result rows is the table's number
// of rows so far. The result done is true for the table's last extent.
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

// complete reports whether every extent of the table is in the target. A table without any extent is not complete.
func (p *progress) complete() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.of > 0 && len(p.seen) == p.of
}

func (p *progress) table() Table {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := int64(0)
	if p.route.rows != nil {
		of = max(p.route.leaf.Size.Rows, p.total.rows)
	}
	return Table{
		Of:    of,
		Table: p.name, Format: p.route.layout.Format.String(),
		Rows: p.total.rows, Values: p.total.rows * int64(p.route.layout.Treated()),
		BytesRead: p.total.read, BytesWritten: p.total.written,
	}
}
