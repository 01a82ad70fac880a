package show

import (
	"encoding/csv"
	"fmt"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/masker-project/masker/internal/visible"
	"github.com/masker-project/masker/pkg/ledger"
)

// CSV writes one record on each line, for a spreadsheet. It puts an apostrophe before a cell that a spreadsheet would
// take for a formula.
func CSV(w io.Writer, records iter.Seq2[ledger.FlowRecord, error]) error {
	out := csv.NewWriter(w)
	out.UseCRLF = true // RFC 4180
	if err := out.Write([]string{
		"record", "time", "event", "run", "flow", "source", "target", "actor", "revision", "approvers", "waivers",
		"rules_sha256", "plan_sha256", "key_id", "published", "rows", "duration_ms", "what",
	}); err != nil {
		return err
	}
	for r, err := range records {
		if err != nil {
			return err
		}
		if err := out.Write(csvRow(r)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func csvRow(r ledger.FlowRecord) []string {
	row := []string{fmt.Sprint(r.Seq), r.Time.UTC().Format(time.RFC3339Nano), string(r.Event), r.Run, r.Flow}
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
	row = append(row, summary(r.Record))
	for i := range row {
		row[i] = csvCell(row[i])
	}
	return row
}

// csvCell returns a text that a spreadsheet does not take for a formula and that holds no control characters.
func csvCell(s string) string {
	s = visible.Text(s)
	if t := strings.TrimLeft(s, " "); t != "" && strings.ContainsAny(t[:1], "=+-@|%") || strings.HasPrefix(s, "＝") {
		return "'" + s
	}
	return s
}
