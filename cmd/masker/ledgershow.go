package main

import (
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ledger/show"
	"github.com/masker-project/masker/pkg/report"
)

// recordFlags say which records are wanted.
type recordFlags struct{ flow, run, event, since string }

func (f *recordFlags) add(c *cobra.Command) {
	c.Flags().StringVarP(&f.flow, "flow", "f", "", "only of the flow `name`")
	c.Flags().StringVar(&f.run, "run", "", "only of the run `ID`")
	c.Flags().StringVar(&f.event, "event", "", "only of the `event`: start, finish, abort, refused, approved, …")
	c.Flags().StringVar(&f.since, "since", "", "only from a `time` on: 2006-01-02, or 36h or 7d ago")
}

func (f *recordFlags) filter() (ledger.Filter, error) {
	since, err := sinceTime(f.since)
	return ledger.Filter{Flow: f.flow, Run: f.run, Event: ledger.Event(f.event), Since: since}, err
}

func (a *app) ledgerShow(at ledgerFinder) *cobra.Command {
	var f recordFlags
	var limit int
	var format string
	c := &cobra.Command{
		Use:   "show [RUN]",
		Short: "The ledger as a table, newest last; or one movement in full",
		Long: "Show lists the records of the ledger, or, given a run's ID, everything about that movement: who, from where\n" +
			"to where, under which rules and approvals, what became of each column, and how it ended.\n" +
			"It shows what is there; whether that is what was recorded, masker ledger verify says.",
		Example: "  masker ledger show --flow nightly --since 7d\n  masker ledger show --event refused\n  masker ledger show 1m85pvc1frfk",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if limit < 0 {
				return usage("--limit %d: want how many records, or 0 for all", limit)
			}
			dir, _, err := at()
			if err != nil {
				return err
			}
			if len(args) == 1 {
				f.run, limit = args[0], 0
			}
			wanted, err := f.filter()
			if err != nil {
				return err
			}
			list, err := newest(wanted.Read(dir), limit)
			if err != nil {
				return err
			}
			switch {
			case len(args) == 1 && len(list) == 0:
				return usage("the ledger has no run %q; masker ledger show lists them", report.Clean(args[0]))
			case format == "json":
				return show.Lines(a.out, list...)
			case len(args) == 1:
				return show.Full(a.out, list)
			}
			return show.Table(a.out, list)
		},
	}
	f.add(c)
	c.Flags().IntVar(&limit, "limit", 50, "the newest `n` only; 0 for all")
	c.Flags().StringVar(&format, "format", "text", "`text|json`: a table, or a record a line")
	return c
}

// newest are the last records of a stream, all where limit is 0.
func newest(records iter.Seq2[ledger.FlowRecord, error], limit int) ([]ledger.FlowRecord, error) {
	var list []ledger.FlowRecord
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if list = append(list, r); limit > 0 && len(list) >= 2*limit {
			list = slices.Clone(list[len(list)-limit:])
		}
	}
	if limit > 0 && len(list) > limit {
		list = list[len(list)-limit:]
	}
	return list, nil
}
