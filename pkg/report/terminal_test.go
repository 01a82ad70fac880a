package report

import (
	"io"
	"testing"
	"time"
)

func TestBarsLastAsLongAsTheirTables(t *testing.T) {
	out := Terminal(io.Discard).(*terminal)
	r := New(out, time.Now)
	defer r.Close()
	r.Phase("rows")
	r.Total(2, 10, 100)
	r.TableStart("a", 5, 50) // the estimate is far too low
	r.TableStart("b", -1, 50)
	for range 3 {
		r.lastTick = time.Time{}
		r.Rows("a", 1000, 10000)
		r.lastTick = time.Time{}
		r.Rows("b", 1000, 10000)
		for name, b := range map[string]*bar{"a": out.bars["a"], "b": out.bars["b"], "total": out.total} {
			if b.AbortedOrCompleted() {
				t.Fatalf("the bar of %s ended before its last rows", name)
			}
		}
	}
	if got := out.total.Current(); got != 6000 {
		t.Errorf("the total shows %d rows, want 6000", got)
	}
	a := out.bars["a"]
	r.TableDone("a", 3000)
	if !a.AbortedOrCompleted() || out.bars["a"] != nil {
		t.Error("the bar of a finished table is still there")
	}
}
