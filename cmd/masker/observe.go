package main

import (
	"context"
	"fmt"
	"time"

	"github.com/masker-project/masker/pkg/metrics"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/tracing"
)

// monitoring says where masker puts the figures of a run.
type monitoring struct {
	file   string // file of the figures, written at the end of the run; "" for none
	listen string // HOST:PORT that serves the figures during the run; "" for none
}

// observer keeps the figures and the trace of one run.
type observer struct {
	monitoring
	report  *report.Reporter
	figures *metrics.Run   // nil if the configuration wants no figures
	trace   *tracing.Trace // nil if no environment variable asks for a trace
	began   time.Time
}

// open starts the figures that the configuration asks for, and the trace that environment variables ask for. The caller
// calls stop at the end of the run. If open cannot start the figures or the trace, it prints a note, because a problem
// of monitoring must not stop the refresh.
func (w *observer) open(ctx context.Context, flow string, env map[string]string) (stop func()) {
	trace, err := tracing.New(ctx, env, buildVersion())
	if err != nil {
		w.report.Note(fmt.Sprintf("this run is not traced: %v", err))
	}
	if trace != nil {
		w.trace = trace
		w.report.AddRenderer(trace)
	}
	if w.monitoring == (monitoring{}) {
		return func() {}
	}
	w.figures = metrics.New(flow, buildVersion())
	w.report.AddRenderer(w.figures)
	return w.serve(ctx)
}

// serve serves the figures over HTTP until the caller calls stop.
func (w *observer) serve(ctx context.Context) (stop func()) {
	if w.listen == "" {
		return func() {}
	}
	l, err := metrics.Listen(ctx, w.listen)
	if err != nil {
		w.report.Note(err.Error())
		return func() {}
	}
	w.report.Note("metrics of this run: http://" + l.Addr().String() + "/metrics")
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := w.figures.Serve(ctx, l); err != nil {
			w.report.Note(err.Error())
		}
	}()
	return func() { cancel(); <-ended }
}

// begin records the time at which the run started. The argument published is the time at which the flow was last
// published.
func (w *observer) begin(at, published time.Time) {
	if w.began = at; w.figures != nil {
		w.figures.Begin(at, published)
	}
}

// end writes the outcome into the file of figures. err is the error of the run. If the run succeeded but the file
// cannot be written, end returns an error with exit code 6.
func (w *observer) end(o movement.Outcome, err error) error {
	if w.figures == nil {
		return err
	}
	w.figures.End(outcomeOf(o), w.began, now())
	if w.file == "" {
		return err
	}
	late := w.figures.WriteFile(w.file)
	switch {
	case late == nil:
		return err
	case err == nil:
		return &coded{exitAfterward, fmt.Errorf("the target is published, but: %w", late)}
	}
	w.report.Note(late.Error())
	return err
}

// outcomeOf returns the outcome of a run as events, figures and traces name it.
func outcomeOf(o movement.Outcome) report.Outcome {
	switch {
	case o.Kind == movement.Published:
		return report.Published
	case o.Kind == movement.Refused:
		return report.Refused
	case o.Kind == movement.Unverified:
		return report.Unverified
	case o.Kind == movement.Busy:
		return report.Busy
	case o.Kind == movement.Afterwards && o.Published:
		return report.Afterwards
	}
	return report.Failed // also if it is not known whether the run was published
}
