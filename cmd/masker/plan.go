package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/review"
)

func (a *app) plan() *cobra.Command {
	var flow, format string
	c := &cobra.Command{
		Use:   "plan",
		Short: "Show what each column becomes, and why; reads no rows",
		Long: "Plan applies a flow's rules to the schema of the source. It prints one decision for each column, with the\n" +
			"reason and the position in the rule files. If a column has no decision, plan ends with exit code 3 and\n" +
			"prints lines for the rule files that decide it.",
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
			if err := a.printPlan(p, format); err != nil || format == "json" {
				return err
			}
			return a.showKey(flow)
		},
	}
	flowFlag(c, &flow)
	c.Flags().StringVar(&format, "format", "text", "`text|json`")
	return c
}

// build makes the plan of a flow from the schema of its source. It checks the policy and reads the files before it
// connects.
func (a *app) build(ctx context.Context, flow string) (*plan.Plan, error) {
	c, name, f, err := a.findFlow(flow)
	if err != nil {
		return nil, err
	}
	g := c.GuardFlow(name, f)
	if err := g.Check(); err != nil {
		return nil, err
	}
	rules, err := loadRules(c.RuleFiles(f))
	if err != nil {
		return nil, err
	}
	url, err := c.URL(f.From)
	if err != nil {
		return nil, err
	}
	return movement.MakePlan(ctx, movement.Spec{
		Flow: g, Rules: rules, Policy: c.Policy(name, f), Key: movement.Key{PerRun: c.KeyName(f) == ""},
		From: postgres.Origin{URL: url, ConnectionPatience: f.ConnectionPatience, PGDump: c.dump(name)},
		To:   postgres.Destination{},
	})
}

func (a *app) printPlan(p *plan.Plan, format string) error {
	if format == "json" {
		return review.WritePlanJSON(a.out, p)
	}
	return review.WriteInventory(a.out, review.InventoryOf(p, now()))
}

// showKey prints the flow's key, and whether two runs give the same results.
func (a *app) showKey(flow string) error {
	c, _, f, err := a.findFlow(flow)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.out, "\nkey: %s\n", c.keyText(f))
	return err
}
