package main

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/ledger/show"
)

func (a *app) ledgerExport(at ledgerFinder) *cobra.Command {
	var f recordFlags
	var format string
	c := &cobra.Command{
		Use:   "export",
		Short: "Export the ledger for other programs: JSON Lines, CSV or in-toto attestations",
		Long: "Export writes to stdout, in one of these formats:\n" +
			"  jsonl   one record on each line, as the ledger stores it\n" +
			"  csv     one record on each line, for a spreadsheet. Export writes an apostrophe before a cell that a\n" +
			"          spreadsheet would take for a formula\n" +
			"  intoto  one attestation for each movement that has ended: an in-toto statement in a DSSE envelope, signed\n" +
			"          with the ledger's key. The attestation proves that the ledger holds the movement's start and end",
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
			wanted, err := f.filter()
			if err != nil {
				return err
			}
			switch format {
			case "csv":
				return show.CSV(a.out, wanted.Read(dir))
			case "intoto":
				return a.exportAttestations(cmd.Context(), dir, o, wanted)
			}
			for r, err := range wanted.Read(dir) {
				if err != nil {
					return err
				}
				if err := show.Lines(a.out, r); err != nil {
					return err
				}
			}
			return nil
		},
	}
	f.add(c)
	c.Flags().StringVar(&format, "format", "jsonl", "`jsonl|csv|intoto`")
	return c
}

// exportAttestations writes attestations, one envelope on each line.
func (a *app) exportAttestations(ctx context.Context, dir string, o ledger.Options, wanted ledger.Filter) error {
	l, err := ledger.Open(dir, o)
	if err != nil {
		return err
	}
	defer l.Close()
	for envelope, err := range l.Attestations(ctx, wanted) {
		if err != nil {
			return err
		}
		if _, err := a.out.Write(append(envelope, '\n')); err != nil {
			return err
		}
	}
	return nil
}
