package movement

import (
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
)

// The figures of an approval replace the figures of today's statistics. The later steps use the digest of the plan
// with the approved figures.
func TestTheDigestIsThatOfTheSettledPlan(t *testing.T) {
	build := func(distinct float64) *plan.Plan {
		db := sketch.Schema(t, "public.patients: id int! pk, diagnosis text")
		db.Tables[0].Size.Rows = 10_000
		for i := range db.Tables[0].Columns {
			db.Tables[0].Columns[i].Stats = catalog.Statistics{Known: true, Distinct: distinct}
		}
		p, err := plan.Build(sketch.Rules(t, sketch.Head+"tables:\n  public.patients: {columns: {id: {keep: surrogate key}, diagnosis: {treat: token}}}\n"), db, "staging")
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	approved := build(12).Decisions()
	r := newRun(Spec{Approvals: Approvals{Plans: []plan.Decisions{approved}}})
	if r.plan = build(15); r.plan.Digest() == approved.Digest() {
		t.Fatal("the statistics change nothing")
	}
	r.settle()
	if r.digest != r.plan.Digest() || r.digest != approved.Digest() {
		t.Errorf("the run uses %.12s; its plan has %.12s, and %.12s is approved", r.digest, r.plan.Digest(), approved.Digest())
	}
}
