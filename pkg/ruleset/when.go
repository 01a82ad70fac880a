package ruleset

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// conditional reads `when: condition` or `else: {rule}`. A rule of any form can have both.
func (r *reader) conditional(rule *Rule, e pair) {
	if e.key == "when" {
		rule.When = r.condition(e.value)
		rule.WhenPos = r.pos(e.value)
		return
	}
	other, _ := r.rule(e, false) // if the rule has problems, Parse fails
	rule.Else = &other
}

// checkConditional checks that a rule has both when and else, or neither. Without else, a reader would have to guess
// what happens to the other rows.
func (r *reader) checkConditional(rule *Rule) {
	switch {
	case rule.When != "" && rule.Else == nil:
		r.fail(rule.WhenPos, "when needs else: {rule}, the rule for rows that do not meet the condition")
	case rule.When == "" && rule.Else != nil:
		r.fail(rule.Else.Pos, "else needs when: 'condition'")
	}
}

func (r *reader) condition(n ast.Node) string {
	text, ok := r.text(n, "when")
	if ok && strings.TrimSpace(text) == "" {
		r.fail(r.pos(n), "when is empty; write a condition on the row, such as 'kind == \"person\"'")
	}
	return text
}
