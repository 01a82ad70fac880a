package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/ruleset"
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
	c.Flags().StringVarP(&flow, "flow", "f", "", "`name` of the flow; not needed where there is only one")
	c.Flags().StringVar(&format, "format", "text", "`text|json`: a summary for people, or every event as a JSON line")
	return c
}

// refresh runs one flow and shows what happened.
func (a *app) refresh(ctx context.Context, flow, format string) error {
	rep := a.reporter(format)
	defer rep.Close()
	j, err := a.job(ctx, flow, false)
	if err != nil {
		a.about(rep, "", flow)
		err = a.refusedEarly(flow, err)
		ended(rep, format, err, false)
		return err
	}
	a.about(rep, "", j.flow.Name)
	j.report, j.tell = rep, func(_, note string) { rep.Note(note) }
	defer j.observe(ctx, a.env)()
	err = j.run(ctx)
	a.about(rep, j.summary.Run, j.flow.Name)
	var s report.Summary
	if j.summary.Published {
		s = rep.Done(j.summary)
	}
	err = j.counted(err)
	ended(rep, format, err, j.summary.Published)
	rep.Close()
	if j.trace != nil && j.trace.Lost() > 0 {
		a.note(fmt.Sprintf("%d spans of this run's trace did not reach the collector", j.trace.Lost()))
	}
	if format == "json" || !j.summary.Published {
		return err
	}
	if werr := s.Write(a.out); err == nil {
		err = werr
	}
	return err
}

// ended closes the stream of events. An error is among them only where they are the result: elsewhere it is told by itself.
func ended(rep *report.Reporter, format string, err error, published bool) {
	if err != nil && format == "json" {
		rep.Fail(exitCode(err), told(err))
	}
	rep.End(outcomeOf(exitCode(err), published), exitCode(err))
}

// job prepares a flow as far as files go. One that looks only opens no key with a program.
func (a *app) job(ctx context.Context, flow string, looks bool) (*job, error) {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return nil, err
	}
	m, err := c.movement(ctx, flow, looks)
	if err != nil {
		return nil, err
	}
	j := &job{movement: m, fault: faults(a.env), actor: actor(a.env), looks: looks, tell: func(string, string) {}}
	if j.rules, err = loadRules(m.rules); err != nil {
		return nil, err
	}
	j.given, err = c.judged(m.flow.Name, m.tuning, m.flow, j.rules, now())
	return j, err
}

// loadRules reads rule files; whatever is wrong in them is the user's to mend. A flow without rules has no set.
func loadRules(files []string) (*ruleset.Set, error) {
	if len(files) == 0 {
		return nil, nil
	}
	if err := secretInRules(files); err != nil {
		return nil, err
	}
	set, err := ruleset.Load(files)
	if err != nil {
		return nil, usage("%w", err)
	}
	return set, nil
}
