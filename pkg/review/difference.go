package review

import (
	"errors"
	"slices"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Effect says how a difference changes what the target discloses of the source.
type Effect string

// The effects.
const (
	Weaker   Effect = "weaker"   // the target discloses more, or may disclose more
	Stronger Effect = "stronger" // the target discloses less
	Neutral  Effect = "neutral"  // the target discloses as much as before, but results may differ
	New      Effect = "new"      // there was no decision before
	Gone     Effect = "gone"     // there is no decision any more
)

// Effects lists all effects. The effects that a reviewer must not miss come first.
func Effects() []Effect { return []Effect{Weaker, New, Gone, Neutral, Stronger} }

// Difference is one decision that differs, described for a reviewer. Names in Where and Text are quoted as in SQL.
// They can hold any character, so the renderers make them safe to show.
type Difference struct {
	Where  string `json:"where"` // "public.customers.email", "public.orders", "hooks", "library"
	Text   string `json:"text"`
	Effect Effect `json:"effect"`
}

func (d Difference) String() string { return d.Where + ": " + d.Text + " (" + string(d.Effect) + ")" }

// Diff returns the differences between two plans' decisions, in the order of Effects. It returns none if and only
// if the digests are equal.
func Diff(old, now plan.Decisions) []Difference { return weakerFirst(diffPlans(old, now)) }

// DiffRules returns the differences between two rule sets, in the order of Effects. DiffRules has no schema, so it does
// not compare undecided columns, or columns whose decision comes from the column that a key references. A changed class
// is one difference, and Where names the class. If a difference depends on the kind of target environment, its text
// names the kinds.
func DiffRules(old, now *ruleset.Set) []Difference { return weakerFirst(diffRules(old, now)) }

// weakerFirst sorts differences in the order of Effects. Differences with the same effect keep their order.
func weakerFirst(ds []Difference) []Difference {
	order := Effects()
	slices.SortStableFunc(ds, func(a, b Difference) int { return slices.Index(order, a.Effect) - slices.Index(order, b.Effect) })
	return ds
}

// Side is one side of a comparison: the decisions of a plan, or a rule set. A side with neither decides nothing.
type Side struct {
	Decisions *plan.Decisions
	Rules     *ruleset.Set
}

// Empty reports whether the side decides nothing.
func (s Side) Empty() bool { return s.Decisions == nil && s.Rules == nil }

// Comparison is the result of Compare.
type Comparison struct {
	Of          string       `json:"compared"` // "plans" or "rules"
	Differences []Difference `json:"changes"`  // in the order of Effects
}

// Compare compares two plans or two rule sets. One side may be empty. It is an error to compare a plan with a
// rule set, or two empty sides.
func Compare(old, now Side) (Comparison, error) {
	plans, rules := old.Decisions != nil || now.Decisions != nil, old.Rules != nil || now.Rules != nil
	switch {
	case plans == rules:
		return Comparison{}, errors.New("masker compares two plans, or two rule sets")
	case rules:
		return Comparison{"rules", DiffRules(orNoRules(old.Rules), orNoRules(now.Rules))}, nil
	case old.Decisions == nil:
		return Comparison{"plans", Diff(Nothing(*now.Decisions), *now.Decisions)}, nil
	case now.Decisions == nil:
		return Comparison{"plans", Diff(*old.Decisions, Nothing(*old.Decisions))}, nil
	}
	return Comparison{"plans", Diff(*old.Decisions, *now.Decisions)}, nil
}

func orNoRules(s *ruleset.Set) *ruleset.Set {
	if s == nil {
		return &ruleset.Set{}
	}
	return s
}

// Nothing returns decisions that decide nothing. It copies the version, the library and the kind of target from the
// given decisions, so that a comparison shows no difference in them.
func Nothing(as plan.Decisions) plan.Decisions {
	return plan.Decisions{
		Version: as.Version, Library: as.Library, TargetKind: as.TargetKind,
		Tables: []plan.DecidedTable{}, Objects: []plan.DecidedObject{}, Hooks: []plan.Hook{}, Waivers: []plan.DecidedWaiver{},
	}
}
