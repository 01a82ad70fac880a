package review

import (
	"errors"
	"strings"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// The codes of findings that are not of a plan.
const (
	WrongConfig      = "configuration-problem"
	WrongRules       = "rules-problem"
	UndecidedColumn  = "undecided-column"
	UndecidedObjects = "undecided-objects"
	RefusedByPolicy  = "refused-by-policy"
	CheckFailed      = "check-failed"
	UnpinnedProgram  = "program-not-pinned"
	AboutKey         = "key"
	AboutTarget      = "target"
)

// Faults takes an error apart into what is wrong with the rules, and what has no decision: a finding
// each, at its place. It is nil where the error is of neither kind.
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

// undecidedFindings puts each column where its decision would be added.
func undecidedFindings(u *plan.Undecided) []Finding {
	var out []Finding
	for i := range u.Columns {
		c := &u.Columns[i]
		out = append(out, Finding{
			Code: UndecidedColumn, Level: Error, At: editPlace(u, c.Table.String()), Table: &c.Table, Column: c.Column,
			Text: c.Table.Column(c.Column) + " (" + c.Type + ") has no decision",
		})
	}
	for _, o := range u.Objects {
		out = append(out, Finding{
			Code: UndecidedObjects, Level: Error, At: editPlace(u, ""),
			Text: o.Kind + ": " + strings.Join(o.Names, ", ") + " have no decision",
		})
	}
	return out
}

// editPlace is the line that decides on a table, else the first file with something to decide.
func editPlace(u *plan.Undecided, table string) ruleset.Pos {
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
