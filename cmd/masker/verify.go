package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/movement"
	"github.com/masker-project/masker/pkg/report"
	"github.com/masker-project/masker/pkg/verify"
	"github.com/masker-project/masker/pkg/verify/show"
)

func (a *app) verify() *cobra.Command {
	var flow, format string
	var fromSource bool
	c := &cobra.Command{
		Use:   "verify",
		Short: "Verify a published target again",
		Long: "Verify reads the target that a flow published last, and changes nothing. Detectors look for personal data\n" +
			"in the columns that the rules keep, and the rows are counted. It opens no connection to the source.\n\n" +
			"With --from-source, verify also reads the source, and looks for its present values in the target. This\n" +
			"moves data, so verify needs the same approvals and checks as masker run.\n\n" +
			"The ledger records the verification before the first row is read, and its result. If values are found that\n" +
			"must not be in the target, the exit code is 4, and verify prints how to go back to the previous database.",
		Example: "  masker verify --flow nightly\n  masker verify --flow nightly --from-source",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := oneOf("format", format, "text", "json"); err != nil {
				return err
			}
			return a.verifyTarget(cmd.Context(), flow, fromSource, format)
		},
	}
	flowFlag(c, &flow)
	c.Flags().BoolVar(&fromSource, "from-source", false, "also read the source, and look for its values in the target")
	c.Flags().StringVar(&format, "format", "text", "`text|json`")
	return c
}

// verifyTarget verifies the target of a flow and prints the report. The error has the findings.
func (a *app) verifyTarget(ctx context.Context, flow string, fromSource bool, format string) error {
	s, err := a.reportedSpec(ctx, flow, !fromSource)
	if err != nil {
		return err
	}
	defer s.Report.Close()
	defer collectOften(guard.VerifyStrict)()
	v, err := movement.Verify(ctx, s.Spec, fromSource)
	if v.Report == nil {
		return err
	}
	return errors.Join(err, a.printVerified(v, format))
}

func (a *app) printVerified(v movement.Rechecked, format string) error {
	if format == "json" {
		return a.writeJSON(struct {
			Run     string         `json:"run"`
			Passed  bool           `json:"passed"`
			Changed []string       `json:"changed,omitempty"`
			Report  *verify.Report `json:"report"`
		}{v.Run, v.Report.Passed(), v.Changed, v.Report})
	}
	for _, text := range v.Changed {
		fmt.Fprintf(a.out, "changed: %s\n", report.Clean(text))
	}
	return show.Text(a.out, v.Report)
}
