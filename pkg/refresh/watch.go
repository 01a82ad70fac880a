package refresh

import (
	"errors"
	"io"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/rewrite"
)

// Watch makes the watchers of a refresh. Together they see every row that reaches the target. They see the rows of an
// extent again if the extent is moved again.
type Watch interface {
	// Watcher returns a watcher for the rows of a layout. Each worker calls it once for each of its layouts, and uses
	// the watcher alone. Partitions of one table share a layout. Several goroutines may call Watcher at the same time.
	Watcher(l *rewrite.Layout) Watcher
}

// Watcher sees the rows of one worker and one layout, extent by extent. The rows of an extent come in an order that
// does not change if the extent is moved again. So an extent and a number of a row in it always mean the same row. In
// the target, the rows of a shuffled table have another order.
type Watcher interface {
	rewrite.Watcher
	// Begin is called before the first row of an extent. The table of the extent may be a partition. If Done was not
	// called since the last Begin, that extent failed, and the target does not have its rows. The watcher must not
	// count these rows.
	Begin(e catalog.Extent)
	// Done is called when the target has the extent.
	Done()
}

// treater treats the rows of one layout for one worker.
type treater struct {
	row     *rewrite.Row
	watcher Watcher // nil for none
	seen    *blocks // the blocks that the watcher sees or has seen since its last Begin; nil after Done
}

func (p *pool) newTreater(l *rewrite.Layout, programs *programs) (*treater, error) {
	t := &treater{}
	if p.o.Watch != nil {
		t.watcher = p.o.Watch.Watcher(l)
	}
	var err error
	t.row, err = rewrite.Compile(l, p.compiling(programs, t.watcher))
	return t, err
}

// begin tells the watcher that the rows of b follow.
func (t *treater) begin(b *blocks) {
	if t.watcher != nil && t.seen != b {
		t.seen = b
		t.watcher.Begin(b.extent)
	}
}

// loaded tells the watcher that the target has the extent of b. If the target already had the extent, only the answer
// to an earlier attempt was lost. The watcher must then have seen the rows in that attempt.
func (t *treater) loaded(b *blocks, written int64) error {
	if t.watcher == nil {
		return nil
	}
	s := t.seen
	if s == nil || s.extent.Table != b.extent.Table || s.extent.Index != b.extent.Index || s.err != io.EOF || s.rows != written {
		return errors.New("the target had the rows before they were watched; run again")
	}
	t.watcher.Done()
	t.seen = nil
	return nil
}
