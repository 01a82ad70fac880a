package review

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/plan"
)

// policy compares the settings that decide what masker trusts. If masker cannot tell whether the old or the new value
// of a setting is stricter, the change counts as weaker.
func (d *differ) policy(old, now plan.Policy) {
	names := maps.Clone(now)
	if names == nil {
		names = plan.Policy{}
	}
	maps.Copy(names, old)
	for _, name := range slices.Sorted(maps.Keys(names)) {
		was, before := old[name]
		is, after := now[name]
		switch where := "policy." + name; {
		case before && after && was == is:
		case !before && old == nil:
			d.add(where, New, "%s", orNone(is, "not set"))
		case !after && now == nil:
			d.add(where, Gone, "it was %s", orNone(was, "not set"))
		default:
			d.add(where, policyEffect(name, was, is), "%s now; before %s", orNone(is, "not set"), orNone(was, "not set"))
		}
	}
}

// policyEffect returns the effect of a setting that has changed from old to now.
func policyEffect(name, old, now string) Effect {
	switch name {
	case plan.PolicyRequired:
		a, errA := strconv.Atoi(old)
		if b, errB := strconv.Atoi(now); errA == nil && errB == nil {
			return compare(b, a)
		}
	case plan.PolicyFindings:
		if now == "refuse" {
			return Stronger
		}
	case plan.PolicyAllow:
		allowed := strings.Split(old, ", ")
		if !slices.ContainsFunc(strings.Split(now, ", "), func(code string) bool { return code != "" && !slices.Contains(allowed, code) }) {
			return Stronger
		}
	}
	return Weaker
}
