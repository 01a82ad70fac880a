package guard_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/review"
	"github.com/masker-project/masker/pkg/ruleset"
)

func flow(from, to guard.Kind) guard.Flow {
	return guard.Flow{
		Name:   "nightly",
		From:   guard.Environment{Name: "a", Kind: from},
		To:     guard.Environment{Name: "b", Kind: to},
		Treats: true,
	}
}

// request returns a request that is permitted.
func request() guard.Request {
	return guard.Request{
		Flow: flow(guard.Production, guard.Staging), Plan: "d", TargetKind: "staging", Revision: 3, At: time.Unix(1, 0),
		Evidence: guard.Evidence{Source: guard.Identity{SystemID: "7", Database: "shop"}, Target: guard.Identity{SystemID: "8", Database: "shop"}},
	}
}

func TestDataMovesDownOnlyAndNeverIntoProduction(t *testing.T) {
	kinds := guard.Kinds()
	for i, from := range kinds {
		for j, to := range kinds {
			for _, holds := range []bool{false, true} {
				f := flow(from, to)
				f.From.HoldsProduction = holds
				err := f.Check()
				want := to != guard.Production && i <= j && (from != guard.Preproduction || holds)
				if want != (err == nil) {
					t.Errorf("%s to %s (holds production: %v): allowed %v, want %v (%v)", from, to, holds, err == nil, want, err)
				}
				var refused *guard.Refused
				if err != nil && !errors.As(err, &refused) {
					t.Errorf("%s to %s: %T, want *Refused", from, to, err)
				}
			}
		}
	}
}

func TestAnEnvironmentIsNotRefreshedFromItself(t *testing.T) {
	f := flow(guard.Staging, guard.Staging)
	f.To.Name = f.From.Name
	if f.Check() == nil {
		t.Error("allowed")
	}
}

func TestAnUnknownKindIsRefused(t *testing.T) {
	for _, f := range []guard.Flow{flow("", guard.Staging), flow(guard.Production, ""), flow(guard.Production, "Production")} {
		if f.Check() == nil {
			t.Errorf("%q to %q allowed", f.From.Kind, f.To.Kind)
		}
	}
}

func TestSourceIsNotTarget(t *testing.T) {
	f := flow(guard.Production, guard.Staging)
	one := guard.Identity{SystemID: "7", Database: "shop"}
	if f.CheckIdentity(one, one) == nil {
		t.Error("one database as source and target is allowed")
	}
	if err := f.CheckIdentity(one, guard.Identity{SystemID: "7", Database: "shop_staging"}); err != nil {
		t.Errorf("two databases of one cluster: %v", err)
	}
}

func TestAPermitIsForOnePlanOnly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digest := rapid.StringMatching(`[0-9a-f]{1,64}`).Draw(t, "digest")
		other := rapid.StringMatching(`[0-9a-f]{0,64}`).Draw(t, "other")
		r := request()
		r.Plan = digest
		p, err := guard.Allow(r)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Check(digest); err != nil {
			t.Fatal(err)
		}
		if other != digest && p.Check(other) == nil {
			t.Fatalf("the permit for %s passes %s", digest, other)
		}
	})
	var none *guard.Permit
	if none.Check("") == nil || new(guard.Permit).Check("") == nil {
		t.Error("the zero permit permits the empty digest")
	}
}

var (
	open   = review.Finding{Code: "check-may-break", Text: "f", At: ruleset.Pos{File: "r.yaml", Line: 3}, Level: review.Warning}
	waived = review.Finding{Code: "check-may-break", Text: "g", Level: review.Note, Waiver: &review.Waiver{Owner: "alice@example.com"}}
)

// TestCheckRefusesWhatARunRefuses checks that masker check and a run refuse the same findings. Both use Judge.
func TestCheckRefusesWhatARunRefuses(t *testing.T) {
	for _, strict := range []bool{false, true} {
		r := request()
		r.Flow.Strict, r.Findings = strict, []review.Finding{open, waived}
		judged := r.Flow.Judge(r.Findings)
		if judged[0].Flow != "nightly" || judged[1].Level != review.Note || r.Findings[0].Level != review.Warning {
			t.Errorf("%+v of %+v", judged, r.Findings)
		}
		if _, err := guard.Allow(r); review.Refuses(judged) != strict || (err != nil) != strict {
			t.Errorf("strict %v: check refuses %v, a run %v", strict, review.Refuses(judged), err)
		}
	}
}

// attempt changes a request that is permitted. The field want is part of the refusal's text, or "" if the request is
// still permitted.
type attempt struct {
	name   string
	change func(r *guard.Request)
	want   string
}

// plansAndSides are requests with a plan of another flow, or with a source and target that no flow can have.
func plansAndSides() []attempt {
	return []attempt{
		{"as it is", func(*guard.Request) {}, ""},
		{"no digest", func(r *guard.Request) { r.Plan = "" }, "no digest"},
		{"another kind", func(r *guard.Request) { r.TargetKind = "local" }, "the plan is for local"},
		{"counts wanted", func(r *guard.Request) { r.Flow.Verify = guard.VerifyCounts }, "nothing that could verify"},
		{"verify wanted", func(r *guard.Request) { r.Flow.Verify = guard.VerifyStrict }, "nothing that could verify"},
		{"into production", func(r *guard.Request) { r.Flow.To.Kind = guard.Production }, "never a target"},
		{"one database", func(r *guard.Request) { r.Evidence.Target = r.Evidence.Source }, "same database"},
	}
}

// approvals are requests with too few approvals, with approvals of another plan, or with an older revision.
func approvals() []attempt {
	return []attempt{
		{"R1 production without a word needs an approval", func(r *guard.Request) { r.Flow.Required = guard.Default }, "0 of 1 approvals"},
		{"R1 approved", func(r *guard.Request) {
			r.Flow.Required, r.Approved = guard.Default, guard.Approved{Approvers: []string{"bob"}, Plan: "d"}
		}, ""},
		{"R2 one of two", func(r *guard.Request) {
			r.Flow.Required, r.Approved = 2, guard.Approved{Approvers: []string{"bob"}, Plan: "d"}
		}, "1 of 2 approvals"},
		{"R3 another plan was approved", func(r *guard.Request) {
			r.Flow.Required = 1
			r.Approved = guard.Approved{Approvers: []string{"bob"}, Plan: "e", Difference: []string{"public.t.c is new"}}
		}, "public.t.c is new"},
		{"R5 an older revision", func(r *guard.Request) { r.LastRevision = 4 }, "revision 4 was used last"},
		{"R5 the same revision", func(r *guard.Request) { r.LastRevision = 3 }, ""},
	}
}

// roles are requests whose database roles have more rights than they need.
func roles() []attempt {
	return []attempt{
		{"L7 one credential", func(r *guard.Request) { r.Evidence.EqualCredentials = true }, "allow: [equal-credentials]"},
		{"L7 a writing reader", func(r *guard.Request) { r.Evidence.SourceWrites = []string{"INSERT on public.t"} }, "allow: [source-can-write]"},
		{"L7 a reading writer", func(r *guard.Request) { r.Evidence.TargetReads = "role app" }, "allow: [target-reads-source]"},
		{"F6 code of the source as a superuser", func(r *guard.Request) { r.Evidence.SuperuserRuns = []string{"index public.i: calls f"} }, "index public.i: calls f; connect"},
		{"F6 much code of the source", func(r *guard.Request) { r.Evidence.SuperuserRuns = strings.Fields("a b c d e f g h i j") }, "f, g, h and 2 more; connect to the target with a role that is no superuser and has none of these rights, see docs/operations.md; or leave the objects out (objects: leave_out); or allow it in this flow: allow: [superuser-target]"},
		{"L7 F6 allowed by the flow", func(r *guard.Request) {
			r.Evidence.EqualCredentials, r.Evidence.SourceWrites, r.Evidence.TargetReads, r.Evidence.SuperuserRuns = true, []string{"x"}, "y", []string{"z"}
			r.Flow.Allow = guard.Codes()
		}, ""},
		{"L7 allowing one allows one", func(r *guard.Request) {
			r.Evidence.EqualCredentials, r.Evidence.TargetReads = true, "y"
			r.Flow.Allow = []string{guard.EqualCredentials}
		}, "allow: [target-reads-source]"},
	}
}

func fromStaging(r *guard.Request) { r.Flow.From.Kind, r.Flow.Required = guard.Staging, guard.Default }

// onward makes a request to copy a database that masker made.
func onward(r *guard.Request) {
	fromStaging(r)
	r.Flow.Treats, r.Copies = false, true
	r.Evidence.Origin = &guard.Origin{Run: "r1", Environment: "a", Kind: guard.Staging, Database: r.Evidence.Source}
}

// sourcesBelowProduction are requests with a source below production. It counts as production if nothing shows
// that it is not.
func sourcesBelowProduction() []attempt {
	return []attempt{
		{"staging without a proof is production", fromStaging, "counts as production"},
		{"R1 what was approved for staging is not approved for what turns out to be another database", func(r *guard.Request) {
			fromStaging(r)
			r.Approved = guard.Approved{Approvers: []string{"bob"}, Plan: "d"}
		}, "approved for an environment that is called staging"},
		{"staging that the configuration names", func(r *guard.Request) { fromStaging(r); r.Flow.From.NotProduction = "7/shop" }, ""},
		{"staging named, but another", func(r *guard.Request) { fromStaging(r); r.Flow.From.NotProduction = "7/other" }, "another database (7/other)"},
		{"onward", onward, ""},
		{"onward without provenance", func(r *guard.Request) { onward(r); r.Evidence.Origin = nil }, "no provenance"},
		{"onward of a copy", func(r *guard.Request) { onward(r); r.Evidence.Origin.Database.SystemID = "9" }, "it is a copy"},
		{"onward made for production", func(r *guard.Request) { onward(r); r.Evidence.Origin.Kind = guard.Production }, "no environment below production"},
		{"onward of a customer's pre-production under another name", func(r *guard.Request) { onward(r); r.Evidence.Origin.Kind = guard.Preproduction }, "customer's data"},
		{"staging that is a customer's pre-production", func(r *guard.Request) {
			onward(r)
			r.Flow.Treats, r.Copies = true, false
			r.Evidence.Origin.Kind = guard.Preproduction
		}, "counts as production"},
		{"onward named only", func(r *guard.Request) {
			onward(r)
			r.Evidence.Origin, r.Flow.From.NotProduction = nil, "7/shop"
		}, "no provenance"},
		{"onward out of production", func(r *guard.Request) { onward(r); r.Flow.From.Kind = guard.Production }, "data that leaves production must be treated"},
		{"a copy where the flow has rules", func(r *guard.Request) { r.Copies = true }, "does not match the flow's rules"},
	}
}

// findings are requests with findings, open and waived.
func findings() []attempt {
	return []attempt{
		{"a finding, noted", func(r *guard.Request) { r.Findings = []review.Finding{open} }, ""},
		{"a finding, strict", func(r *guard.Request) { r.Findings, r.Flow.Strict = []review.Finding{open, waived}, true }, "findings that are not waived: 1, and it has findings: refuse\n  f (r.yaml:3)"},
		{"a waived finding, strict", func(r *guard.Request) { r.Findings, r.Flow.Strict = []review.Finding{waived}, true }, ""},
		{"a finding that is an error whatever the flow says", func(r *guard.Request) { r.Findings = []review.Finding{{Text: "f", Level: review.Error}} }, "findings that are not waived: 1"},
	}
}

// TestNoPermit begins each attempt with a request that the guard permits. It changes this request in one way, and
// checks the text of the refusal.
func TestNoPermit(t *testing.T) {
	for _, c := range slices.Concat(plansAndSides(), approvals(), roles(), sourcesBelowProduction(), findings()) {
		t.Run(c.name, func(t *testing.T) {
			r := request()
			c.change(&r)
			p, err := guard.Allow(r)
			switch {
			case c.want == "" && err != nil:
				t.Fatalf("refused: %v", err)
			case c.want != "" && (err == nil || p != nil):
				t.Fatal("permitted")
			case c.want != "" && !strings.Contains(err.Error(), c.want):
				t.Fatalf("refused for another reason: %v", err)
			}
		})
	}
}

// TestR6NothingIsWaivedInSilence checks that every waiver of a configuration has a code for the ledger and a text.
func TestR6NothingIsWaivedInSilence(t *testing.T) {
	f := flow(guard.Production, guard.Staging)
	if w := f.Waivers(); len(w) != 2 || !strings.Contains(w[0].Text, "required: 0") || !strings.Contains(w[1].Text, "verify: off") {
		t.Errorf("%v", w)
	}
	f.Verify = guard.VerifyCounts
	if w := f.Waivers(); len(w) != 2 || !strings.Contains(w[1].Text, "verify: counts") {
		t.Errorf("%v", w)
	}
	f.Required, f.Verify = guard.Default, guard.VerifyStrict
	if w := f.Waivers(); len(w) != 0 {
		t.Errorf("nothing is waived, yet %v", w)
	}
	f.Allow, f.From.NotProduction = guard.Codes(), "7/shop"
	if w := f.Waivers(); len(w) != 5 || w[0].Code != "not-production" || !strings.Contains(w[3].Text, "allow: [target-reads-source]") || !strings.Contains(w[4].Text, "allow: [superuser-target]") {
		t.Errorf("%v", w)
	}
}

// TestV4LessVerificationIsWeaker checks which changes of the level waive more than before. A flow without rules treats
// no value, so strict verification would have nothing to look for. For such a flow, the level counts is complete.
func TestV4LessVerificationIsWeaker(t *testing.T) {
	for _, c := range []struct {
		was, now guard.Verification
		treats   bool
		weaker   bool
	}{
		{guard.VerifyStrict, guard.VerifyStrict, true, false},
		{guard.VerifyStrict, guard.VerifyCounts, true, true},
		{guard.VerifyStrict, guard.VerifyCounts, false, false},
		{guard.VerifyStrict, guard.VerifyOff, false, true},
		{guard.VerifyCounts, guard.VerifyOff, true, true},
		{guard.VerifyOff, guard.VerifyCounts, true, false},
		{guard.VerifyOff, guard.VerifyStrict, true, false},
		{guard.VerifyStrict, "", true, true},
	} {
		f := flow(guard.Production, guard.Staging)
		f.Required, f.Treats, f.Verify = guard.Default, c.treats, c.was
		var codes []string
		for _, w := range f.Waivers() {
			codes = append(codes, w.Code)
		}
		f.Verify = c.now
		weaker := slices.ContainsFunc(f.Waivers(), func(w guard.Waiver) bool { return !w.Within(codes) })
		if weaker != c.weaker {
			t.Errorf("from %s to %q, with rules %t: weaker is %t", c.was, c.now, c.treats, weaker)
		}
	}
}

// TestR1AClockADayOffLetsNoApprovalCount checks that a wrong clock refuses a run that needs approvals, because
// approvals expire by the clock.
func TestR1AClockADayOffLetsNoApprovalCount(t *testing.T) {
	for _, c := range []struct {
		off     time.Duration
		need    int
		refused bool
	}{
		{-24 * time.Hour, 1, true},
		{24 * time.Hour, 1, true},
		{6 * time.Minute, 1, true},
		{-4 * time.Minute, 1, false},
		{24 * time.Hour, 0, false},
	} {
		r := request()
		r.Flow.Required, r.Evidence.ClockOffset = c.need, c.off
		r.Approved = guard.Approved{Approvers: []string{"bob"}, Plan: "d"}
		_, err := guard.Allow(r)
		if (err != nil) != c.refused || c.refused && !strings.Contains(err.Error(), "differs from the source's clock by "+c.off.Abs().String()) {
			t.Errorf("%s, %d approvals needed: %v", c.off, c.need, err)
		}
	}
	last := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	f := request().Flow
	for off, refused := range map[time.Duration]bool{-24 * time.Hour: true, -4 * time.Minute: false, 24 * time.Hour: false} {
		if err := f.CheckClock(last.Add(off), last); (err != nil) != refused {
			t.Errorf("%s after the last movement: %v", off, err)
		}
	}
	if err := f.CheckClock(last, time.Time{}); err != nil {
		t.Errorf("a first movement: %v", err)
	}
}

// TestA8APermitRestsOnApprovalsOfItsOwnPlan checks that a permit names only people who approved its own plan.
func TestA8APermitRestsOnApprovalsOfItsOwnPlan(t *testing.T) {
	for plan, want := range map[string]int{"d": 1, "e": 0} {
		r := request()
		r.Approved = guard.Approved{Approvers: []string{"bob"}, Plan: plan}
		p, err := guard.Allow(r)
		if err != nil || len(p.Approvers()) != want {
			t.Errorf("plan %s: %v, %v", plan, p.Approvers(), err)
		}
	}
}

// R8: Guarded needs only the configuration. Therefore masker can call it before it reads environment variables.
func TestR8AFlowIsGuardedWhereItsRulesNeedAnApproval(t *testing.T) {
	for name, c := range map[string]struct {
		flow guard.Flow
		want bool
	}{
		"production, nothing said": {guard.Flow{From: guard.Environment{Kind: guard.Production}, Required: guard.Default}, true},
		"holds production":         {guard.Flow{From: guard.Environment{Kind: guard.Preproduction, HoldsProduction: true}, Required: guard.Default}, true},
		"production, waived":       {guard.Flow{From: guard.Environment{Kind: guard.Production}, Required: 0}, false},
		"staging, nothing said":    {guard.Flow{From: guard.Environment{Kind: guard.Staging}, Required: guard.Default}, false},
		"staging, two":             {guard.Flow{From: guard.Environment{Kind: guard.Staging}, Required: 2}, true},
	} {
		if got := c.flow.Guarded(); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// R9: masker refuses changed rules if their revision was already published with an approval, even if the changed rules
// were approved, too.
func TestR9OtherRulesUnderThePublishedRevision(t *testing.T) {
	last := guard.LastPublished{Revision: 3, Rules: "aa", Approved: true}
	for name, c := range map[string]struct {
		required, revision int
		rules              string
		last               guard.LastPublished
		refused            bool
	}{
		"other rules":        {1, 3, "bb", last, true},
		"the same rules":     {1, 3, "aa", last, false},
		"the next revision":  {1, 4, "bb", last, false},
		"never approved":     {1, 3, "bb", guard.LastPublished{Revision: 3, Rules: "aa"}, false},
		"not known":          {1, 3, "bb", guard.LastPublished{Revision: 3, Approved: true}, false},
		"no approval wanted": {0, 3, "bb", last, false},
	} {
		if err := (guard.Flow{Required: c.required}).CheckSame(c.revision, c.rules, c.last); (err != nil) != c.refused {
			t.Errorf("%s: %v", name, err)
		}
	}
}
