package review

import (
	"slices"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/transform"
	"github.com/masker-project/masker/pkg/transform/library"
)

// told is what results tell about source values. For a plan, the label is exact. A rule set has no schema, so its label
// can be an upper limit.
type told struct {
	label transform.Disclosure
	exact bool // a plan has the same label; otherwise label is an upper limit
}

// String returns the label for a reviewer.
func (t told) String() string {
	switch {
	case t.label == "":
		return "nothing"
	case t.exact:
		return string(t.label)
	}
	return "at most " + string(t.label)
}

// tells returns what a column's results tell. For rule sets it can be an upper limit, because they have no schema.
func (d *differ) tells(c *plan.DecidedColumn) told {
	if d.rules && c.Use.Treatment != "" {
		return atMost(c.Use)
	}
	return told{c.Discloses, true}
}

func atMost(u transform.Use) told {
	label, exact := library.AtMost(u)
	return told{label, exact}
}

// compareTold compares what results tell. A label that is not exact may be lower in a plan. The result ranked is false
// if it is not known which of the two discloses more.
func compareTold(old, now told) (effect Effect, ranked bool) {
	was, is := rank(old.label), rank(now.label)
	switch {
	case is > was && old.exact && now.exact:
		return Weaker, true
	case is < was && old.exact:
		return Stronger, true
	case is == was && old.exact && now.exact:
		return Neutral, true
	case now.label == transform.Suppressed:
		return Stronger, true
	}
	return Weaker, false
}

// useEffect compares two uses with different treatments or conditions. A changed condition can move
// any row from one branch to another, and masker does not know which rows. So the effect is Weaker
// if some new branch discloses more than some old branch. Two treatments with the same label can
// disclose different things, and masker does not know which discloses more. So the effect is Weaker
// in this case too, unless the label is suppressed or synthetic, or the old treatment is keep.
func useEffect(old, now transform.Use, was, is told) Effect {
	effect, ranked := compareTold(was, is)
	if effect == Weaker || branchesWeaker(old, now) {
		return Weaker
	}
	tellsOfValue := rank(is.label) > rank(transform.Synthetic)
	if ranked && effect == Neutral && tellsOfValue && !old.Is("keep") {
		return Weaker
	}
	return effect
}

// branchesWeaker reports whether a row may get a branch of a condition that tells more than its branch before. With the
// same condition, each branch is compared with itself. With another one, a row may move between any two branches.
func branchesWeaker(old, now transform.Use) bool {
	if old.Else == nil && now.Else == nil {
		return false
	}
	a, b := branchRanks(old), branchRanks(now)
	if old.When != now.When {
		return slices.Max(b) > slices.Min(a)
	}
	for i := range min(len(a), len(b)) {
		if b[i] > a[i] {
			return true
		}
	}
	return false
}

// branchRanks returns the rank of each branch of a use: the use itself, the use for rows that do not meet its
// condition, and so on.
func branchRanks(u transform.Use) []int {
	other := u.Else
	u.When, u.Else = "", nil
	out := []int{rank(atMost(u).label)}
	if other != nil {
		out = append(out, branchRanks(*other)...)
	}
	return out
}
