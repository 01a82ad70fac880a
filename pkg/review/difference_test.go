package review

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/plan"
)

func TestDecisionsThatWereReadBackDifferInNothing(t *testing.T) {
	for name, p := range map[string]*plan.Plan{"shop": shop(t), "rich": rich(t)} {
		var out bytes.Buffer
		if err := WritePlanJSON(&out, p); err != nil {
			t.Fatal(err)
		}
		alone, err := json.MarshalIndent(p.Decisions(), "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		for _, data := range [][]byte{out.Bytes(), alone} {
			back, err := ParsePlan("plan.json", data)
			if err != nil {
				t.Fatal(err)
			}
			if ds := Diff(p.Decisions(), back); len(ds) > 0 || back.Digest() != p.Digest() {
				t.Errorf("%s: %v", name, ds)
			}
		}
		changed := bytes.Replace(out.Bytes(), []byte(`"target_kind": "staging"`), []byte(`"target_kind": "local"`), 1)
		if _, err := ParsePlan("plan.json", changed); err == nil || !strings.HasPrefix(err.Error(), "plan.json: the digest does not match the plan") {
			t.Errorf("%s: a changed plan is read: %v", name, err)
		}
	}
}

func TestTheWeakerDifferenceComesFirst(t *testing.T) {
	order := func(ds []Difference) []int {
		var ranks []int
		for _, d := range ds {
			ranks = append(ranks, slices.Index(Effects(), d.Effect))
		}
		return ranks
	}
	old := sketch.Rules(t, "revision: 1\npacks: [baseline]\ntables: {public.t: {columns: {a: {keep: x}, b: {treat: redact}}}, public.u: {skip: x}}\n")
	now := sketch.Rules(t, "revision: 2\npacks: [baseline]\ntables: {public.t: {columns: {a: {treat: redact}, b: {keep: x}, c: {keep: x}}}}\n")
	c, err := Compare(Side{Rules: old}, Side{Rules: now})
	if err != nil {
		t.Fatal(err)
	}
	if got := order(c.Differences); c.Of != "rules" || !slices.Equal(got, []int{0, 1, 2, 3, 4}) {
		t.Errorf("%v", c)
	}
	was, is := shop(t).Decisions(), rich(t).Decisions()
	if got := order(Diff(was, is)); !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
}

func TestAPlanIsNotComparedWithRules(t *testing.T) {
	d, set := shop(t).Decisions(), sketch.Rules(t, "revision: 1\n")
	for name, c := range map[string]struct {
		old, now Side
		of       string
	}{
		"nothing with nothing":    {Side{}, Side{}, ""},
		"a plan with rules":       {Side{Decisions: &d}, Side{Rules: set}, ""},
		"nothing with rules":      {Side{}, Side{Rules: set}, "rules"},
		"a plan with nothing":     {Side{Decisions: &d}, Side{}, "plans"},
		"nothing with a plan":     {Side{}, Side{Decisions: &d}, "plans"},
		"a plan with itself":      {Side{Decisions: &d}, Side{Decisions: &d}, "plans"},
		"rules with the same set": {Side{Rules: set}, Side{Rules: set}, "rules"},
	} {
		got, err := Compare(c.old, c.now)
		if got.Of != c.of || (err == nil) != (c.of != "") {
			t.Errorf("%s: %q, %v", name, got.Of, err)
		}
	}
}
