package main

import "github.com/masker-project/masker/pkg/metrics"

// measure lets the run be counted, where its configuration wants figures.
func (j *job) measure() {
	if j.metrics != "" {
		j.figures = metrics.New(j.flow.Name, buildVersion())
		j.report.Beside(j.figures)
	}
}

// writeFigures says to monitoring what became of the run.
func (j *job) writeFigures(outcome error) error {
	if j.figures == nil {
		return nil
	}
	j.figures.End(outcomeOf(exitCode(outcome)), j.began, now(), j.last.At)
	return j.figures.WriteFile(j.metrics)
}

// outcomeOf is metrics' word for an exit code.
func outcomeOf(code int) string {
	switch code {
	case exitDone:
		return "published"
	case exitUsage:
		return "usage"
	case exitRefused:
		return "refused"
	case exitBusy:
		return "busy"
	case exitAfterward:
		return "afterwards"
	}
	return "failed"
}
