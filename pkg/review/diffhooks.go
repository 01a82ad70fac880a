package review

import (
	"slices"
	"strings"

	"github.com/masker-project/masker/internal/spell"
	"github.com/masker-project/masker/pkg/plan"
)

// hooks compares hooks. A changed hook is weaker, because masker cannot tell what its SQL does.
func (d *differ) hooks(old, now []plan.Hook) {
	before := len(d.found)
	rest := slices.Clone(old)
	take := func(same func(plan.Hook) bool) (plan.Hook, bool) {
		i := slices.IndexFunc(rest, same)
		if i < 0 {
			return plan.Hook{}, false
		}
		h := rest[i]
		rest = slices.Delete(rest, i, i+1)
		return h, true
	}
	var changed []plan.Hook
	for _, h := range now {
		if _, found := take(func(o plan.Hook) bool { return o == h }); !found {
			changed = append(changed, h)
		}
	}
	for _, h := range changed {
		lines, uses := spell.Count(lineCount(h.SQL), "line"), markWords(marksOf(h.SQL))
		if was, found := take(func(o plan.Hook) bool { return o.File == h.File }); found {
			d.add("hook "+h.File, Weaker, "its SQL changed at line %d (%s)%s", firstChange(was.SQL, h.SQL), lines, uses)
			continue
		}
		d.add("hook "+h.File, New, "its SQL runs before the target is published (%s)%s", lines, uses)
	}
	for _, h := range rest {
		d.add("hook "+h.File, Gone, "its SQL does not run any more")
	}
	if len(d.found) == before && !slices.Equal(old, now) {
		d.add("hooks", Neutral, "they run in another order")
	}
}

func lineCount(text string) int { return strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1 }

// firstChange returns the number of the first line in which two texts differ.
func firstChange(old, now string) int {
	a, b := strings.Split(old, "\n"), strings.Split(now, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i + 1
		}
	}
	return min(len(a), len(b)) + 1
}
