package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
)

// DecidedFigure is a finding from the planner's statistics, as the approver saw it. The decisions contain it, so that a
// run uses the figures of the approval and not the current statistics.
type DecidedFigure struct {
	Finding string  `json:"finding"`
	On      string  `json:"on"` // the column, as in a waiver
	Figure  float64 `json:"figure"`
	Text    string  `json:"text"`
}

func (f DecidedFigure) compare(g DecidedFigure) int {
	return cmp.Or(cmp.Compare(f.On, g.On), cmp.Compare(f.Finding, g.Finding))
}

// on names the column of a finding.
func (f Finding) on() string {
	if f.Table == nil {
		return ""
	}
	return f.Table.Column(f.Column)
}

// figures returns the findings that come from the planner's statistics, in the form that an approval covers.
func (p *Plan) figures() []DecidedFigure {
	var list []DecidedFigure
	for _, f := range p.Findings {
		if f.Figure != 0 {
			list = append(list, DecidedFigure{f.Code, f.on(), f.Figure, f.Text})
		}
	}
	slices.SortFunc(list, DecidedFigure.compare)
	return list
}

// Settle returns the plan with the figures of earlier decisions, for all columns that the plan decides in the same way.
// A run passes the approved decisions. Without approvals, it passes the decisions of the last run under the same rules.
// The statistics change every night, and a run must not stop because of such a change. The notes name the figures that
// have changed by more than a factor of two.
func (p *Plan) Settle(earlier Decisions) (settled *Plan, notes []string) {
	s := *p
	s.Findings = []Finding{}
	same := sameColumns(p.Decisions(), earlier)
	for _, f := range p.Findings {
		if f.Figure == 0 || !same[f.on()] {
			s.Findings = append(s.Findings, f)
		}
	}
	for _, t := range p.Tables {
		for _, c := range t.Columns {
			for _, f := range earlier.Figures {
				if f.On == t.Name.Column(c.Name) && same[f.On] {
					name := t.Name
					s.Findings = append(s.Findings, Finding{Code: f.Finding, Table: &name, Column: c.Name, Pos: c.Pos, Text: f.Text, Figure: f.Figure})
				}
			}
		}
	}
	for _, m := range p.measures {
		if on := m.at.String(); same[on] && m.drifted(on, earlier.Figures) {
			notes = append(notes, fmt.Sprintf("the planner's statistics have moved since the plan was decided, and this run keeps to what was decided: %s (%s)", m.text, m.code))
		}
	}
	return &s, notes
}

// drifted reports whether a figure has changed by more than a factor of two since the decisions were made. If there is
// no decided figure, the figure was below its limit then. In this case, drifted reports whether the figure is now more
// than twice its limit.
func (m measure) drifted(on string, decided []DecidedFigure) bool {
	i := slices.IndexFunc(decided, func(f DecidedFigure) bool { return f.On == on && f.Finding == m.code })
	if i < 0 {
		return m.excess > drift
	}
	return m.figure > drift*decided[i].Figure || m.figure*drift < decided[i].Figure
}

// sameColumns returns the columns that the decisions a and b decide in the same way.
func sameColumns(a, b Decisions) map[string]bool {
	type decided struct {
		table  catalog.Name
		column string
	}
	before := map[decided]string{}
	each(b, func(table catalog.Name, c *DecidedColumn, form string) { before[decided{table, c.Name}] = form })
	same := map[string]bool{}
	each(a, func(table catalog.Name, c *DecidedColumn, form string) {
		same[table.Column(c.Name)] = before[decided{table, c.Name}] == form
	})
	return same
}

func each(d Decisions, visit func(table catalog.Name, c *DecidedColumn, form string)) {
	for _, t := range d.Tables {
		for i := range t.Columns {
			form, err := json.Marshal(t.Columns[i])
			if err != nil {
				continue // decisions always marshal
			}
			visit(t.Name, &t.Columns[i], t.Subject+string(form))
		}
	}
}
