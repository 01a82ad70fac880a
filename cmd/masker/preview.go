package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/review"
)

// mostPreviewed is the largest number of rows that masker preview shows.
const mostPreviewed = 50

func (a *app) preview() *cobra.Command {
	var flow string
	var rows int
	c := &cobra.Command{
		Use:   "preview TABLE",
		Short: "Show a few rows of a table as they would arrive in the target",
		Long: "Preview reads the first rows of a table, treats them as a run of the flow would, and prints the results next\n" +
			"to the rule that makes each column. It never prints what a value was before. It prints values that the\n" +
			"rules keep only if the source is proven not to be production.\n\n" +
			"Preview reads rows of the source, so it needs the same approvals and checks as masker run. The ledger\n" +
			"records it before the first row.",
		Example: "  masker preview public.customers --flow nightly --rows 3",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name, err := catalog.ParseName(args[0])
			if err != nil {
				return usage("table %w", err)
			}
			if rows < 1 || rows > mostPreviewed {
				return usage("--rows %d: want a number from 1 to %d", rows, mostPreviewed)
			}
			return a.showPreview(cmd.Context(), name, flow, rows)
		},
	}
	flowFlag(c, &flow)
	c.Flags().IntVar(&rows, "rows", 5, "how many rows")
	return c
}

func (a *app) showPreview(ctx context.Context, name catalog.Name, flow string, rows int) error {
	s, err := a.reportedSpec(ctx, flow, false)
	if err != nil {
		return err
	}
	defer s.Report.Close()
	found, p, err := movement.Preview(ctx, s.Spec, name, rows)
	if err != nil {
		return err
	}
	sample := review.Sample{Rows: found.Rows}
	for _, c := range found.Columns {
		sample.Columns, sample.Hidden = append(sample.Columns, c.Name), append(sample.Hidden, c.Hidden)
	}
	for _, t := range review.InventoryOf(p, now()).Tables {
		if t.Name == name {
			return review.WritePreview(a.out, t, p.TargetKind, sample)
		}
	}
	return nil
}
