package main

import (
	"iter"
	"slices"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ledger/show"
	"github.com/masker-project/masker/pkg/report"
)

// recordFlags are the flags that select records.
type recordFlags struct{ flow, run, event, since string }

func (f *recordFlags) add(c *cobra.Command) {
	c.Flags().StringVarP(&f.flow, "flow", "f", "", "only records of the flow `name`")
	c.Flags().StringVar(&f.run, "run", "", "only records of the run `ID`")
	c.Flags().StringVar(&f.event, "event", "", "only records of one `event`: start, finish, abort, refused, approved, …")
	c.Flags().StringVar(&f.since, "since", "", "only records since a `time`: a date (2006-01-02), or how long ago (36h, 7d)")
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
		Short: "List the records of the ledger, the newest last, or show one movement in detail",
		Long: "Show lists the records of the ledger. With the ID of a run it shows all about that movement: who ran it, the\n" +
			"source and the target, the rules and approvals, the treatment of each column, and how it ended.\n\n" +
			"Show does not check whether somebody changed the ledger. Use masker ledger verify for that.",
		Example: "  masker ledger show --flow nightly --since 7d\n  masker ledger show --event refused\n  masker ledger show 1m85pvc1frfk",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			if limit < 0 {
				return usage("--limit %d: want a number of records, or 0 for all", limit)
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
	c.Flags().IntVar(&limit, "limit", 50, "only the newest `n` records; 0 for all")
	c.Flags().StringVar(&format, "format", "text", "`text|json`: a table, or one JSON record on each line")
	return c
}

// newest returns the last records of a stream, at most limit. If limit is 0, it returns all.
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
