package ruleset

import (
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"

	"github.com/masker-project/masker/internal/spell"
)

func (m *merger) readObjects(r *reader, p pair) {
	if m.set.AddObject == nil {
		at := r.insertion(p.pos, p.value)
		m.set.AddObject = &at
	}
	for _, e := range r.pairs(p.value, "objects") {
		if e.key == leaveOutKey {
			m.readLeftOut(r, e)
			continue
		}
		if !slices.Contains(ObjectKinds(), e.key) {
			r.fail(e.pos, "unknown kind of objects %q%s", e.key, spell.Mean(e.key, objectKeys()))
			continue
		}
		if first := m.set.Object(e.key); first != nil {
			r.fail(e.pos, "%s is already decided at %s", e.key, first.Pos)
			continue
		}
		if o, ok := r.object(e); ok {
			m.set.Objects = append(m.set.Objects, o)
		}
	}
}

// object reads a decision on a kind of objects: drop or {keep: reason}. The decision on foreign tables can also be
// empty.
func (r *reader) object(e pair) (Object, bool) {
	o := Object{Kind: e.key, Pos: e.pos}
	words := []string{"drop"}
	if e.key == "foreign_tables" {
		words = append(words, "empty")
	}
	want := strings.Join(words, ", ") + " or {keep: reason}"
	if _, scalar := e.value.(ast.ScalarNode); scalar {
		word, ok := r.text(e.value, e.key)
		switch {
		case !ok:
			return o, false
		case word == "keep":
			r.fail(r.pos(e.value), "keep needs a reason: %s: {keep: \"…\"}", e.key)
			return o, false
		case !slices.Contains(words, word):
			r.fail(r.pos(e.value), "%s is %s%s", e.key, want, spell.Mean(word, words))
			return o, false
		}
		o.Decision = word
		return o, true
	}
	entries := r.pairs(e.value, e.key)
	if len(entries) != 1 || entries[0].key != "keep" {
		r.fail(e.pos, "%s is %s", e.key, want)
		return o, false
	}
	reason, ok := r.reason(entries[0].value, "keep")
	o.Decision, o.Reason = "keep", reason
	return o, ok
}
