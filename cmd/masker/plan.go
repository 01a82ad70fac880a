package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
	"github.com/masker-project/masker/pkg/source"
)

func (a *app) plan() *cobra.Command {
	var flow, format string
	c := &cobra.Command{
		Use:   "plan",
		Short: "What each column becomes, and why; reads the schema and no row",
		Long: "Plan resolves a flow's rules against the source's schema: one decision per column with its\n" +
			"reason and its position in the rule files. A column nobody decided on ends it with code 3 and\n" +
			"a snippet that decides it.",
		Example: "  masker plan --flow nightly\n  masker plan --flow nightly --format json > plan.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			p, err := a.build(cmd.Context(), flow)
			if err != nil {
				return err
			}
			if err := a.show(p, format); err != nil || format == "json" {
				return err
			}
			return a.showKey(flow)
		},
	}
	flowFlag(c, &flow)
	c.Flags().StringVar(&format, "format", "text", "`text|json`")
	return c
}

// prospect is a flow as it would run now, as far as files and the source's schema show.
type prospect struct {
	config *config
	name   string
	flow   settings.Flow
	guard  guard.Flow
	rules  *ruleset.Set // nil of a flow without rules
	db     *catalog.Database
	plan   *plan.Plan
}

// build makes the plan of a flow from its source's schema.
func (a *app) build(ctx context.Context, flow string) (*plan.Plan, error) {
	p, err := a.prospect(ctx, flow)
	if err != nil {
		return nil, err
	}
	return p.plan, nil
}

// prospect asks policy first, then the files, then the source.
func (a *app) prospect(ctx context.Context, flow string) (*prospect, error) {
	c, name, f, err := a.named(flow)
	if err != nil {
		return nil, err
	}
	p := &prospect{config: c, name: name, flow: f}
	p.guard = c.GuardFlow(p.name, p.flow)
	if err := p.guard.Check(); err != nil {
		return nil, err
	}
	if p.rules, err = loadRules(c.RuleFiles(p.flow)); err != nil {
		return nil, err
	}
	url, err := c.URL(p.flow.From)
	if err != nil {
		return nil, err
	}
	if p.db, err = source.Inspect(ctx, url); err != nil {
		return nil, fmt.Errorf("source %s: %w", p.flow.From, err)
	}
	if p.plan, err = movement.Plan(p.rules, p.db, string(p.guard.To.Kind), c.KeyName(p.flow) == ""); err != nil {
		return nil, err
	}
	return p, nil
}

func (a *app) show(p *plan.Plan, format string) error {
	if format == "json" {
		return review.WritePlanJSON(a.out, p)
	}
	return review.WriteInventory(a.out, review.InventoryOf(p, now()))
}

// showKey says whether the results of a flow stay the same from run to run.
func (a *app) showKey(flow string) error {
	c, _, f, err := a.named(flow)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "\nkey: %s\n", c.keyText(f))
	return err
}
