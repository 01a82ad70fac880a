package main

import (
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/report"
)

func (a *app) ledgerExport(at ledgerFinder) *cobra.Command {
	var f recordFilter
	var format string
	c := &cobra.Command{
		Use:   "export",
		Short: "The ledger for other programs: JSON Lines, CSV or in-toto attestations",
		Long: "Export writes to stdout.\n" +
			"  jsonl   a record a line, as the ledger has it\n" +
			"  csv     a record a line, for a spreadsheet; a cell that would be a formula there begins with an apostrophe\n" +
			"  intoto  an attestation for each movement that has ended: an in-toto statement in a DSSE envelope, signed by the\n" +
			"          ledger's key, with the proofs that the ledger holds its start and its end",
		Example: "  masker ledger export --format csv --since 30d > movements.csv\n  masker ledger export --format intoto --run 1m85pvc1frfk",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "jsonl", "csv", "intoto"); err != nil {
				return err
			}
			dir, o, err := at()
			if err != nil {
				return err
			}
			switch format {
			case "csv":
				return a.exportCSV(f.records(dir))
			case "intoto":
				return a.exportAttestations(cmd.Context(), dir, o, &f)
			}
			for r, err := range f.records(dir) {
				if err != nil {
					return err
				}
				if err := writeRecords(a.out, []flowRecord{r}); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.flags(c)
	c.Flags().StringVar(&format, "format", "jsonl", "`jsonl|csv|intoto`")
	return c
}

func (a *app) exportCSV(records func(func(flowRecord, error) bool)) error {
	w := csv.NewWriter(a.out)
	w.UseCRLF = true // RFC 4180
	if err := w.Write([]string{
		"record", "time", "event", "run", "flow", "source", "target", "actor", "revision", "approvers", "waivers",
		"rules_sha256", "plan_sha256", "key_id", "published", "rows", "duration_ms", "what",
	}); err != nil {
		return err
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := w.Write(csvRow(r)); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

func csvRow(r flowRecord) []string {
	row := []string{fmt.Sprint(r.Seq), r.Time.UTC().Format(time.RFC3339Nano), string(r.Event), r.Run, r.flow}
	if m := r.Movement; m != nil {
		approvers := make([]string, len(m.Approvers))
		for i, p := range m.Approvers {
			approvers[i] = p.Principal + " " + p.Fingerprint
		}
		row = append(row, sideText(m.Source), sideText(m.Target), actorText(m.Actor), fmt.Sprint(m.Revision),
			strings.Join(approvers, "; "), strings.Join(m.Waivers, "; "), m.Digests.Rules, m.Digests.Plan, m.KeyID)
	} else {
		row = append(row, make([]string, 9)...)
	}
	if o := r.Outcome; o != nil {
		row = append(row, fmt.Sprint(o.Published), fmt.Sprint(o.Rows), fmt.Sprint(o.DurationMS))
	} else {
		row = append(row, "", "", "")
	}
	row = append(row, gist(r.Record))
	for i := range row {
		row[i] = csvCell(row[i])
	}
	return row
}

// csvCell keeps a text from being a formula in a spreadsheet, and from being anything on a terminal.
func csvCell(s string) string {
	s = report.Clean(s)
	if t := strings.TrimLeft(s, " "); t != "" && strings.ContainsAny(t[:1], "=+-@|%") || strings.HasPrefix(s, "＝") {
		return "'" + s
	}
	return s
}

// exportAttestations writes an envelope a line.
func (a *app) exportAttestations(ctx context.Context, dir string, o ledger.Options, f *recordFilter) error {
	l, err := ledger.Open(dir, o)
	if err != nil {
		return err
	}
	defer l.Close()
	from, err := sinceTime(f.since)
	if err != nil {
		return err
	}
	all := recordFilter{flow: f.flow, run: f.run} // a start may be older than what is asked for
	starts := make(map[string]int64)
	for r, err := range all.records(dir) {
		if err != nil {
			return err
		}
		if r.Movement != nil {
			starts[r.Run] = r.Seq
		}
		start, known := starts[r.Run]
		if r.Outcome == nil || !known || r.Time.Before(from) || f.event != "" && f.event != string(r.Event) {
			continue
		}
		delete(starts, r.Run)
		envelope, err := l.Attest(ctx, start, r.Seq)
		if err != nil {
			return err
		}
		if _, err := a.out.Write(append(envelope, '\n')); err != nil {
			return err
		}
	}
	return nil
}
