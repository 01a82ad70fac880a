package main

import (
	"context"
	"fmt"

	"github.com/masker-project/masker/pkg/metrics"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/tracing"
)

// monitoring is where a configuration wants figures.
type monitoring struct {
	file   string // "" for none
	listen string // HOST:PORT to answer on while a run goes on; "" for none
}

// observe lets a run be counted and traced, where that is wanted, until stop. What cannot be had is noted: nobody
// should be without staging tomorrow because a port was taken.
func (j *job) observe(ctx context.Context, env map[string]string) (stop func()) {
	trace, err := tracing.New(ctx, env, buildVersion())
	if err != nil {
		j.report.Note(fmt.Sprintf("this run is not traced: %v", err))
	}
	if trace != nil {
		j.trace = trace
		j.report.Beside(trace)
	}
	if j.metrics == (monitoring{}) {
		return func() {}
	}
	j.figures = metrics.New(j.flow.Name, buildVersion())
	j.report.Beside(j.figures)
	return j.serve(ctx)
}

// serve answers whoever asks for figures while the run goes on, until stop.
func (j *job) serve(ctx context.Context) (stop func()) {
	if j.metrics.listen == "" {
		return func() {}
	}
	l, err := metrics.Listen(ctx, j.metrics.listen)
	if err != nil {
		j.report.Note(err.Error())
		return func() {}
	}
	j.report.Note("metrics of this run: http://" + l.Addr().String() + "/metrics")
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if err := j.figures.Serve(ctx, l); err != nil {
			j.report.Note(err.Error())
		}
	}()
	return func() { cancel(); <-ended }
}

// counted writes what became of the run to where monitoring looks for it.
func (j *job) counted(outcome error) error {
	if j.figures == nil {
		return outcome
	}
	j.figures.End(outcomeOf(exitCode(outcome), j.summary.Published), j.began, now())
	if j.metrics.file == "" {
		return outcome
	}
	err := j.figures.WriteFile(j.metrics.file)
	switch {
	case err == nil:
		return outcome
	case outcome == nil:
		return &coded{exitAfterward, fmt.Errorf("the target is published, but: %w", err)}
	}
	j.report.Note(err.Error())
	return outcome
}

// outcomeOf is an exit code in the word that events, figures and traces have for it.
func outcomeOf(code int, published bool) report.Outcome {
	switch {
	case code == exitDone:
		return report.Published
	case code == exitRefused:
		return report.Refused
	case code == exitBusy:
		return report.Busy
	case code == exitAfterward && published:
		return report.Afterwards
	}
	return report.Failed // also where nobody knows whether it was published
}
