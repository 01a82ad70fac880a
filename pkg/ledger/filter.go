package ledger

import (
	"context"
	"iter"
	"time"
)

// Filter selects records. A record must match every field that is set.
type Filter struct {
	Flow, Run string
	Event     Event
	Since     time.Time
}

// FlowRecord is a record with the flow that it is about. Flow is "" if the record is about no flow.
type FlowRecord struct {
	Record
	Flow string
}

// Read reads the records that match the filter from the ledger in a folder. Like the function Read, it does not
// verify the records.
func (f Filter) Read(dir string) iter.Seq2[FlowRecord, error] {
	return func(yield func(FlowRecord, error) bool) {
		flows := make(map[string]string) // flow by run. Only the start record of a run names its flow
		for r, err := range Read(dir) {
			if err != nil {
				yield(FlowRecord{}, err)
				return
			}
			if r.Movement != nil {
				flows[r.Run] = r.Movement.Flow
			}
			if with := (FlowRecord{r, flowOf(r, flows)}); f.wants(with) && !yield(with, nil) {
				return
			}
		}
	}
}

func (f Filter) wants(r FlowRecord) bool {
	return (f.Flow == "" || f.Flow == r.Flow) && (f.Run == "" || f.Run == r.Run) && (f.Event == "" || f.Event == r.Event) && !r.Time.Before(f.Since)
}

func flowOf(r Record, flows map[string]string) string {
	switch {
	case r.Refusal != nil:
		return r.Refusal.Flow
	case r.Approval != nil:
		return r.Approval.Flow
	case r.Weakening != nil:
		return r.Weakening.Flow
	case r.Reveal != nil:
		return r.Reveal.Flow
	case r.Recheck != nil:
		return r.Recheck.Flow
	case r.Explained != nil:
		return r.Explained.Flow
	case r.Previewed != nil:
		return r.Previewed.Flow
	case r.Discovered != nil && r.Discovered.Flow != "":
		return r.Discovered.Flow
	}
	return flows[r.Run]
}

// Attestations returns an envelope like Attest for each movement whose end matches the filter.
func (l *Ledger) Attestations(ctx context.Context, f Filter) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		starts := make(map[string]int64)
		for r, err := range (Filter{Flow: f.Flow, Run: f.Run}).Read(l.dir) { // a start can be older than f.Since
			if err != nil {
				yield(nil, err)
				return
			}
			if r.Movement != nil {
				starts[r.Run] = r.Seq
			}
			start, known := starts[r.Run]
			if r.Outcome == nil || !known || !f.wants(r) {
				continue
			}
			delete(starts, r.Run)
			envelope, err := l.Attest(ctx, start, r.Seq)
			if !yield(envelope, err) || err != nil {
				return
			}
		}
	}
}
