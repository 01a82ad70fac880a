package review

import (
	"fmt"
	"slices"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Level is how much a finding weighs.
type Level string

// The levels.
const (
	Error   Level = "error"   // it refuses a run
	Warning Level = "warning" // a reviewer should look at it
	Note    Level = "note"    // good to know
)

// Finding is one thing a reviewer should know, or somebody has to mend. Its text is as it came: whoever
// shows it cleans it for the medium.
type Finding struct {
	Code   string // stable, kebab-case
	Level  Level
	Flow   string        // "" where it is of no flow
	At     ruleset.Pos   // in the rules or the configuration; zero where it has no place
	Table  *catalog.Name // nil where it is about no table
	Column string        // "" where it is about the table itself
	Text   string        // never a value
	Waiver *Waiver       // nil where nobody answers for it
}

// Waiver says who lets a finding pass, and until which day.
type Waiver struct {
	Owner string
	Why   string
	Until string // YYYY-MM-DD, its last day (UTC)
	At    ruleset.Pos
}

// Unmatched is the code of a waiver that matches no finding: the finding is gone, or its name or place
// is misspelt. It can not be waived.
const Unmatched = "waiver-without-finding"

// String is the finding's text with its place.
func (f Finding) String() string {
	if f.At.IsZero() {
		return f.Text
	}
	return f.Text + " (" + f.At.String() + ")"
}

// Findings are a plan's findings, judged by the waivers of its rules on that day: first the open ones,
// then waivers that match nothing, which are findings of their own, then those that are waived. A waiver
// is for one code on one column, or on the table itself; on the day after its last (UTC) the finding is
// open again and says so.
//
// Open ones are warnings, waived ones notes. What an open one means for a flow, guard.Flow.Judge says.
func Findings(p *plan.Plan, today time.Time) []Finding {
	var open, stale, waived []Finding
	matched := make([]bool, len(p.Waivers))
	for _, f := range p.Findings {
		found := Finding{Code: f.Code, Level: Warning, At: ParsePos(f.Pos), Table: f.Table, Column: f.Column, Text: f.Text}
		i := slices.IndexFunc(p.Waivers, func(w ruleset.Waiver) bool {
			return f.Table != nil && w.Finding == f.Code && w.Table == *f.Table && w.Column == f.Column
		})
		if i < 0 {
			open = append(open, found)
			continue
		}
		matched[i] = true
		w := p.Waivers[i]
		if w.Until < today.UTC().Format(time.DateOnly) {
			found.Text += fmt.Sprintf("; the waiver of %s ended on %s (%s)", w.Owner, w.Until, w.Pos)
			open = append(open, found)
			continue
		}
		found.Level, found.Waiver = Note, &Waiver{Owner: w.Owner, Why: w.Reason, Until: w.Until, At: ParsePos(w.Pos)}
		waived = append(waived, found)
	}
	for i, w := range p.Waivers {
		if !matched[i] {
			stale = append(stale, Finding{
				Code: Unmatched, Level: Warning, At: ParsePos(w.Pos), Table: &p.Waivers[i].Table, Column: w.Column,
				Text: fmt.Sprintf("there is no %s on %s to waive; remove the waiver, or correct it", w.Finding, w.On()),
			})
		}
	}
	return slices.Concat(open, stale, waived)
}

// Split parts findings into those nobody answers for, and those that are waived.
func Split(fs []Finding) (open, waived []Finding) {
	for _, f := range fs {
		if f.Waiver == nil {
			open = append(open, f)
		} else {
			waived = append(waived, f)
		}
	}
	return open, waived
}

// Refuses says that one of the findings is an error.
func Refuses(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Level == Error })
}
