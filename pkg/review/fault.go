package review

import (
	"errors"
	"strings"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// The codes of findings that do not come from a plan.
const (
	WrongConfig       = "configuration-problem"
	WrongRules        = "rules-problem"
	UndecidedColumn   = "undecided-column"
	UndecidedObjects  = "undecided-objects"
	RefusedByPolicy   = "refused-by-policy"
	CheckFailed       = "check-failed"
	UnpinnedProgram   = "program-not-pinned"
	UnconfinedProgram = "program-not-confined"
	AboutKey          = "key"
	AboutTarget       = "target"
	AboutDefinitions  = "definitions"
	NotLookedAt       = "not-looked-at"
	DocumentPaths     = "document-paths"
)

// Faults returns a finding for each problem in the rules and for each missing decision that an error holds. It
// returns nil for any other error.
func Faults(err error) []Finding {
	var out []Finding
	var problems ruleset.Problems
	var invalid *plan.Invalid
	if errors.As(err, &invalid) {
		problems = invalid.Problems
	} else {
		errors.As(err, &problems)
	}
	for _, p := range problems {
		out = append(out, Finding{Code: WrongRules, Level: Error, At: p.Pos, Text: p.Text})
	}
	var undecided *plan.Undecided
	if errors.As(err, &undecided) {
		out = append(out, undecidedFindings(undecided)...)
	}
	return out
}

// undecidedFindings gives each finding the position at which the missing decision would be added.
func undecidedFindings(u *plan.Undecided) []Finding {
	var out []Finding
	for i := range u.Columns {
		c := &u.Columns[i]
		out = append(out, Finding{
			Code: UndecidedColumn, Level: Error, At: editPos(u, c.Table.String()), Table: &c.Table, Column: c.Column,
			Text: c.Table.Column(c.Column) + " (" + c.Type + ") has no decision",
		})
	}
	for _, o := range u.Objects {
		out = append(out, Finding{
			Code: UndecidedObjects, Level: Error, At: editPos(u, ""),
			Text: o.Kind + ": " + strings.Join(o.Names, ", ") + " have no decision",
		})
	}
	return out
}

// editPos returns the line at which a decision on the table would be added. If no line is known, it returns the first
// file with an edit.
func editPos(u *plan.Undecided, table string) ruleset.Pos {
	if len(u.Edits) == 0 {
		return ruleset.Pos{}
	}
	for _, e := range u.Edits {
		if table != "" && strings.HasPrefix(e.Under, table) && e.Line > 0 {
			return ruleset.Pos{File: e.File, Line: e.Line}
		}
	}
	return ruleset.Pos{File: u.Edits[0].File}
}
