package discover

import (
	"errors"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// propose replaces the rules of TODO lines by the rules that the plan proposes for them. Afterwards, settle checks all rules
// together.
func (d *drafter) propose(undecided *plan.Undecided) {
	if undecided == nil {
		return
	}
	rules := map[ref]string{}
	for _, m := range undecided.Columns {
		rules[ref{m.Table, m.Column}] = m.Rule
	}
	for _, t := range d.tables {
		for _, l := range t.lines {
			if rule := rules[ref{t.cat.Name, l.column.Name}]; l.todo && rule != "" {
				l.rule = rule
			}
		}
	}
}

// settle changes proposed rules until all of them fit together. It replaces a rule that does not fit by null, if the
// column can be NULL. If null does not fit, it covers the characters of a text that looks personal, and keeps the shape
// of the text. If that does not fit either, it keeps the column, because a kept column breaks no constraint. The line
// stays undecided. Every round except the last changes a line, so settle ends. It returns the problems that no proposed
// rule causes, and the page that has them.
func (d *drafter) settle() (ruleset.Problems, *page, error) {
	d.uncommented = true
	defer func() { d.uncommented = false }()
	for {
		drawn := d.render()
		problems, _, err := d.check(drawn.text.String())
		changed, personal := false, d.personalTexts()
		for _, p := range problems {
			l := drawn.owners[p.Pos.Line]
			switch {
			case l == nil || !l.todo || strings.HasPrefix(l.rule, "{keep"):
			case !l.column.NotNull && l.rule != nullRule && l.rule != shapeRule:
				l.rule, changed = nullRule, true
			case personal[l] && l.rule != shapeRule:
				l.rule, changed = shapeRule, true
			default:
				l.rule, changed = keep("a constraint does not allow the usual treatments"), true
			}
		}
		if err != nil || !changed {
			return problems, drawn, err
		}
	}
}

// shapeRule is the rule that covers the characters of a text and keeps its shape.
const shapeRule = "{treat: mask, cover: class, separators: keep}"

// personalTexts returns the lines of the text columns that probably hold personal data.
func (d *drafter) personalTexts() map[*line]bool {
	out := map[*line]bool{}
	for _, t := range d.tables {
		for _, l := range t.lines {
			g := d.guesses.Of(t.cat.Name, l.column.Name)
			out[l] = g != nil && !slices.Contains(plan.Unspecific(), g.Kind) && l.column.Type.Family == catalog.Text
		}
	}
	return out
}

// check builds a plan with the draft, and returns the problems and what is undecided. Undecided columns are not
// problems. If there are no problems and nothing is undecided, check asks the questions of the plan.
func (d *drafter) check(text string) (ruleset.Problems, *plan.Undecided, error) {
	set, err := ruleset.Parse([]ruleset.Source{{Name: "rules.yaml", Data: []byte(text)}}, nil)
	var problems ruleset.Problems
	if errors.As(err, &problems) {
		return problems, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	p, err := plan.Build(set, d.db, "staging")
	if err == nil && d.ask != nil {
		problems, err = d.ask(p.Questions)
		return problems, nil, err
	}
	var invalid *plan.Invalid
	if errors.As(err, &invalid) {
		return invalid.Problems, nil, nil
	}
	var undecided *plan.Undecided
	if errors.As(err, &undecided) {
		return nil, undecided, nil
	}
	return nil, nil, err
}
