package plan

import (
	"fmt"
	"time"

	"github.com/masker-project/masker/pkg/ruleset"
)

// Unmatched is the code of a waiver that matches no finding: the finding is gone, or its name or place
// is misspelt. It can not be waived.
const Unmatched = "waiver-without-finding"

// Waived is a finding that somebody answers for, until a day.
type Waived struct {
	Finding
	Owner  string `json:"owner"`
	Why    string `json:"why"`
	Until  string `json:"until"`
	Waiver string `json:"waiver"` // file:line:col of the waiver
}

// Waive sorts a plan's findings by the waivers of its rules: open ones, waived ones, and the waivers
// that match nothing, which are findings of their own. A waiver is for one code on one column, or on
// the table itself; on the day after its last (UTC) the finding is open again and says so.
//
// Where findings refuse a refresh, open and stale ones do.
func Waive(p *Plan, waivers []ruleset.Waiver, today time.Time) (open []Finding, waived []Waived, stale []Finding) {
	matched := make([]bool, len(waivers))
	for _, f := range p.Findings {
		i := waiverOf(f, waivers)
		if i < 0 {
			open = append(open, f)
			continue
		}
		matched[i] = true
		w := waivers[i]
		if w.Until < today.UTC().Format(time.DateOnly) {
			f.Text += fmt.Sprintf("; the waiver of %s ended on %s (%s)", w.Owner, w.Until, w.Pos)
			open = append(open, f)
			continue
		}
		waived = append(waived, Waived{Finding: f, Owner: w.Owner, Why: w.Reason, Until: w.Until, Waiver: w.Pos})
	}
	for i, w := range waivers {
		if !matched[i] {
			stale = append(stale, Finding{
				Code: Unmatched, Table: &waivers[i].Table, Column: w.Column, Pos: w.Pos,
				Text: fmt.Sprintf("there is no %s on %s to waive; remove the waiver, or correct it", w.Finding, w.On()),
			})
		}
	}
	return open, waived, stale
}

// waiverOf is the waiver for a finding, or -1.
func waiverOf(f Finding, waivers []ruleset.Waiver) int {
	for i, w := range waivers {
		if f.Table != nil && w.Finding == f.Code && w.Table == *f.Table && w.Column == f.Column {
			return i
		}
	}
	return -1
}
