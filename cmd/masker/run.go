package main

import (
	"context"
	"errors"
	"fmt"

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
		Short: "Refresh a flow's target: read, treat, build beside, swap in",
		Long: "Run reads the flow's source under one snapshot, treats every row on its way, builds a new\n" +
			"database beside the target, and swaps it in when it is complete. Whatever goes wrong before\n" +
			"that, the target stays as it was.\n\n" + exitHelp,
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
	c.Flags().StringVar(&format, "format", "text", "`text|json`: a summary for people, or every event as a JSON line")
	return c
}

// refresh runs one flow and shows what happened.
func (a *app) refresh(ctx context.Context, flow, format string) error {
	rep := a.reporter(format)
	defer rep.Close()
	s, err := a.flowSpec(ctx, flow, false)
	if err != nil {
		a.about(rep, "", flow)
		err = a.refusedEarly(flow, err)
		ended(rep, format, movement.Outcome{Kind: kindOf(err)}, err)
		return err
	}
	a.about(rep, "", s.Flow.Name)
	w := &watch{monitoring: s.metrics, report: rep}
	s.Report, s.Began = rep, w.begin
	defer w.observe(ctx, s.Flow.Name, a.env)()
	o, err := movement.Run(ctx, s.Spec)
	a.about(rep, o.Run, s.Flow.Name)
	if o.Published {
		o.Summary.Next = "look for yourself: " + psql(s.targetURL, o.Database)
		o.Summary = rep.Done(o.Summary)
	}
	err = w.counted(o, err)
	o.Kind = kindOf(err)
	ended(rep, format, o, err)
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

// ended closes the stream of events. An error is among them only where they are the result: elsewhere it is told by itself.
func ended(rep *report.Reporter, format string, o movement.Outcome, err error) {
	if err != nil && format == "json" {
		rep.Fail(exitCode(err), movement.Words(err))
	}
	rep.End(outcomeOf(o), exitCode(err))
}

// flowSpec resolves a flow as far as files go.
func (a *app) flowSpec(ctx context.Context, flow string, looks bool) (*flowSpec, error) {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return nil, err
	}
	return c.spec(ctx, flow, looks)
}

// refusedEarly records a refusal that came before a run could begin, as far as there is a ledger to record it in. The
// refusal stands either way.
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
	name, _, err := c.Named(flow)
	if err != nil {
		name = flow
	}
	return errors.Join(refusal, movement.RecordRefusal(l, name, refusal, actor(a.env)), l.Close())
}

// loadRules reads rule files; whatever is wrong in them is the user's to mend. A flow without rules has no set.
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
