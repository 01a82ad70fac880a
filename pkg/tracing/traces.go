// Package tracing sends a refresh as an OpenTelemetry trace. There is one span for the refresh, one for each phase
// and one for each table. A Trace is a renderer of the events of package report.
//
// Tracing must not change, stop or slow down a refresh, even if the collector cannot be reached. Spans hold names of
// tables, counts, times and codes. They never hold a row's value, or the text of an error or a note.
package tracing

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// Trace is a renderer that sends the trace of one refresh.
type Trace struct {
	id      [16]byte
	sender  *sender
	refresh *span // the parent of all spans of phases
	phase   *span // nil outside of phases
	tables  map[string]*span
}

// New makes a renderer that sends spans to the collector that the standard variables in env name. It returns nil if
// they name none, or if they switch traces off.
func New(ctx context.Context, env map[string]string, version string) (*Trace, error) {
	to, err := settings(env)
	if to == nil || err != nil {
		return nil, err
	}
	t := &Trace{sender: newSender(ctx, *to, resource(to.resource, version)), tables: make(map[string]*span)}
	_, _ = rand.Read(t.id[:]) // never fails: crypto/rand ends the program instead
	return t, nil
}

// resource returns the encoded attributes of this process. The operator can add attributes, but cannot change the
// name and version of the service.
func resource(more []pair, version string) []byte {
	all := []pair{{"service.name", "masker"}, {"service.version", version}}
	for _, p := range more {
		if p.name != all[0].name && p.name != all[1].name {
			all = append(all, p)
		}
	}
	var b []byte
	for _, p := range all {
		b = appendText(b, attributesOfResource, report.Clean(p.name), p.value)
	}
	return b
}

// Lost returns how many spans did not arrive. The number is complete after Close.
func (t *Trace) Lost() int64 { return t.sender.lost.Load() }

// Every implements report.Renderer. A trace does not use progress events, so the time between them is long.
func (t *Trace) Every() time.Duration { return time.Hour }

// Event implements report.Renderer.
func (t *Trace) Event(e report.Event) {
	if t.refresh == nil {
		t.refresh = newSpan(nil, "refresh", e.Time)
	}
	switch e.Type {
	case report.EventBegin:
		t.refresh.text("masker.run", e.Run)
		t.refresh.text("masker.source", e.Source)
		t.refresh.text("masker.target", e.Target)
	case report.EventPhase:
		t.endPhase(e)
		t.phase = newSpan(t.refresh, "phase", e.Time)
		t.phase.text("masker.phase", e.Phase)
	case report.EventTableStart:
		parent := t.refresh
		if t.phase != nil {
			parent = t.phase
		}
		table := newSpan(parent, "table", e.Time)
		table.text("masker.table", e.Table)
		t.tables[e.Table] = table
	case report.EventTableDone:
		if table := t.tables[e.Table]; table != nil {
			table.moved(e)
			t.send(table, e)
			delete(t.tables, e.Table)
		}
	case report.EventEnd:
		t.end(e)
	}
}

// send ends a span and puts it into the sender's queue.
func (t *Trace) send(s *span, e report.Event) { t.sender.take(s.ended(t.id, e.Time)) }

func (t *Trace) endPhase(e report.Event) {
	if t.phase != nil {
		t.send(t.phase, e)
	}
	t.phase = nil
}

// end ends all open spans. It marks some spans as failed: open tables, the phase if the run was not published, and the
// refresh if its outcome is not Published. The refresh's span has the exit code and no error text, because a text could
// quote data.
func (t *Trace) end(e report.Event) {
	good := e.Outcome == report.Published || e.Outcome == report.Afterwards
	for _, table := range t.tables {
		table.failed = true
		t.send(table, e)
	}
	clear(t.tables)
	if t.phase != nil {
		t.phase.failed = !good
	}
	t.endPhase(e)
	t.refresh.failed = e.Outcome != report.Published
	t.refresh.text("masker.flow", e.Flow)
	t.refresh.text("masker.outcome", string(e.Outcome))
	t.refresh.number("masker.exit_code", int64(e.ExitCode))
	t.refresh.moved(e)
	t.send(t.refresh, e)
}

// Close implements report.Renderer. It waits for the collector at most for sendTimeout.
func (t *Trace) Close() { t.sender.close() }
