package ledger_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
)

// TestAFilterKnowsTheFlowOfEveryRecord checks that every record belongs to the flow in the start record of its run. A
// movement is attested if its end matches the filter, even if its start does not.
func TestAFilterKnowsTheFlowOfEveryRecord(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	first := publish(t, l, "nightly", 1)
	if err := l.Refuse(ledger.Refusal{Flow: "nightly", Why: "no"}); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Millisecond) // some clocks have a low resolution
	between := time.Now()
	publish(t, l, "weekly", 1)
	for name, c := range map[string]struct {
		filter ledger.Filter
		want   []int64
		ends   int
	}{
		"everything": {ledger.Filter{}, []int64{1, 2, 3, 4, 5}, 2},
		"a flow":     {ledger.Filter{Flow: "nightly"}, []int64{1, 2, 3}, 1},
		"a run":      {ledger.Filter{Run: first.ID()}, []int64{1, 2}, 1},
		"an event":   {ledger.Filter{Event: ledger.EventFinish}, []int64{2, 5}, 2},
		"a time":     {ledger.Filter{Since: between}, []int64{4, 5}, 1},
		"several":    {ledger.Filter{Flow: "weekly", Event: ledger.EventStart}, []int64{4}, 0},
		"nothing":    {ledger.Filter{Flow: "daily"}, nil, 0},
	} {
		var got []int64
		for r, err := range c.filter.Read(dir) {
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, r.Seq)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: records %v, want %v", name, got, c.want)
		}
		ends := 0
		for envelope, err := range l.Attestations(t.Context(), c.filter) {
			if err != nil || !json.Valid(envelope) {
				t.Fatalf("%s: %v", name, err)
			}
			ends++
		}
		if ends != c.ends {
			t.Errorf("%s: %d attestations, want %d", name, ends, c.ends)
		}
	}
}
