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

// monitoring is where a configuration wants figures.
type monitoring struct {
	file   string // "" for none
	listen string // HOST:PORT to answer on while a run goes on; "" for none
}

// watch is what monitoring sees of one run.
type watch struct {
	monitoring
	report  *report.Reporter
	figures *metrics.Run   // nil where nobody wants them
	trace   *tracing.Trace // nil where nobody wants one
	began   time.Time
}

// observe lets a run be counted and traced, where that is wanted, until stop. What cannot be had is noted: nobody
// should be without staging tomorrow because a port was taken.
func (w *watch) observe(ctx context.Context, flow string, env map[string]string) (stop func()) {
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

// serve answers whoever asks for figures while the run goes on, until stop.
func (w *watch) serve(ctx context.Context) (stop func()) {
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

// begin counts a run from its beginning; last is when its flow was published before.
func (w *watch) begin(at, last time.Time) {
	if w.began = at; w.figures != nil {
		w.figures.Begin(at, last)
	}
}

// counted writes what became of the run to where monitoring looks for it.
func (w *watch) counted(o movement.Outcome, err error) error {
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

// outcomeOf is how a run ended in the word that events, figures and traces have for it.
func outcomeOf(o movement.Outcome) report.Outcome {
	switch {
	case o.Kind == movement.Published:
		return report.Published
	case o.Kind == movement.Refused:
		return report.Refused
	case o.Kind == movement.Busy:
		return report.Busy
	case o.Kind == movement.Afterwards && o.Published:
		return report.Afterwards
	}
	return report.Failed // also where nobody knows whether it was published
}
