package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/subset"
	"github.com/masker-project/masker/pkg/subset/show"
)

func (a *app) subset() *cobra.Command {
	c := &cobra.Command{Use: "subset", Short: "Look at the rows that a flow's subset selects", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	e := explaining{app: a}
	explain := &cobra.Command{
		Use:   "explain [FLOW]",
		Short: "Show how many rows of each table the subset has, and what brings them",
		Long: "Explain selects the rows of a flow's subset, and copies none. For each table it prints how many rows the\n" +
			"subset has, of about how many, about how large they are, what brings them, and which searches read a\n" +
			"whole table because no index finds the rows.\n\n" +
			"The conditions of a subset run on the source, so explain needs the same approvals and checks as masker\n" +
			"run. The ledger records it before the first search.",
		Example: "  masker subset explain nightly\n  masker subset explain nightly --row 'public.orders:id=42'\n  masker subset explain nightly --graph svg > subset.svg",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return e.run(cmd.Context(), strings.Join(args, ""))
		},
	}
	explain.Flags().StringVar(&e.format, "format", "text", "`text|json`")
	explain.Flags().StringVar(&e.graph, "graph", "", "print a graph instead: `mermaid|svg`")
	explain.Flags().StringVar(&e.row, "row", "", "also show what brings this row: `TABLE:COLUMN=VALUE`")
	asUsage(explain)
	c.AddCommand(explain)
	return c
}

// explaining is one call of masker subset explain.
type explaining struct {
	*app
	format, graph, row string
}

func (e *explaining) run(ctx context.Context, flow string) error {
	if err := oneOf("format", e.format, "text", "json"); err != nil {
		return err
	}
	if e.graph != "" {
		if err := oneOf("graph", e.graph, "mermaid", "svg"); err != nil {
			return err
		}
	}
	row, err := subset.ParseRow(e.row)
	if err != nil {
		return usage("--row: %w", err)
	}
	s, err := e.reportedSpec(ctx, flow, false)
	if err != nil {
		return err
	}
	defer s.Report.Close()
	found, err := movement.Explain(ctx, s.Spec, row)
	switch {
	case err != nil:
		return err
	case e.graph == "mermaid":
		return show.Mermaid(e.out, found)
	case e.graph == "svg":
		return show.SVG(e.out, found)
	case e.format == "json":
		return e.writeJSON(found)
	}
	return show.Text(e.out, found)
}
