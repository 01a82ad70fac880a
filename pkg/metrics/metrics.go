// Package metrics tells monitoring what became of a refresh, from the same stream of events that people see.
//
// Labels are of closed sets: the flow's name, which the configuration holds to lower-case words, a phase of ours, an
// outcome of ours. No table, no column and no text of an error is ever a label: their number has no bound, and some
// are data.
package metrics

import (
	"slices"
	"sync"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// phases that have a series of their own; another one counts as other.
func phases() []string {
	return []string{"connect", "plan", "schema", "learn", "rows", "large objects", "finish", "publish"}
}

// Run is a renderer of the stream of events, and the figures of one run. Begin, the events and End come one at a time;
// Serve may answer meanwhile.
type Run struct {
	mu sync.Mutex // guards the gauges

	gauges      []*gauge
	running     *gauge
	began       *gauge
	rows        *gauge
	bytes       *gauge
	tables      *gauge
	undelivered *gauge
	phase       *gauge
	outcome     *gauge
	duration    *gauge
	ended       *gauge
	success     *gauge

	in      string // the phase that runs, "" outside of any
	inSince time.Time
}

// New makes the figures of one run of a flow.
func New(flow, version string) *Run {
	m := &Run{}
	of := label{"flow", flow}
	m.gauge("masker_build_info", "1; the label says which masker ran.", label{"version", version}, "").set(1)
	m.duration = m.zero("duration_seconds", "How long the last refresh took.", of)
	m.ended = m.zero("end_timestamp_seconds", "When the last refresh ended, whatever became of it.", of)
	m.success = m.gauge("masker_refresh_last_success_timestamp_seconds", "When a refresh of the flow was last published.", of, "")
	m.outcome = m.gauge("masker_refresh_outcome", "1 for what became of the last refresh, 0 for everything else.", of, "outcome")
	m.phase = m.gauge("masker_refresh_phase_duration_seconds", "How long each phase of the last refresh took.", of, "phase")
	m.bytes = m.zero("read_bytes", "Bytes the last refresh read from its source.", of)
	m.rows = m.zero("rows", "Rows the last refresh moved.", of)
	m.running = m.zero("running", "1 while a refresh runs; a file is written when it has ended.", of)
	m.began = m.zero("start_timestamp_seconds", "When the last refresh began.", of)
	m.tables = m.zero("tables", "Tables the last refresh moved whole.", of)
	m.undelivered = m.zero("undelivered", "Notifications and checkpoints of the last refresh that did not arrive.", of)
	return m
}

// zero is a figure of a refresh that is 0 until something is known.
func (m *Run) zero(name, help string, of label) *gauge {
	g := m.gauge("masker_refresh_"+name, help, of, "")
	g.set(0)
	return g
}

// gauge is a figure that is not shown until it is set. By is the name of a second label, "" for none.
func (m *Run) gauge(name, help string, of label, by string) *gauge {
	g := &gauge{name: name, help: help, of: of, by: by, values: map[string]float64{}}
	m.gauges = append(m.gauges, g)
	return g
}

// Every implements report.Renderer.
func (m *Run) Every() time.Duration { return 5 * time.Second }

// Close implements report.Renderer.
func (m *Run) Close() {}

// Event implements report.Renderer.
func (m *Run) Event(e report.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch e.Type {
	case report.EventPhase:
		m.endPhase(e.Time)
		m.in, m.inSince = e.Phase, e.Time
	case report.EventProgress:
		m.moved(*e.Rows, *e.Bytes, *e.Tables)
	case report.EventUndelivered:
		m.undelivered.add("", 1)
	case report.EventSummary:
		m.moved(e.Summary.Rows, e.Summary.Bytes, e.Summary.Tables)
	}
}

// endPhase adds to what the phase took: one may be entered more than once.
func (m *Run) endPhase(at time.Time) {
	if m.in == "" {
		return
	}
	name := m.in
	if !slices.Contains(phases(), name) {
		name = "other"
	}
	m.phase.add(name, at.Sub(m.inSince).Seconds())
	m.in = ""
}

func (m *Run) moved(rows, bytes int64, tables int) {
	m.rows.set(float64(rows))
	m.bytes.set(float64(bytes))
	m.tables.set(float64(tables))
}

// Begin says when the run began, and when the flow was published before: zero if never.
func (m *Run) Begin(at, lastSuccess time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running.set(1)
	m.began.set(stamp(at))
	m.succeeded(lastSuccess)
}

// End says what became of a run that began then.
func (m *Run) End(outcome report.Outcome, began, ended time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.endPhase(ended)
	for _, o := range report.Outcomes() {
		m.outcome.values[string(o)] = 0
	}
	m.outcome.values[string(outcome)] = 1
	m.running.set(0)
	m.duration.set(ended.Sub(began).Seconds())
	m.ended.set(stamp(ended))
	if outcome == report.Published || outcome == report.Afterwards {
		m.succeeded(ended)
	}
}

// succeeded leaves the figure out until there is one: a time of 0 would read as 1970, and alert.
func (m *Run) succeeded(at time.Time) {
	if !at.IsZero() {
		m.success.set(stamp(at))
	}
}

func stamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
