package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"runtime/debug"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/discover/look"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/review"
)

func (a *app) check() *cobra.Command {
	var flow, format string
	var asked checking
	c := &cobra.Command{
		Use:   "check",
		Short: "Check configuration and rules against the schema of the source",
		Long: "Check reads the configuration and the rules of one flow or of all flows, and compares them with\n" +
			"the schema of each source. It checks everything that a run checks before it reads a row, and prints\n" +
			"the same errors: the approvals of the rules, the rights of the roles, the target, the ledger and the key.\n\n" +
			"With --offline, check opens no connection. It still refuses rules that need an approval and have none,\n" +
			"with exit code 3.\n\n" +
			"Check reads no rows. With --sample it looks at a sample of the values of each table, after the ledger has\n" +
			"recorded this. A column that the rules keep, and whose values look personal, is a finding. No value is shown.\n\n" +
			"With --format json or sarif, check writes one document to stdout. Code hosts show SARIF as annotations.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json", "sarif"); err != nil {
				return err
			}
			// Fewer garbage collections make the check of a schema with thousands of tables a tenth faster. They need
			// more memory, but the process ends right after the check.
			defer debug.SetGCPercent(debug.SetGCPercent(300))
			if asked.offline && asked.sample {
				return usage("--offline opens no connection, and --sample reads rows; use one of them")
			}
			return a.checkAs(cmd.Context(), flow, asked, format)
		},
	}
	c.Flags().StringVarP(&flow, "flow", "f", "", "`name` of the flow. Default: all flows")
	c.Flags().BoolVar(&asked.offline, "offline", false, "check files only, open no connection")
	c.Flags().BoolVar(&asked.sample, "sample", false, "look at a sample of the values that the rules keep")
	c.Flags().StringVar(&format, "format", "text", "`text|json|sarif`")
	return c
}

// checking says how flows are checked.
type checking struct{ offline, sample bool }

// checkAs checks the flows and writes the findings in a format.
func (a *app) checkAs(ctx context.Context, flow string, asked checking, format string) error {
	found := &findings{}
	if format == "text" {
		return a.checkFlows(ctx, flow, asked, found)
	}
	silent := *a
	silent.out, silent.err = io.Discard, io.Discard
	err := silent.checkFlows(ctx, flow, asked, found)
	if err != nil && !review.Refuses(found.list) {
		found.addError("", err)
	}
	return errors.Join(found.write(a.out, format, a.configFile), err)
}

// checkFlows checks all flows, even if one of them has problems, so that one call reports everything. The worst error
// decides the exit code.
func (a *app) checkFlows(ctx context.Context, flow string, asked checking, found *findings) error {
	c, err := loadConfig(a.configFile, a.env)
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(c.Flows))
	if flow != "" || len(names) == 0 {
		name, _, err := c.FindFlow(flow)
		if err != nil {
			return err
		}
		names = []string{name}
	}
	var problems []error
	code := exitDone
	for _, name := range names {
		err := a.checkFlow(ctx, c, name, asked, found)
		if err != nil {
			found.addError(name, err)
			problems = append(problems, ofFlow(name, err))
			code = worse(code, exitCode(err))
		}
	}
	if len(problems) > 0 {
		return &coded{code, errors.Join(problems...)}
	}
	return nil
}

// ofFlow adds the name of the flow to the text of an error. It leaves a refusal as it is, because its text already
// names the flow.
func ofFlow(name string, err error) error {
	var refused *guard.Refused
	if text := movement.Words(err); errors.As(err, &refused) && refused.Flow == name && strings.HasPrefix(text, refused.Error()) {
		return errors.New(text)
	}
	return fmt.Errorf("flow %s: %s", name, movement.Words(err))
}

// worse returns the more important of two exit codes. Wrong files are the most important, then a refusal by policy,
// then a failure.
func worse(a, b int) int {
	for _, code := range []int{exitUsage, exitRefused, exitFailed} {
		if a == code || b == code {
			return code
		}
	}
	return max(a, b)
}

func (a *app) checkFlow(ctx context.Context, c *config, name string, asked checking, found *findings) error {
	if asked.offline {
		return a.checkFiles(c, name)
	}
	var early *movement.Early
	f, err := c.spec(ctx, name, true, func(s *flowSpec) { early = s.OpenEarly(ctx) })
	defer func() { early.Close() }()
	if err != nil {
		return err
	}
	f.Sample = 0 // the look costs time, and a check is often made
	if asked.sample {
		f.Sample = look.Rows
	}
	f.Note = func(code, text string) {
		found.add(review.Finding{Code: code, Level: review.Note, Text: text, Flow: name})
		fmt.Fprintf(a.err, "flow %s: note: %s\n", name, report.Clean(text))
	}
	var checked *plan.Plan
	var digest func() string
	err = movement.Check(ctx, f.Spec, func(p *plan.Plan) {
		checked, digest = p, sync.OnceValue(p.Digest)
		go digest() // on another core
		judged := f.Flow.Judge(review.Findings(p, now()))
		found.add(judged...)
		_ = review.WriteFindings(a.err, judged) // a failed write to stderr cannot be reported
		a.printWaivers(name, f.Flow)
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "flow %s: in order; every column has a decision (%d tables, plan %.12s)\n", name, len(checked.Tables), digest())
	return err
}
