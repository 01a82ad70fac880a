package movement

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
	"github.com/masker-project/masker/pkg/verify/show"
)

// announce reports the end of a run. It records a refusal in the ledger, copies the checkpoint, and sends the outcome
// to the flow's channels. It does not change the target. It records every notification that could not be delivered, and
// a checkpoint that could not be copied. If one of these failed after the run was published, the error is a LateError.
func (r *run) announce(ctx context.Context, outcome error) error {
	ctx = context.WithoutCancel(ctx) // the outcome of an interrupted run is sent, too
	kind := KindOf(outcome)
	problems := []error{outcome}
	if kind == Refused && r.record == nil {
		problems = append(problems, r.recordRefusal(outcome))
	}
	m := r.makeMessage(outcome)
	channels := selectChannels(r.Channels, m.Event)
	if r.Ledger.Copy != nil || len(channels) > 0 {
		r.Report.Phase("announce") // so that the time of sending counts for no other phase
	}
	late := r.Ledger.copyCheckpoint(ctx, r.log)
	for _, f := range notify.Send(ctx, channels, m) {
		late = append(late, ledger.Undelivered{Channel: f.Channel, Why: f.Why})
	}
	for _, u := range late {
		u.Run = m.Run
		problems = append(problems, r.log.Undelivered(u))
		r.Report.Undelivered(u.Channel, u.Why)
	}
	err := errors.Join(problems...)
	if len(late) > 0 && kind == Published {
		return &LateError{errors.Join(err, fmt.Errorf("the target is published, but %s", lateText(late[0])))}
	}
	return err
}

// lateText says what could not be delivered.
func lateText(u ledger.Undelivered) string {
	if u.Channel == checkpointCopy {
		return "the checkpoint was not copied to the checkpoint copy: " + u.Why
	}
	return "a notification was not delivered: " + u.Channel + ": " + u.Why
}

// announceStart notifies the channels that want to know when a run begins. If a notification cannot be delivered,
// announceStart records this, and the run continues.
func (r *run) announceStart(ctx context.Context) error {
	m := r.makeMessage(nil)
	m.Event, m.Next = notify.EventStart, ""
	channels := selectChannels(r.Channels, m.Event)
	if len(channels) > 0 {
		r.Report.Phase("announce")
	}
	for _, f := range notify.Send(ctx, channels, m) {
		r.Report.Undelivered(f.Channel, f.Why)
		if err := r.log.Undelivered(ledger.Undelivered{Run: m.Run, Channel: f.Channel, Why: f.Why}); err != nil {
			return err
		}
	}
	return nil
}

// selectChannels returns the channels that want an event.
func selectChannels(all []notify.Channel, event string) []notify.Channel {
	var list []notify.Channel
	for _, c := range all {
		if c.Wants(event) {
			list = append(list, c)
		}
	}
	return list
}

// makeMessage makes the notification about this run. The argument outcome is the error of the run.
// It is nil if the run was published, or has just begun.
func (r *run) makeMessage(outcome error) notify.Message {
	cp := r.log.Checkpoint()
	m := notify.Message{
		Event: notify.EventFinish, Flow: r.Flow.Name, Source: r.Flow.From.Name, Target: r.Flow.To.Name,
		Version: r.Version, ApprovalsWaived: r.Flow.Required == 0, Checkpoint: cp.Note, VerifierKey: r.log.VerifierKey(),
		Exit: KindOf(outcome).Code(), Duration: r.Now().Sub(r.began),
	}
	for _, w := range r.Flow.Waivers() {
		if w.Code != "approvals" { // the field ApprovalsWaived already says this
			m.Waivers = append(m.Waivers, w.Text)
		}
	}
	for _, a := range r.Approvals.verdictOn(r.digest).Approvers {
		m.Approvers = append(m.Approvers, a.Principal)
	}
	if r.record != nil {
		m.Run = r.record.ID()
	}
	if r.verified != nil {
		m.Verified, m.Unchecked = string(r.verified.Level)+": "+show.Figures(r.verified), append(show.Gaps(r.verified), show.Not(r.verified)...)
	}
	m.Kept = r.keptValues()
	if r.plan != nil {
		m.Revision, m.Changes = r.plan.Revision, r.describeChanges()
	}
	switch {
	case outcome == nil, r.summary.Published:
		m.Rows, m.Tables = r.moved.Rows, len(r.moved.Tables)
		m.Next = "masker provenance " + r.Flow.To.Name + " shows where it comes from"
	case KindOf(outcome) == Refused:
		m.Event, m.Next = notify.EventRefusal, "no row was read; masker check says what is missing"
		if r.surveyed != nil {
			m.Next = "values were looked at, and no row was copied; the reason says for each finding which waiver is missing"
		}
	case KindOf(outcome) == Unverified:
		m.Event, m.Next = notify.EventVerification, "the target was not changed; the reason says for each finding which rule or waiver is missing"
	default:
		m.Event, m.Next = notify.EventFailure, "the target was not changed; masker doctor looks for causes"
	}
	if outcome != nil {
		m.Reason = outcome.Error()
	}
	m.Expiries = r.expiries()
	return m
}

// checkpointCopy is the channel in a ledger.Undelivered about a checkpoint that was not copied.
const checkpointCopy = "escrow"

// copyCheckpoint copies the ledger's checkpoint to the checkpoint copy. If that fails, it returns an Undelivered. A
// ledger without records has no checkpoint.
func (l Ledger) copyCheckpoint(ctx context.Context, log *ledger.Ledger) []ledger.Undelivered {
	cp := log.Checkpoint()
	if l.Copy == nil || cp.Note == "" {
		return nil
	}
	if err := l.Copy.Put(ctx, fmt.Sprintf("%012d", cp.Size), []byte(cp.Note)); err != nil {
		return []ledger.Undelivered{{Channel: checkpointCopy, Why: err.Error()}}
	}
	return nil
}
