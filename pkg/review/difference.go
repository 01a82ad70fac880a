package review

import (
	"errors"
	"slices"

	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

// Effect is what a change does to what the target may learn of the source.
type Effect string

// The effects. Neutral discloses to the same degree as before, though not the same results.
const (
	Weaker   Effect = "weaker"   // more is disclosed, or may be
	Stronger Effect = "stronger" // less is
	Neutral  Effect = "neutral"
	New      Effect = "new"  // there was no decision before
	Gone     Effect = "gone" // there is none any more
)

// Effects are all of them, what a reviewer must not miss first.
func Effects() []Effect { return []Effect{Weaker, New, Gone, Neutral, Stronger} }

// Difference is one thing that is decided differently, in a reviewer's words. Names in it are quoted as
// SQL would and otherwise as they are: whoever shows it cleans it for the medium.
type Difference struct {
	Where  string `json:"where"` // "public.customers.email", "public.orders", "hooks", "library"
	Text   string `json:"text"`
	Effect Effect `json:"effect"`
}

func (d Difference) String() string { return d.Where + ": " + d.Text + " (" + string(d.Effect) + ")" }

// Diff says what is decided differently now, weaker first. It is empty exactly where the digests are equal.
func Diff(old, now plan.Decisions) []Difference { return weakerFirst(diffPlans(old, now)) }

// DiffRules says what two rule sets decide differently, without a schema, weaker first. What only a schema
// tells (columns that follow a key, columns nobody decided on) is not in it. A class that changed is told
// once, at the class. Where a change depends on the kind of target environment, it says for which.
func DiffRules(old, now *ruleset.Set) []Difference { return weakerFirst(diffRules(old, now)) }

// weakerFirst sorts by effect, and leaves what has the same effect in its order.
func weakerFirst(ds []Difference) []Difference {
	order := Effects()
	slices.SortStableFunc(ds, func(a, b Difference) int { return slices.Index(order, a.Effect) - slices.Index(order, b.Effect) })
	return ds
}

// Side is one of two things that are compared: a plan's decisions or rules, or neither, which decides nothing.
type Side struct {
	Decisions *plan.Decisions
	Rules     *ruleset.Set
}

// Empty says that the side decides nothing.
func (s Side) Empty() bool { return s.Decisions == nil && s.Rules == nil }

// Comparison is what two sides decide differently.
type Comparison struct {
	Of          string       `json:"compared"` // "plans", "rules"
	Differences []Difference `json:"changes"`  // weaker first
}

// Compare compares two plans or two rule sets. A plan and rules cannot be compared, nor nothing with nothing.
func Compare(old, now Side) (Comparison, error) {
	plans, rules := old.Decisions != nil || now.Decisions != nil, old.Rules != nil || now.Rules != nil
	switch {
	case plans == rules:
		return Comparison{}, errors.New("two plans can be compared, or two rule sets")
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

// Nothing is a plan that decides nothing, made by the version and for the environment of another.
func Nothing(as plan.Decisions) plan.Decisions {
	return plan.Decisions{
		Version: as.Version, Library: as.Library, TargetKind: as.TargetKind,
		Tables: []plan.DecidedTable{}, Objects: []plan.DecidedObject{}, Hooks: []string{}, Waivers: []plan.DecidedWaiver{},
	}
}
