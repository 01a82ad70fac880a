package movement

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
)

// announce ends a run for everybody who wants to know of it: a refusal goes into the ledger, the outcome to the
// flow's channels, the checkpoint to its copy. None of it changes what happened to the target; what could
// not be delivered is recorded, and makes a LateError of a run that was published.
func (r *run) announce(ctx context.Context, outcome error) error {
	ctx = context.WithoutCancel(ctx) // an interrupted run is told like any other
	kind := KindOf(outcome)
	problems := []error{outcome}
	if kind == Refused && r.record == nil {
		problems = append(problems, r.refused(outcome))
	}
	m := r.message(outcome)
	late := r.put(ctx)
	for _, f := range notify.Send(ctx, r.listening(m.Event), m) {
		late = append(late, ledger.Undelivered{Channel: f.Channel, Why: f.Why})
	}
	for _, u := range late {
		u.Run = m.Run
		problems = append(problems, r.log.Undelivered(u))
		r.Report.Undelivered(u.Channel, u.Why)
	}
	err := errors.Join(problems...)
	if len(late) > 0 && kind == Published {
		return &LateError{errors.Join(err, fmt.Errorf("the target is published, but not everybody was told: %s: %s", late[0].Channel, late[0].Why))}
	}
	return err
}

// announceStart tells those who want to know that a run begins. That it did not reach them is recorded and stops nothing.
func (r *run) announceStart(ctx context.Context) error {
	m := r.message(nil)
	m.Event, m.Next = notify.EventStart, ""
	for _, f := range notify.Send(ctx, r.listening(notify.EventStart), m) {
		r.Report.Undelivered(f.Channel, f.Why)
		if err := r.log.Undelivered(ledger.Undelivered{Run: m.Run, Channel: f.Channel, Why: f.Why}); err != nil {
			return err
		}
	}
	return nil
}

// listening are the flow's channels that want to hear of an event.
func (r *run) listening(event string) []notify.Channel {
	var list []notify.Channel
	for _, c := range r.Channels {
		if c.Wants(event) {
			list = append(list, c)
		}
	}
	return list
}

// message is what is told of a run that ended so.
func (r *run) message(outcome error) notify.Message {
	cp := r.log.Checkpoint()
	m := notify.Message{
		Event: notify.EventFinish, Flow: r.Flow.Name, Source: r.Flow.From.Name, Target: r.Flow.To.Name,
		Version: r.Version, ApprovalsWaived: r.Flow.Required == 0, Checkpoint: cp.Note, VerifierKey: r.log.VerifierKey(),
		Exit: KindOf(outcome).Code(), Duration: r.Now().Sub(r.began),
	}
	for _, w := range r.Flow.Waivers() {
		if w.Code != "approvals" { // said by itself
			m.Waivers = append(m.Waivers, w.Text)
		}
	}
	for _, a := range r.Approvals.of(r.plan).Approvers {
		m.Approvers = append(m.Approvers, a.Principal)
	}
	if r.record != nil {
		m.Run = r.record.ID()
	}
	if r.plan != nil {
		m.Revision, m.Changes = r.plan.Revision, r.changes()
	}
	switch {
	case outcome == nil, r.summary.Published:
		m.Rows, m.Tables = r.moved.Rows, len(r.moved.Tables)
		m.Next = "masker provenance " + r.Flow.To.Name + " shows where it comes from"
	case KindOf(outcome) == Refused:
		m.Event, m.Next = notify.EventRefusal, "nothing was read; masker check says what is missing"
	case KindOf(outcome) == Unverified:
		m.Event, m.Next = notify.EventVerification, "the target is as it was; the reason names the columns that the rules have to treat"
	default:
		m.Event, m.Next = notify.EventFailure, "the target is as it was; masker doctor looks for causes"
	}
	if outcome != nil {
		m.Reason = outcome.Error()
	}
	return m
}

// put copies the checkpoint of a run. A run that recorded nothing has none.
func (r *run) put(ctx context.Context) []ledger.Undelivered {
	cp := r.log.Checkpoint()
	if r.Ledger.Copy == nil || cp.Note == "" {
		return nil
	}
	if err := r.Ledger.Copy.Put(ctx, fmt.Sprintf("%012d", cp.Size), []byte(cp.Note)); err != nil {
		return []ledger.Undelivered{{Channel: "escrow", Why: err.Error()}}
	}
	return nil
}
