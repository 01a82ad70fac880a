package ledger_test

import (
	"fmt"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

// TestSpentPrivacyAddsUp checks that the privacy spent on a column is the sum over all runs of its source, including
// those that failed.
func TestSpentPrivacyAddsUp(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	learn := func(source string, facts ...ledger.Learned) string {
		t.Helper()
		m := movement("a")
		m.Source = ledger.Party{SystemID: "9", Database: source}
		r, err := l.Start(m, "")
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Learned(facts); err != nil {
			t.Fatal(err)
		}
		if err := r.Abort(ledger.Outcome{Reason: "cancelled"}); err != nil {
			t.Fatal(err)
		}
		records, _ := open(t, dir).Records()
		last := records[len(records)-2]
		var totals []float64
		for _, f := range last.Learned {
			totals = append(totals, f.Total)
		}
		return fmt.Sprintf("%s %v %v", last.Event, last.Run == r.ID(), totals)
	}
	x, y := ledger.Learned{Table: "public.t", Column: "x", Epsilon: 1}, ledger.Learned{Table: "public.t", Column: "y", Epsilon: 0.5}
	for i, c := range []struct{ got, want string }{
		{learn("shop", x, y), "learned true [1 0.5]"},
		{learn("shop", y, x), "learned true [1 2]"},
		{learn("other", x), "learned true [1]"},
		{learn("shop", x), "learned true [3]"},
	} {
		if c.got != c.want {
			t.Errorf("run %d: %s, want %s", i+1, c.got, c.want)
		}
	}
}
