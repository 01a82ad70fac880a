package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/notify"
)

// announce ends a run for everybody who wants to know of it: a refusal goes into the ledger, the outcome to the
// flow's channels, the checkpoint to its second place. None of it changes what happened to the target; what could
// not be delivered is recorded, and makes a run that was published end with code 6.
func (j *job) announce(ctx context.Context, outcome error) error {
	ctx = context.WithoutCancel(ctx) // an interrupted run is told like any other
	code := exitCode(outcome)
	problems := []error{outcome}
	if code == exitRefused && j.record == nil {
		problems = append(problems, j.refused(outcome))
	}
	m := j.message(outcome)
	late := j.put(ctx)
	for _, f := range notify.Send(ctx, j.channels(m.Event), m) {
		late = append(late, ledger.Undelivered{Channel: f.Channel, Why: f.Why})
	}
	for _, u := range late {
		u.Run = m.Run
		problems = append(problems, j.ledger.Undelivered(u))
		j.report.Undelivered(u.Channel, u.Why)
	}
	err := errors.Join(problems...)
	if len(late) > 0 && code == exitDone {
		return &coded{exitAfterward, errors.Join(err, fmt.Errorf("the target is published, but not everybody was told: %s: %s", late[0].Channel, late[0].Why))}
	}
	return err
}

// started tells those who want to know that a run begins. That it did not reach them is recorded and stops nothing.
func (j *job) started(ctx context.Context) error {
	m := j.message(nil)
	m.Event, m.Next = notify.EventStart, ""
	for _, f := range notify.Send(ctx, j.channels(notify.EventStart), m) {
		j.report.Undelivered(f.Channel, f.Why)
		if err := j.ledger.Undelivered(ledger.Undelivered{Run: m.Run, Channel: f.Channel, Why: f.Why}); err != nil {
			return err
		}
	}
	return nil
}

// channels are those of the flow that want to hear of an event.
func (j *job) channels(event string) []notify.Channel {
	var list []notify.Channel
	for _, c := range j.listeners {
		if c.Wants(event) {
			list = append(list, c)
		}
	}
	return list
}

// message is what is told of a run that ended so.
func (j *job) message(outcome error) notify.Message {
	cp := j.ledger.Checkpoint()
	m := notify.Message{
		Event: notify.EventFinish, Flow: j.flow.Name, Source: j.flow.From.Name, Target: j.flow.To.Name,
		Version: buildVersion(), ApprovalsWaived: j.flow.Required == 0, Checkpoint: cp.Note, VerifierKey: j.ledger.VerifierKey(),
		Exit: exitCode(outcome), Duration: now().Sub(j.began),
	}
	for _, w := range j.flow.Waivers() {
		if w.Code != "approvals" { // said by itself
			m.Waivers = append(m.Waivers, w.Text)
		}
	}
	for _, a := range j.given.of(j.plan).Approvers {
		m.Approvers = append(m.Approvers, a.Principal)
	}
	if j.record != nil {
		m.Run = j.record.ID()
	}
	if j.plan != nil {
		m.Revision, m.Changes = j.plan.Revision, j.changes()
	}
	switch {
	case outcome == nil, j.summary.Published:
		m.Rows, m.Tables = j.moved.Rows, len(j.moved.Tables)
		m.Next = "masker provenance " + j.flow.To.Name + " shows where it comes from"
	case m.Exit == exitRefused:
		m.Event, m.Next = notify.EventRefusal, "nothing was read; masker check says what is missing"
	default:
		m.Event, m.Next = notify.EventFailure, "the target is as it was; masker doctor looks for causes"
	}
	if outcome != nil {
		m.Reason = outcome.Error()
	}
	return m
}

// put takes the checkpoint of a run to its second place. A run that recorded nothing has none.
func (j *job) put(ctx context.Context) []ledger.Undelivered {
	cp := j.ledger.Checkpoint()
	if j.escrow == nil || cp.Note == "" {
		return nil
	}
	if err := j.escrow.Put(ctx, fmt.Sprintf("%012d", cp.Size), []byte(cp.Note)); err != nil {
		return []ledger.Undelivered{{Channel: "escrow", Why: err.Error()}}
	}
	return nil
}
