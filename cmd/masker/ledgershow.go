package main

import (
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
)

// recordFilter says which records are wanted. It remembers the flows of runs, which only their starts name.
type recordFilter struct {
	flow, run, event, since string

	from time.Time
	runs map[string]string
}

func (f *recordFilter) flags(c *cobra.Command) {
	c.Flags().StringVarP(&f.flow, "flow", "f", "", "only of the flow `name`")
	c.Flags().StringVar(&f.run, "run", "", "only of the run `ID`")
	c.Flags().StringVar(&f.event, "event", "", "only of the `event`: start, finish, abort, refused, approved, …")
	c.Flags().StringVar(&f.since, "since", "", "only from a `time` on: 2006-01-02, or 36h or 7d ago")
}

// records streams what is wanted, with the flow of each.
func (f *recordFilter) records(dir string) iter.Seq2[flowRecord, error] {
	return func(yield func(flowRecord, error) bool) {
		var err error
		if f.from, err = sinceTime(f.since); err != nil {
			yield(flowRecord{}, err)
			return
		}
		f.runs = make(map[string]string)
		for r, err := range ledger.Read(dir) {
			if err != nil {
				yield(flowRecord{}, err)
				return
			}
			flow := f.flowOf(r)
			if (f.flow == "" || f.flow == flow) && (f.run == "" || f.run == r.Run) && (f.event == "" || f.event == string(r.Event)) && !r.Time.Before(f.from) {
				if !yield(flowRecord{r, flow}, nil) {
					return
				}
			}
		}
	}
}

// flowRecord is a record and the flow it is about, "" where it is about none.
type flowRecord struct {
	ledger.Record
	flow string
}

func (f *recordFilter) flowOf(r ledger.Record) string {
	switch {
	case r.Movement != nil:
		f.runs[r.Run] = r.Movement.Flow
	case r.Refusal != nil:
		return r.Refusal.Flow
	case r.Approval != nil:
		return r.Approval.Flow
	case r.Weakening != nil:
		return r.Weakening.Flow
	case r.Reveal != nil:
		return r.Reveal.Flow
	}
	return f.runs[r.Run]
}

func (a *app) ledgerShow(at ledgerFinder) *cobra.Command {
	var f recordFilter
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
			list, err := newest(f.records(dir), limit)
			if err != nil {
				return err
			}
			switch {
			case len(args) == 1 && len(list) == 0:
				return usage("the ledger has no run %q; masker ledger show lists them", report.Clean(args[0]))
			case format == "json":
				return writeRecords(a.out, list)
			case len(args) == 1:
				_, err = io.WriteString(a.out, inFull(list))
				return err
			}
			return writeTable(a.out, list)
		},
	}
	f.flags(c)
	c.Flags().IntVar(&limit, "limit", 50, "the newest `n` only; 0 for all")
	c.Flags().StringVar(&format, "format", "text", "`text|json`: a table, or a record a line")
	return c
}

// newest are the last records of a stream, all where limit is 0.
func newest(records iter.Seq2[flowRecord, error], limit int) ([]flowRecord, error) {
	var list []flowRecord
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

func writeRecords(w io.Writer, list []flowRecord) error {
	for _, r := range list {
		data, err := json.Marshal(r.Record)
		if err != nil {
			return err
		}
		if _, err := w.Write(append(report.ASCII(data), '\n')); err != nil {
			return err
		}
	}
	return nil
}

func writeTable(w io.Writer, list []flowRecord) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(w, "no such record")
		return err
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RECORD\tTIME (UTC)\tEVENT\tRUN\tFLOW\tWHAT")
	for _, r := range list {
		fmt.Fprintf(t, "%d\t%s\t%s\t%s\t%s\t%s\n", r.Seq, r.Time.UTC().Format(time.DateTime),
			report.Clean(string(r.Event)), report.Clean(r.Run), report.Clean(r.flow), report.Clean(gist(r.Record)))
	}
	return t.Flush()
}

// gist is what a record says, in a few words.
func gist(r ledger.Record) string {
	switch {
	case r.Movement != nil:
		m := r.Movement
		return fmt.Sprintf("%s to %s, by %s%s", sideText(m.Source), sideText(m.Target), actorText(m.Actor), approvedText(m.Approvers))
	case r.Shadow != nil:
		return "made database " + r.Shadow.Name
	case r.Outcome != nil && r.Outcome.Published:
		return fmt.Sprintf("published, %d rows in %s", r.Outcome.Rows, millis(r.Outcome.DurationMS))
	case r.Outcome != nil:
		return "not published: " + r.Outcome.Reason
	case r.Refusal != nil:
		return fmt.Sprintf("%s (asked by %s)", r.Refusal.Why, actorText(r.Refusal.Actor))
	case r.Approval != nil:
		return "by " + r.Approval.Principal + ", " + r.Approval.Fingerprint
	case r.Weakening != nil:
		return fmt.Sprintf("now allows %s; before: %s", listText(r.Weakening.Now), listText(r.Weakening.Was))
	case r.Undelivered != nil:
		return r.Undelivered.Channel + ": " + r.Undelivered.Why
	case r.Reveal != nil:
		return fmt.Sprintf("%d of %s by %s: %s", r.Reveal.Count, r.Reveal.Column, actorText(r.Reveal.Actor), r.Reveal.Reason)
	case r.Rotation != nil:
		return fmt.Sprintf("%s: %s to %s, by %s", r.Rotation.Key, r.Rotation.From, r.Rotation.To, actorText(r.Rotation.Actor))
	case len(r.Learned) > 0:
		return fmt.Sprintf("the spread of %d columns", len(r.Learned))
	case r.Cut > 0:
		return fmt.Sprintf("%d bytes that were never acknowledged were cut off", r.Cut)
	}
	return ""
}

func millis(ms int64) time.Duration { return time.Duration(ms) * time.Millisecond }

func sideText(p ledger.Party) string { return p.Environment + "/" + p.Database }

func approvedText(list []ledger.Approver) string {
	if len(list) == 0 {
		return ", approved by nobody"
	}
	names := make([]string, len(list))
	for i, a := range list {
		names[i] = a.Principal
	}
	return ", approved by " + strings.Join(names, ", ")
}

func listText(list []string) string {
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, ", ")
}
