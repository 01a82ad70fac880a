package guard_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/masker-project/masker/pkg/guard"
)

func flow(from, to guard.Kind) guard.Flow {
	return guard.Flow{
		Name: "nightly",
		From: guard.Environment{Name: "a", Kind: from},
		To:   guard.Environment{Name: "b", Kind: to},
	}
}

func TestDataMovesDownOnlyAndNeverIntoProduction(t *testing.T) {
	kinds := guard.Kinds()
	for i, from := range kinds {
		for j, to := range kinds {
			err := flow(from, to).Check()
			if want := to != guard.Production && i <= j; want != (err == nil) {
				t.Errorf("%s to %s: allowed %v, want %v (%v)", from, to, err == nil, want, err)
			}
			var refused *guard.Refused
			if err != nil && !errors.As(err, &refused) {
				t.Errorf("%s to %s: %T, want *Refused", from, to, err)
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
	now := time.Unix(1, 0)
	rapid.Check(t, func(t *rapid.T) {
		digest := rapid.StringMatching(`[0-9a-f]{1,64}`).Draw(t, "digest")
		other := rapid.StringMatching(`[0-9a-f]{0,64}`).Draw(t, "other")
		p, err := guard.Allow(flow(guard.Production, guard.Staging), digest, "staging", now)
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
}

func TestNoPermit(t *testing.T) {
	ok := flow(guard.Production, guard.Staging)
	approvals, verify, up := ok, ok, flow(guard.Staging, guard.Production)
	approvals.Approvals = 1
	verify.Verify = true
	for name, c := range map[string]struct {
		flow         guard.Flow
		digest, kind string
	}{
		"no digest":        {ok, "", "staging"},
		"another kind":     {ok, "d", "local"},
		"approvals wanted": {approvals, "d", "staging"},
		"verify wanted":    {verify, "d", "staging"},
		"into production":  {up, "d", "production"},
	} {
		if p, err := guard.Allow(c.flow, c.digest, c.kind, time.Time{}); err == nil || p != nil {
			t.Errorf("%s: permitted", name)
		}
	}
	var none *guard.Permit
	if none.Check("") == nil || new(guard.Permit).Check("") == nil {
		t.Error("the zero permit permits the empty digest")
	}
}

func TestWaiversAreNamed(t *testing.T) {
	f := flow(guard.Production, guard.Staging)
	if w := f.Waivers(); len(w) != 2 || !strings.Contains(w[0].Text, "required: 0") || !strings.Contains(w[1].Text, "verify: off") {
		t.Errorf("%v", w)
	}
	f.Approvals, f.Verify = 2, true
	if w := f.Waivers(); len(w) != 0 {
		t.Errorf("nothing is waived, yet %v", w)
	}
}
