package main

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/ruleset/rulefile"
)

func (a *app) run() *cobra.Command {
	var flow, format string
	c := &cobra.Command{
		Use:   "run",
		Short: "Refresh the target of a flow",
		Long: "Run reads the source of the flow from one snapshot, treats every row, and builds a new database, the\n" +
			"shadow, beside the target. When the shadow is complete, run publishes it: it swaps the names of the\n" +
			"shadow and the target. If an error occurs before that, the target stays as it was.\n\n" + exitHelp,
		Example: "  masker run --flow nightly\n  masker run --flow nightly --format json   # events as JSON lines on stdout",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			return a.refresh(cmd.Context(), flow, format)
		},
	}
	flowFlag(c, &flow)
	c.Flags().StringVar(&format, "format", "text", "`text|json`: a summary for people, or all events as JSON lines")
	return c
}

// refresh resolves a flow and runs it.
func (a *app) refresh(ctx context.Context, flow, format string) error {
	rep := a.reporter(format)
	defer rep.Close()
	s, err := a.flowSpec(ctx, flow, false)
	if err != nil {
		a.setRun(rep, "", flow)
		err = a.refusedEarly(flow, err)
		endEvents(rep, format, movement.Outcome{Kind: kindOf(err)}, err)
		return err
	}
	return a.runSpec(ctx, rep, s, format)
}

// runSpec runs a flow that is resolved, and prints the summary.
func (a *app) runSpec(ctx context.Context, rep *report.Reporter, s *flowSpec, format string) error {
	a.setRun(rep, "", s.Flow.Name)
	w := &observer{monitoring: s.metrics, report: rep}
	s.Report, s.Began = rep, w.begin
	defer w.open(ctx, s.Flow.Name, a.env)()
	defer collectOften(s.Flow.Verify)()
	o, err := movement.Run(ctx, s.Spec)
	a.setRun(rep, o.Run, s.Flow.Name)
	if o.Published {
		o.Summary.Next = "look for yourself: " + psql(s.targetURL, o.Database)
		o.Summary = rep.Done(o.Summary)
	}
	err = w.end(o, err)
	o.Kind = kindOf(err)
	endEvents(rep, format, o, err)
	rep.Close()
	if w.trace != nil && w.trace.Lost() > 0 {
		a.note(fmt.Sprintf("%d spans of this run's trace did not reach the collector", w.trace.Lost()))
	}
	if format == "json" || !o.Published {
		return err
	}
	if werr := o.Summary.Write(a.out); err == nil {
		err = werr
	}
	return err
}

// collectOften lets garbage be collected more often while a run verifies strictly. Most of the run's memory holds
// fingerprints, which never become garbage. With Go's default, the memory could double before the next collection. The
// caller calls the returned function at the end.
func collectOften(v guard.Verification) func() {
	if v != guard.VerifyStrict {
		return func() {}
	}
	before := debug.SetGCPercent(30)
	return func() { debug.SetGCPercent(before) }
}

// endEvents writes the last events. It writes an error event only if the events are the result of the command, as with
// --format json. Otherwise printError prints the error.
func endEvents(rep *report.Reporter, format string, o movement.Outcome, err error) {
	if err != nil && format == "json" {
		rep.Fail(exitCode(err), movement.Words(err))
	}
	rep.End(outcomeOf(o), exitCode(err))
}

// flowSpec reads the configuration and resolves a flow with it.
func (a *app) flowSpec(ctx context.Context, flow string, checkOnly bool) (*flowSpec, error) {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return nil, err
	}
	return c.spec(ctx, flow, checkOnly, func(*flowSpec) {})
}

// reportedSpec resolves a flow for a verb that moves no rows. It records a refusal. The Report of the flow prints lines of
// text, and the caller closes it.
func (a *app) reportedSpec(ctx context.Context, flow string, checkOnly bool) (*flowSpec, error) {
	s, err := a.flowSpec(ctx, flow, checkOnly)
	if err != nil {
		return nil, a.refusedEarly(flow, err)
	}
	s.Report = a.reporter("text")
	a.setRun(s.Report, "", s.Flow.Name)
	return s, nil
}

// refusedEarly records a refusal that happened before the run started. It returns the refusal. If the ledger cannot
// record the refusal, the result also holds that error. If the configuration has no ledger, refusedEarly records
// nothing.
func (a *app) refusedEarly(flow string, refusal error) error {
	var r *guard.Refused
	if !errors.As(refusal, &r) {
		return refusal
	}
	c, err := loadConfig(a.configFile, a.env)
	if err != nil || c.Ledger.Path == "" {
		return refusal
	}
	l, err := c.openLedger()
	if err != nil {
		return errors.Join(refusal, err)
	}
	name, _, err := c.FindFlow(flow)
	if err != nil {
		name = flow
	}
	return errors.Join(refusal, movement.RecordRefusal(l, name, refusal, actor(a.env)), l.Close())
}

// loadRules reads the rule files of a flow. All its errors are usage errors. The set is nil for a flow without rules.
func loadRules(files []string) (*ruleset.Set, error) {
	if len(files) == 0 {
		return nil, nil
	}
	if err := secretInRules(files); err != nil {
		return nil, err
	}
	set, err := rulefile.Load(files)
	if err != nil {
		return nil, usage("%w", err)
	}
	return set, nil
}
