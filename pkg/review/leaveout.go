package review

import (
	"slices"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
)

// leftOutWords says what it means that an object of this kind is left out. The kind is "" without a schema.
func leftOutWords(kind catalog.ObjectKind) string {
	if kind.Protects() {
		return "left out; the target does not enforce it"
	}
	return "left out"
}

// leftOut compares the single objects that are left out. The lists are in any order.
func (d *differ) leftOut(old, now []plan.DecidedLeftOut) {
	before := len(d.found)
	label := func(o plan.DecidedLeftOut) string { return catalog.Object{Kind: o.Kind, Name: o.Name}.Label() }
	for _, o := range now {
		if !slices.Contains(old, o) {
			d.add("objects.leave_out", New, "%s is %s", label(o), leftOutWords(o.Kind))
		}
	}
	for _, o := range old {
		if !slices.Contains(now, o) {
			d.add("objects.leave_out", Gone, "%s is not left out any more", label(o))
		}
	}
	if len(d.found) == before && !slices.Equal(old, now) {
		d.add("objects.leave_out", Neutral, "they stand in another order")
	}
}
