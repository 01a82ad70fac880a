package ruleset

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// conditional reads `when: condition` and `else: {rule}`, which stand beside any rule together.
func (r *reader) conditional(rule *Rule, e pair) {
	if e.key == "when" {
		rule.When = r.condition(e.value)
		rule.WhenPos = r.pos(e.value)
		return
	}
	other, _ := r.rule(e, false) // its problems make the whole file fail
	rule.Else = &other
}

// paired wants both or none: without else a reader would have to guess what the other rows become.
func (r *reader) paired(rule *Rule) {
	switch {
	case rule.When != "" && rule.Else == nil:
		r.fail(rule.WhenPos, "when needs else: {rule}, which says what happens to the rows it does not hold for")
	case rule.When == "" && rule.Else != nil:
		r.fail(rule.Else.Pos, "else needs when: 'condition'")
	}
}

func (r *reader) condition(n ast.Node) string {
	text, ok := r.text(n, "when")
	if ok && strings.TrimSpace(text) == "" {
		r.fail(r.pos(n), "when is empty; it is a condition on the row, such as 'kind == \"person\"'")
	}
	return text
}
