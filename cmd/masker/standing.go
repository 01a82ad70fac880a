package main

import (
	"fmt"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/cmd/masker/internal/settings"
	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/movement/postgres"
	"github.com/masker-project/masker/pkg/report"
)

func (a *app) rollback() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "rollback ENVIRONMENT --reason TEXT",
		Short: "Put a target's previous database back",
		Long: "Rollback swaps the names of the environment's target and of its newest previous database, in one\n" +
			"transaction like a refresh. It ends the sessions in both. The database that was the target becomes a\n" +
			"previous database, so another rollback undoes this one. The ledger records who did it and why. A template for\n" +
			"branches is dropped, because it has the rows of another run.\n\n" +
			"The ledger must prove that masker made both databases. The next run of the flow replaces the target.",
		Example: "  masker rollback staging --reason 'orders are missing, ticket 4711'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.standing(args[0], reason)
			if err != nil {
				return err
			}
			defer s.Report.Close()
			done, err := movement.Rollback(cmd.Context(), s)
			if err != nil {
				return err
			}
			s.Report.Close()
			fmt.Fprintf(a.out, "%s is the database of run %s again\nprevious  %s\n", report.Clean(done.Target.Database), done.Run, report.Clean(done.Replaces.Name))
			for _, t := range done.Templates {
				fmt.Fprintf(a.out, "dropped   %s, the template of another run; the next run makes one\n", report.Clean(t.Name))
			}
			return nil
		},
	}
	reasonFlag(c, &reason)
	return c
}

func (a *app) retire() *cobra.Command {
	var reason string
	c := &cobra.Command{
		Use:   "retire ENVIRONMENT --reason TEXT",
		Short: "Drop a target with its copies, and record it",
		Long: "Retire drops the environment's target, and the previous databases and the template that masker keeps beside\n" +
			"it, and ends the sessions in them. Before that, the ledger records which databases are dropped, by whom and why, and\n" +
			"afterwards, which ones were dropped. The ledger must prove that they are masker's.\n\n" +
			"The records are evidence of deletion, for example for ISO 27001 A.8.33 and DORA article 16. They do not\n" +
			"cover backups, WAL and replicas of the server, nor copies that somebody else made.",
		Example: "  masker retire staging --reason 'the project has ended'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			s, err := a.standing(args[0], reason)
			if err != nil {
				return err
			}
			defer s.Report.Close()
			done, left, err := movement.Retire(cmd.Context(), s)
			s.Report.Close()
			for _, d := range done.Databases {
				if err == nil {
					fmt.Fprintf(a.out, "dropped  %s\n", report.Clean(d.Name))
				}
			}
			for _, text := range left {
				fmt.Fprintf(a.out, "left     %s\n", report.Clean(text))
			}
			if err == nil {
				fmt.Fprintln(a.out, "not covered: backups, WAL and replicas of the server, and copies that somebody else made")
			}
			return err
		},
	}
	reasonFlag(c, &reason)
	return c
}

func reasonFlag(c *cobra.Command, reason *string) {
	c.Flags().StringVar(reason, "reason", "", "the `reason` for the ledger")
}

// targetOf resolves an environment that is a target. It returns its entry in the configuration, and its URL.
func (a *app) targetOf(environment string) (c *config, e settings.Environment, url string, err error) {
	if c, err = loadConfig(a.configFile, a.env); err != nil {
		return nil, e, "", err
	}
	if err := c.CheckAllOverrides(); err != nil {
		return nil, e, "", err
	}
	e, ok := c.Environments[environment]
	if !ok {
		return nil, e, "", usage("%s has no environment %q%s", a.configFile, environment, spell.Mean(environment, slices.Sorted(maps.Keys(c.Environments))))
	}
	url, err = c.URL(environment)
	return c, e, url, err
}

// standing returns what the configuration says about an environment, for the verbs rollback and retire.
func (a *app) standing(environment, reason string) (s movement.Standing, err error) {
	c, e, url, err := a.targetOf(environment)
	if err != nil {
		return s, err
	}
	s = movement.Standing{Environment: guard.Environment{Name: environment, Kind: guard.Kind(e.Kind)}, Actor: actor(a.env), Reason: reason, Fault: faults(a.env)}
	s.To = postgres.Destination{URL: url, Maintenance: e.Maintenance}
	if s.Ledger, err = c.movementLedger(); err != nil {
		return s, err
	}
	if s.Channels, err = c.channelsTo(environment); err != nil {
		return s, err
	}
	s.Report, s.Version = a.reporter("text"), buildVersion()
	return s, nil
}
