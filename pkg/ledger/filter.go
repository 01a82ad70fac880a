package ledger

import (
	"context"
	"iter"
	"time"
)

// Filter says which records are wanted. A field that is empty asks for nothing.
type Filter struct {
	Flow, Run string
	Event     Event
	Since     time.Time
}

// FlowRecord is a record and the flow it is about, "" where it is about none.
type FlowRecord struct {
	Record
	Flow string
}

// Read reads the records of a folder that are wanted. Like the function Read, it does not say whether they are what was recorded.
func (f Filter) Read(dir string) iter.Seq2[FlowRecord, error] {
	return func(yield func(FlowRecord, error) bool) {
		flows := make(map[string]string) // of runs: only their starts name them
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
	}
	return flows[r.Run]
}

// Attestations makes an envelope, as Attest does, of each movement whose end is wanted.
func (l *Ledger) Attestations(ctx context.Context, f Filter) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		starts := make(map[string]int64)
		for r, err := range (Filter{Flow: f.Flow, Run: f.Run}).Read(l.dir) { // a start may be older than what is wanted
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
