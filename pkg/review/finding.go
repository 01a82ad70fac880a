package review

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Level says how important a finding is.
type Level string

// The levels.
const (
	Error   Level = "error"   // masker refuses the run
	Warning Level = "warning" // a reviewer should look at the finding
	Note    Level = "note"    // for information
)

// Finding is something that a reviewer should look at, or that somebody has to correct. Its text can hold any
// character, so the renderers make it safe to show.
type Finding struct {
	Code   string // a stable name in kebab-case
	Level  Level
	Flow   string        // "" if the finding belongs to no flow
	At     ruleset.Pos   // in the rules or the configuration, or zero
	Table  *catalog.Name // nil if the finding is about no table
	Column string        // "" if the finding is about the whole table
	Text   string        // never holds a value
	Waiver *Waiver       // nil if the finding is not waived
}

// Waiver says who accepted a finding, why, and until which day.
type Waiver struct {
	Owner string
	Why   string
	Until string // YYYY-MM-DD, the last day (UTC)
	At    ruleset.Pos
}

// Unmatched is the code of the finding for a waiver that matches no finding. Either the plan no longer has the
// finding, or the waiver misspells the code, table or column of the finding. A finding with the code Unmatched cannot
// be waived.
const Unmatched = "waiver-without-finding"

// String returns the finding's text with its position. A finding without a position is about an object that no rule
// names. Its text then begins with the object's name, unless the name is in the text already.
func (f Finding) String() string {
	if on := f.On(); f.At.IsZero() && !strings.Contains(f.Text, on) {
		return on + ": " + f.Text
	}
	if f.At.IsZero() {
		return f.Text
	}
	return f.Text + " (" + f.At.String() + ")"
}

// On returns the column or table of the finding: schema.table.column or schema.table. It is "" if the finding is about
// no table.
func (f Finding) On() string {
	switch {
	case f.Table == nil:
		return ""
	case f.Column == "":
		return f.Table.String()
	}
	return f.Table.Column(f.Column)
}

// Findings returns a plan's findings, with the waivers that hold on that day (UTC). The open findings come first.
// After them comes a finding for each waiver that matches nothing, and last the waived findings.
//
// A waiver is for one code on one column or on one table. After the waiver's last day the finding is open again, and
// its text says so. The finding of a gate can be waived only if it rests on a guess. Open findings are warnings, open
// findings of gates are errors, and waived findings are notes. guard.Flow.Judge decides whether a flow may run with
// open findings.
func Findings(p *plan.Plan, today time.Time) []Finding {
	var open, stale, waived []Finding
	matched := make([]bool, len(p.Waivers))
	for _, f := range p.Findings {
		found := Finding{Code: f.Code, Level: Warning, At: ParsePos(f.Pos), Table: f.Table, Column: f.Column, Text: f.Text}
		if f.Refuses {
			found.Level = Error
		}
		i := slices.IndexFunc(p.Waivers, func(w ruleset.Waiver) bool {
			return f.Table != nil && w.Finding == f.Code && w.Table == *f.Table && w.Column == f.Column
		})
		if i < 0 {
			open = append(open, found)
			continue
		}
		matched[i] = true
		w := p.Waivers[i]
		if f.Refuses && !f.Guessed {
			found.Text += fmt.Sprintf("; a gate cannot be waived (%s)", w.Pos)
			open = append(open, found)
			continue
		}
		if w.Ended(today.UTC().Format(time.DateOnly)) {
			found.Text += fmt.Sprintf("; the waiver of %s ended on %s (%s)", w.Owner, w.Until, w.Pos)
			open = append(open, found)
			continue
		}
		found.Level, found.Waiver = Note, &Waiver{Owner: w.Owner, Why: w.Reason, Until: w.Until, At: ParsePos(w.Pos)}
		waived = append(waived, found)
	}
	for i, w := range p.Waivers {
		text := fmt.Sprintf("there is no %s on %s to waive; remove the waiver, or correct it", w.Finding, w.On())
		if w.Finding == ruleset.Leak || plan.NeedsValues(w.Finding) { // the plan alone has no such finding
			text = missing(p, w)
		}
		if !matched[i] && text != "" {
			stale = append(stale, Finding{Code: Unmatched, Level: Warning, At: ParsePos(w.Pos), Table: &p.Waivers[i].Table, Column: w.Column, Text: text})
		}
	}
	return slices.Concat(open, stale, waived)
}

// missing says which table or column of a waiver the plan does not have. It is "" if the plan has
// both. The waiver is for a finding that a plan alone cannot have, such as ruleset.Leak. A waiver of
// ruleset.Leak without a column is for a definition, such as a view, a function or a type. missing
// does not look for definitions, because a plan does not list all of them.
func missing(p *plan.Plan, w ruleset.Waiver) string {
	for _, c := range []catalog.ColumnName{{Table: w.Table, Column: w.Column}, w.From} {
		there := slices.ContainsFunc(p.Tables, func(t plan.Table) bool {
			return t.Name == c.Table && (c.Column == "" || slices.ContainsFunc(t.Columns, func(col plan.Column) bool { return col.Name == c.Column }))
		})
		if there || c.Table.Name == "" || w.Finding == ruleset.Leak && c.Column == "" {
			continue
		}
		name := c.Table.String()
		if c.Column != "" {
			name = c.Table.Column(c.Column)
		}
		return fmt.Sprintf("there is no %s, which a waiver of %s names; remove the waiver, or correct it", name, w.Finding)
	}
	return ""
}

// Split splits findings into open ones and waived ones.
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

// Refuses reports whether one of the findings is an error.
func Refuses(fs []Finding) bool {
	return slices.ContainsFunc(fs, func(f Finding) bool { return f.Level == Error })
}
