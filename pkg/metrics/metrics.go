// Package metrics tells monitoring what became of a refresh, from the same stream of events that people see.
//
// Labels are of closed sets: the flow's name, which the configuration holds to lower-case words, a phase of ours, an
// outcome of ours. No table, no column and no text of an error is ever a label: their number has no bound, and some
// are data.
package metrics

import (
	"fmt"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/masker-project/masker/pkg/report"
)

// phases that have a series of their own; another one counts as other.
func phases() []string {
	return []string{"connect", "plan", "schema", "learn", "rows", "large objects", "finish", "publish"}
}

// Run is a renderer of the stream of events, and the figures of one run. Begin, the events and End come one at a time;
// Serve may answer meanwhile.
type Run struct {
	registry    *prometheus.Registry
	running     prometheus.Gauge
	began       prometheus.Gauge
	rows        prometheus.Gauge
	bytes       prometheus.Gauge
	tables      prometheus.Gauge
	undelivered prometheus.Gauge
	phase       *prometheus.GaugeVec
	outcome     *prometheus.GaugeVec
	duration    prometheus.Gauge
	ended       prometheus.Gauge
	success     prometheus.Gauge

	in      string // the phase that runs, "" outside of any
	inSince time.Time
}

// New makes the figures of one run of a flow.
func New(flow, version string) *Run {
	m := &Run{registry: prometheus.NewRegistry()}
	constant := prometheus.Labels{"flow": flow}
	gauge := func(name, help string) prometheus.Gauge {
		g := prometheus.NewGauge(prometheus.GaugeOpts{Name: "masker_refresh_" + name, Help: help, ConstLabels: constant})
		m.registry.MustRegister(g)
		return g
	}
	vector := func(name, help, label string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "masker_refresh_" + name, Help: help, ConstLabels: constant}, []string{label})
		m.registry.MustRegister(g)
		return g
	}
	m.running = gauge("running", "1 while a refresh runs; a file is written when it has ended.")
	m.began = gauge("start_timestamp_seconds", "When the last refresh began.")
	m.rows = gauge("rows", "Rows the last refresh moved.")
	m.bytes = gauge("read_bytes", "Bytes the last refresh read from its source.")
	m.tables = gauge("tables", "Tables the last refresh moved whole.")
	m.undelivered = gauge("undelivered", "Notifications and checkpoints of the last refresh that did not arrive.")
	m.duration = gauge("duration_seconds", "How long the last refresh took.")
	m.ended = gauge("end_timestamp_seconds", "When the last refresh ended, whatever became of it.")
	m.phase = vector("phase_duration_seconds", "How long each phase of the last refresh took.", "phase")
	m.outcome = vector("outcome", "1 for what became of the last refresh, 0 for everything else.", "outcome")
	m.success = prometheus.NewGauge(prometheus.GaugeOpts{Name: "masker_refresh_last_success_timestamp_seconds", Help: "When a refresh of the flow was last published.", ConstLabels: constant})
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "masker_build_info", Help: "1; the label says which masker ran.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(build)
	return m
}

// Every implements report.Renderer.
func (m *Run) Every() time.Duration { return 5 * time.Second }

// Close implements report.Renderer.
func (m *Run) Close() {}

// Event implements report.Renderer.
func (m *Run) Event(e report.Event) {
	switch e.Type {
	case report.EventPhase:
		m.endPhase(e.Time)
		m.in, m.inSince = e.Phase, e.Time
	case report.EventProgress:
		m.moved(*e.Rows, *e.Bytes, *e.Tables)
	case report.EventUndelivered:
		m.undelivered.Inc()
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
	m.phase.WithLabelValues(name).Add(at.Sub(m.inSince).Seconds())
	m.in = ""
}

func (m *Run) moved(rows, bytes int64, tables int) {
	m.rows.Set(float64(rows))
	m.bytes.Set(float64(bytes))
	m.tables.Set(float64(tables))
}

// Begin says when the run began, and when the flow was published before: zero if never.
func (m *Run) Begin(at, lastSuccess time.Time) {
	m.running.Set(1)
	m.began.Set(stamp(at))
	m.succeeded(lastSuccess)
}

// End says what became of a run that began then.
func (m *Run) End(outcome report.Outcome, began, ended time.Time) {
	m.endPhase(ended)
	for _, o := range report.Outcomes() {
		m.outcome.WithLabelValues(string(o)).Set(0)
	}
	m.outcome.WithLabelValues(string(outcome)).Set(1)
	m.running.Set(0)
	m.duration.Set(ended.Sub(began).Seconds())
	m.ended.Set(stamp(ended))
	if outcome == report.Published || outcome == report.Afterwards {
		m.succeeded(ended)
	}
}

// succeeded registers the series with its first value: a time of 0 would read as 1970, and alert.
func (m *Run) succeeded(at time.Time) {
	if at.IsZero() {
		return
	}
	m.success.Set(stamp(at))
	_ = m.registry.Register(m.success) // it may be already
}

func stamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// WriteFile writes the figures where node_exporter's textfile collector reads them, whole or not at all.
func (m *Run) WriteFile(path string) error {
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("metrics: cannot write: %w", err)
	}
	return nil
}
