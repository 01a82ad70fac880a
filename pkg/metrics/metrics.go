// Package metrics gives monitoring the metrics of a refresh. It computes them from the events that package report
// renders.
//
// All labels have a limited set of values: the flow's name, the phase, the outcome and masker's version. Tables,
// columns and error texts are never labels, because there can be any number of them, and some are data.
package metrics

import (
	"slices"
	"sync"
	"time"

	"github.com/masker-project/masker/pkg/report"
)

// phases lists the phases that have a series. All other phases share the series "other".
func phases() []string {
	return []string{"connect", "plan", "discover", "subset", "schema", "learn", "rows", "large objects", "finish", "hooks", "verify", "template", "publish", "announce"}
}

// Run holds the metrics of one run. It is a report.Renderer. Its methods may be called at the same time.
type Run struct {
	mu sync.Mutex // guards all other fields

	gauges      []*gauge
	running     *gauge
	began       *gauge
	rows        *gauge
	bytes       *gauge
	tables      *gauge
	undelivered *gauge
	probed      *gauge
	unprobed    *gauge
	leaks       *gauge
	phase       *gauge
	outcome     *gauge
	duration    *gauge
	ended       *gauge
	success     *gauge

	phaseName  string // the present phase, or ""
	phaseSince time.Time
}

// New makes the metrics of one run of a flow.
func New(flow, version string) *Run {
	m := &Run{}
	of := label{"flow", flow}
	m.gauge("masker_build_info", "Always 1. The label is masker's version.", label{"version", version}, "").set(1)
	m.duration = m.zero("duration_seconds", "How long the last refresh took.", of)
	m.ended = m.zero("end_timestamp_seconds", "When the last refresh ended, with any outcome.", of)
	m.success = m.gauge("masker_refresh_last_success_timestamp_seconds", "When a refresh of the flow was last published.", of, "")
	m.outcome = m.gauge("masker_refresh_outcome", "1 for the outcome of the last refresh, 0 for the other outcomes.", of, "outcome")
	m.phase = m.gauge("masker_refresh_phase_duration_seconds", "How long each phase of the last refresh took.", of, "phase")
	m.bytes = m.zero("read_bytes", "Bytes that the last refresh read from its source.", of)
	m.rows = m.zero("rows", "Rows that the last refresh copied.", of)
	m.running = m.zero("running", "1 while a refresh runs. In a file it is always 0, because the file is written at the end.", of)
	m.began = m.zero("start_timestamp_seconds", "When the last refresh began.", of)
	m.tables = m.zero("tables", "Tables that the last refresh copied completely.", of)
	m.probed = m.zero("probed_values", "Values of the source that the last refresh looked for in its result.", of)
	m.unprobed = m.zero("unprobed_values", "Treated values of the source that the last refresh did not look for in its result.", of)
	m.leaks = m.zero("leaks", "Findings of the verification of the last refresh that are not waived.", of)
	m.undelivered = m.zero("undelivered", "Notifications and checkpoints of the last refresh that did not arrive.", of)
	return m
}

// zero makes a gauge of a refresh that is 0 until it is set.
func (m *Run) zero(name, help string, of label) *gauge {
	g := m.gauge("masker_refresh_"+name, help, of, "")
	g.set(0)
	return g
}

// gauge makes a gauge that is not shown until it is set. If the gauge has a second label, the argument by is
// its name. Otherwise it is "".
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
		m.phaseName, m.phaseSince = e.Phase, e.Time
	case report.EventProgress:
		m.setTotals(*e.Rows, *e.Bytes, *e.Tables)
	case report.EventUndelivered:
		m.undelivered.add("", 1)
	case report.EventVerified:
		probed, _, unprobed := e.Verification.Values()
		m.probed.set(float64(probed))
		m.unprobed.set(float64(unprobed))
		m.leaks.set(float64(len(e.Verification.Hits)))
	case report.EventSummary:
		m.setTotals(e.Summary.Rows, e.Summary.Bytes, e.Summary.Tables)
	}
}

// endPhase adds the time of the present phase to its gauge. A run can enter a phase more than once.
func (m *Run) endPhase(at time.Time) {
	if m.phaseName == "" {
		return
	}
	name := m.phaseName
	if !slices.Contains(phases(), name) {
		name = "other"
	}
	m.phase.add(name, at.Sub(m.phaseSince).Seconds())
	m.phaseName = ""
}

func (m *Run) setTotals(rows, bytes int64, tables int) {
	m.rows.set(float64(rows))
	m.bytes.set(float64(bytes))
	m.tables.set(float64(tables))
}

// Begin sets when the run began, and when the flow was last published. The argument lastSuccess is zero if the flow
// was never published.
func (m *Run) Begin(at, lastSuccess time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running.set(1)
	m.began.set(stamp(at))
	m.setSuccess(lastSuccess)
}

// End sets the outcome, the end and the duration of the run. If the run published, it also sets the time of the last
// success.
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
		m.setSuccess(ended)
	}
}

// setSuccess sets the time of the last success. If there was no success yet, the gauge is not shown, because a time of
// 0 would mean 1970 and could raise an alert.
func (m *Run) setSuccess(at time.Time) {
	if !at.IsZero() {
		m.success.set(stamp(at))
	}
}

func stamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
