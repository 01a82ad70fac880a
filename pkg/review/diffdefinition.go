package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/masker-project/masker/pkg/plan"
)

// definitions compares the definitions that are not silent. A changed definition is weaker, because masker cannot tell
// what the definition does or whether its text is data.
func (d *differ) definitions(old, now []plan.DecidedDefinition) {
	before := len(d.found)
	rest := slices.Clone(old)
	take := func(same func(plan.DecidedDefinition) bool) (plan.DecidedDefinition, bool) {
		i := slices.IndexFunc(rest, same)
		if i < 0 {
			return plan.DecidedDefinition{}, false
		}
		found := rest[i]
		rest = slices.Delete(rest, i, i+1)
		return found, true
	}
	var changed []plan.DecidedDefinition
	for _, n := range now {
		if _, found := take(func(o plan.DecidedDefinition) bool { return same(o, n) }); !found {
			changed = append(changed, n)
		}
	}
	for _, n := range changed {
		was, found := take(func(o plan.DecidedDefinition) bool { return o.Label() == n.Label() })
		switch {
		case !found:
			d.add(n.Label(), New, "is %s", definitionWords(n))
		case was.SHA256 != n.SHA256:
			d.add(n.Label(), Weaker, "has changed, and is %s", definitionWords(n))
		default:
			d.add(n.Label(), Weaker, "is %s now; before %s", definitionWords(n), definitionWords(was))
		}
	}
	for _, o := range rest {
		d.add(o.Label(), Gone, "is not there any more, or only computes now; it was %s", o.Class)
	}
	if len(d.found) == before && !same(old, now) {
		d.add("definitions", Neutral, "they stand in another order")
	}
}

// definitionWords returns the class of a definition, with the first reasons for the class.
func definitionWords(d plan.DecidedDefinition) string {
	const most = 3
	why := strings.Join(d.Why[:min(most, len(d.Why))], "; ")
	if len(d.Why) > most {
		why += "; …"
	}
	return d.Class + ": " + orNone(why, "(no reason)")
}

// DefinitionScripts returns a script for each definition that is not among the earlier decisions. For definitions that
// are among the earlier decisions, it returns only the labels, in the result known. The argument earlier may be nil.
func DefinitionScripts(list []plan.Definition, earlier *plan.Decisions) (scripts []Script, known []string) {
	for _, d := range list {
		if earlier != nil && slices.ContainsFunc(earlier.Definitions, func(o plan.DecidedDefinition) bool { return same(o, d.DecidedDefinition) }) {
			known = append(known, d.Label())
			continue
		}
		scripts = append(scripts, Script{What: d.Label() + ", " + d.Class, Why: d.Why, Text: d.Text})
	}
	return scripts, known
}

// SilentChanges returns a text that names the silent definitions that changed, or "" if none did. The arguments are the
// digests of the definitions by kind and name.
func SilentChanges(old, now map[string]string) string {
	changed := map[string][]string{}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		switch was, known := old[name]; {
		case !known:
			changed["new"] = append(changed["new"], name)
		case was != now[name]:
			changed["changed"] = append(changed["changed"], name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(old)) {
		if _, still := now[name]; !still {
			changed["gone"] = append(changed["gone"], name)
		}
	}
	const most = 5
	var parts []string
	for _, what := range []string{"new", "changed", "gone"} {
		names := changed[what]
		if len(names) == 0 {
			continue
		}
		text := strings.Join(names[:min(most, len(names))], ", ")
		if len(names) > most {
			text += ", …"
		}
		parts = append(parts, fmt.Sprintf("%d %s (%s)", len(names), what, text))
	}
	if parts == nil {
		return ""
	}
	return "since the last refresh, definitions that only compute changed, and no approval depends on them: " + strings.Join(parts, "; ")
}
