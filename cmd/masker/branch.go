package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/branch"
	"github.com/masker-project/masker/pkg/branch/postgres"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/report"
)

// branching is one call of masker branch.
type branching struct {
	*app
	want            branch.Order
	expires, format string
	reason          string
	force           bool
}

func (a *app) branch() *cobra.Command {
	c := &cobra.Command{Use: "branch", Short: "Make copies of a target, each for one person and one purpose", Args: cobra.NoArgs, RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	b := &branching{app: a}
	c.AddCommand(b.create(), b.list(), b.reset(), b.drop(), b.prune())
	for _, verb := range c.Commands() {
		asUsage(verb)
	}
	return c
}

func (b *branching) create() *cobra.Command {
	c := &cobra.Command{
		Use:   "create ENVIRONMENT NAME",
		Short: "Make a branch of a target",
		Long: "Create makes a database NAME on the server of the environment. It is a copy of the environment's target, with\n" +
			"the target's owner, grants and settings. It gets a signed step of provenance, so it is as trusted as the\n" +
			"target: a flow from it needs no adoption.\n\n" +
			"The copy is made from the template that a flow with branches: {template: true} keeps. Without a template, it\n" +
			"is made from the target itself, if nobody is in it.",
		Example: "  masker branch create staging pr_4711 --purpose 'pull request 4711' --expires 7d",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			b.want.Name = args[1]
			return b.run(cmd.Context(), args[0], b.make)
		},
	}
	c.Flags().StringVar(&b.want.Owner, "owner", "", "the `person` whom the branch belongs to. Default: the user of the operating system")
	c.Flags().StringVar(&b.want.Purpose, "purpose", "", "what the branch is for, in one `line`")
	c.Flags().StringVar(&b.expires, "expires", "7d", "`how long` the branch is needed: 12h, 7d, 4w or never. Afterwards the next run, or masker branch prune, drops it")
	b.formatFlag(c)
	return c
}

func (b *branching) list() *cobra.Command {
	c := &cobra.Command{
		Use:   "list ENVIRONMENT",
		Short: "Show the branches of a target",
		Long: "List shows every database whose comment says that it is a branch of the environment's target: owner, purpose,\n" +
			"age, expiry and size, and whether the ledger proves it.",
		Example: "  masker branch list staging",
		Args:    cobra.ExactArgs(1),
		RunE:    func(cmd *cobra.Command, args []string) error { return b.run(cmd.Context(), args[0], b.show) },
	}
	b.formatFlag(c)
	return c
}

func (b *branching) reset() *cobra.Command {
	c := &cobra.Command{
		Use:   "reset ENVIRONMENT NAME",
		Short: "Make a branch anew, with the rows that its target has now",
		Long: "Reset makes a new database beside the branch, and swaps the names in one transaction. The branch keeps its\n" +
			"owner, purpose and expiry. What was written into it is lost. The ledger has to prove the branch.",
		Example: "  masker branch reset staging pr_4711",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return b.run(cmd.Context(), args[0], func(ctx context.Context, s branch.Spec) error {
				made, err := branch.Reset(ctx, s, args[1], b.force)
				if err != nil {
					return err
				}
				return b.print(made)
			})
		},
	}
	b.forceFlag(c)
	b.formatFlag(c)
	return c
}

func (b *branching) drop() *cobra.Command {
	c := &cobra.Command{
		Use:   "drop ENVIRONMENT NAME",
		Short: "Drop a branch, and record it",
		Long: "Drop drops a branch only if its mark, its signed step, its name and its OID agree. The ledger records it\n" +
			"before and afterwards.",
		Example: "  masker branch drop staging pr_4711 --reason 'pull request 4711 is merged'",
		Args:    cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return b.run(cmd.Context(), args[0], func(ctx context.Context, s branch.Spec) error {
				if err := branch.Drop(ctx, s, args[1], b.reason, b.force); err != nil {
					return err
				}
				_, err := fmt.Fprintf(b.out, "dropped  %s\n", report.Clean(args[1]))
				return err
			})
		},
	}
	b.forceFlag(c)
	c.Flags().StringVar(&b.reason, "reason", "", "the `reason` for the ledger")
	return c
}

func (b *branching) prune() *cobra.Command {
	return &cobra.Command{
		Use:   "prune ENVIRONMENT",
		Short: "Drop the branches that have expired",
		Long: "Prune drops the expired branches of the environment's target. It leaves an expired branch while somebody is in\n" +
			"it, and says who. It also drops what a branch create that died has left behind. Each run does the same.",
		Example: "  masker branch prune staging",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return b.run(cmd.Context(), args[0], func(ctx context.Context, s branch.Spec) error {
				done, err := branch.Prune(ctx, s)
				return errors.Join(err, done.Write(b.out))
			})
		},
	}
}

func (b *branching) forceFlag(c *cobra.Command) {
	c.Flags().BoolVar(&b.force, "force", false, "end the sessions in the branch")
}

func (b *branching) formatFlag(c *cobra.Command) {
	c.Flags().StringVar(&b.format, "format", "text", "`text|json`")
}

// run resolves the environment, and calls a verb.
func (b *branching) run(ctx context.Context, environment string, verb func(context.Context, branch.Spec) error) error {
	if err := oneOf("format", b.format, "text", "json", ""); err != nil {
		return err
	}
	c, e, url, err := b.targetOf(environment)
	if err != nil {
		return err
	}
	s, err := c.branches(guard.Environment{Name: environment, Kind: guard.Kind(e.Kind)}, url)
	if err != nil {
		return err
	}
	s.Note = b.note
	return verb(ctx, s)
}

// branches describes the branches of a target.
func (c *config) branches(to guard.Environment, url string) (s branch.Spec, err error) {
	s = branch.Spec{
		Environment: to, Actor: actor(c.Env()), Now: now, Fault: faults(c.Env()),
		Connect: func(ctx context.Context) (branch.Server, error) {
			return postgres.Open(ctx, url, c.Environments[to.Name].Maintenance)
		},
	}
	if s.Ledger.Dir, s.Ledger.Options, err = c.ledgerAt(); err == nil {
		s.Ledger.Trusted, err = c.trustedKeys()
	}
	return s, err
}

func (b *branching) make(ctx context.Context, s branch.Spec) (err error) {
	if b.want.Lasts, err = branch.ParseExpiry(b.expires); err != nil {
		return usage("--expires %w", err)
	}
	if b.want.Owner == "" {
		b.want.Owner = s.Actor.User
	}
	if err := b.want.Check(); err != nil {
		return usage("%w", err)
	}
	made, err := branch.Create(ctx, s, b.want)
	if err != nil {
		return err
	}
	return b.print(made)
}

// print prints one branch.
func (b *branching) print(made branch.Branch) error {
	if b.format == "json" {
		return b.writeJSON(made)
	}
	_, err := fmt.Fprintln(b.out, made.Line(now()))
	return err
}

func (b *branching) show(ctx context.Context, s branch.Spec) error {
	list, err := branch.List(ctx, s)
	if err != nil {
		return err
	}
	if b.format == "json" {
		return b.writeJSON(list)
	}
	return branch.Table(b.out, list, now())
}
