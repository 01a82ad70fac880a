// Package metrics tells monitoring what became of a refresh, from the same stream of events that people see.
//
// Labels are of closed sets: the flow's name, which the configuration holds to lower-case words, a phase of ours, an
// outcome of ours. No table, no column and no text of an error is ever a label: their number has no bound, and some
// are data.
package metrics

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/masker-project/masker/pkg/report"
)

// Outcomes a run can have, as exit codes tell them apart.
func Outcomes() []string {
	return []string{"published", "failed", "usage", "refused", "busy", "afterwards"}
}

// phases that have a series of their own; another one counts as other.
func phases() []string {
	return []string{"connect", "plan", "schema", "learn", "rows", "large objects", "finish", "publish"}
}

// Run is a renderer of the stream of events, and the figures of one run.
type Run struct {
	flow string

	mu       sync.Mutex
	registry *prometheus.Registry
	rows     prometheus.Gauge
	bytes    prometheus.Gauge
	tables   prometheus.Gauge
	phase    *prometheus.GaugeVec
	outcome  *prometheus.GaugeVec
	duration prometheus.Gauge
	ended    prometheus.Gauge
	success  prometheus.Gauge
}

// New makes the figures of one run of a flow.
func New(flow, version string) *Run {
	m := &Run{flow: flow, registry: prometheus.NewRegistry()}
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
	m.rows = gauge("rows", "Rows the last refresh moved.")
	m.bytes = gauge("read_bytes", "Bytes the last refresh read from its source.")
	m.tables = gauge("tables", "Tables the last refresh moved whole.")
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
	m.mu.Lock()
	defer m.mu.Unlock()
	if e.Type == report.EventProgress {
		m.moved(*e.Rows, *e.Bytes, *e.Tables)
	}
	if s := e.Summary; s != nil {
		m.moved(s.Rows, s.Bytes, s.Tables)
		for _, p := range s.Phases {
			name := p.Name
			if !slices.Contains(phases(), name) {
				name = "other"
			}
			m.phase.WithLabelValues(name).Add(p.Seconds)
		}
	}
}

func (m *Run) moved(rows, bytes int64, tables int) {
	m.rows.Set(float64(rows))
	m.bytes.Set(float64(bytes))
	m.tables.Set(float64(tables))
}

// End says what became of the run: one of Outcomes. lastSuccess is when the flow was published before, zero if never.
func (m *Run) End(outcome string, began, ended, lastSuccess time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, o := range Outcomes() {
		value := 0.0
		if o == outcome {
			value = 1
		}
		m.outcome.WithLabelValues(o).Set(value)
	}
	if outcome == "published" || outcome == "afterwards" {
		lastSuccess = ended
	}
	m.duration.Set(ended.Sub(began).Seconds())
	m.ended.Set(stamp(ended))
	if !lastSuccess.IsZero() {
		m.success.Set(stamp(lastSuccess))
		// Registered only now: a time of 0 would read as 1970, and alert.
		_ = m.registry.Register(m.success)
	}
}

func stamp(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// WriteFile writes the figures where node_exporter's textfile collector reads them, whole or not at all.
func (m *Run) WriteFile(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := prometheus.WriteToTextfile(path, m.registry); err != nil {
		return fmt.Errorf("metrics: cannot write: %w", err)
	}
	return nil
}
