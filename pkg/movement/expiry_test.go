package movement_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
	"github.com/masker-project/masker/pkg/movement"
)

const day = 24 * time.Hour

// A target expires some time after its last refresh. Check and the notifications of runs that fail
// say so, before and after the expiry. After a refresh, the notification no longer says so.
func TestAnExpiredTargetIsTold(t *testing.T) {
	w := newWorld(t)
	w.spec.Flow.To.Lasts = 30 * day
	w.run(t, movement.Published)
	if err := os.Mkdir(w.path("lock"), 0o700); err != nil { // another refresh holds the target
		t.Fatal(err)
	}
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{22 * day, ""}, {24 * day, "the target of staging expires on "}, {31 * day, "the target of staging expired on "}} {
		w.spec.Now = func() time.Time { return time.Now().Add(c.after) }
		w.run(t, movement.Busy)
		told := strings.Join(w.told.got[len(w.told.got)-1].Expiries, "\n")
		var noted []string
		check := w.spec
		check.Note = func(_, text string) { noted = append(noted, text) }
		if err := movement.Check(t.Context(), check, nil); err != nil {
			t.Fatal(err)
		}
		for where, text := range map[string]string{"notification": told, "check": strings.Join(noted, "\n")} {
			if c.want == "" && strings.Contains(text, "expire") || !strings.Contains(text, c.want) || c.want != "" && !strings.Contains(text, "masker retire staging") {
				t.Errorf("after %s, the %s says %q, want %q", c.after, where, text, c.want)
			}
		}
	}
	if err := os.Remove(w.path("lock")); err != nil {
		t.Fatal(err)
	}
	w.run(t, movement.Published)
	if last := w.told.got[len(w.told.got)-1]; len(last.Expiries) > 0 {
		t.Errorf("after a refresh, the notification says %q", last.Expiries)
	}
}

// The expiry counts from the run that made the present target: after a rollback, this is the older run. After a
// retirement, there is no such run.
func TestTheExpiryIsOfThePresentTarget(t *testing.T) {
	w := newWorld(t)
	w.spec.Flow.To.Lasts = 30 * day
	describe := func() string {
		t.Helper()
		text, err := movement.DescribeExpiry(w.spec.Ledger.Dir, w.spec.Flow.To, time.Now().Add(40*day))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if got := describe(); got != "" {
		t.Errorf("without a ledger: %q", got)
	}
	w.run(t, movement.Published)
	first := describe()
	w.run(t, movement.Published)
	second := describe()
	if first == "" || second == "" || first == second {
		t.Errorf("the runs are %q and %q", first, second)
	}
	l, err := ledger.Open(w.spec.Ledger.Dir, w.spec.Ledger.Options)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	target := ledger.Party{Environment: "staging"}
	_, after, _ := strings.Cut(first, "run ")
	run, _, _ := strings.Cut(after, " ")
	if err := l.RolledBack("x", ledger.Rollback{Target: target, Run: run}); err != nil {
		t.Fatal(err)
	}
	if got := describe(); got != first {
		t.Errorf("after the rollback: %q, want %q", got, first)
	}
	if err := l.Retired("y", ledger.Retirement{Target: target}); err != nil {
		t.Fatal(err)
	}
	if got := describe(); got != "" {
		t.Errorf("after the retirement: %q", got)
	}
}

// Check and notifications say which waivers end soon, and which have ended.
func TestWaiversThatEndAreTold(t *testing.T) {
	w := newWorld(t)
	w.rules(t, "waivers: [{finding: check-may-break, on: public.people.name, owner: bob, reason: agreed, until: 2030-05-10}]\n")
	for today, want := range map[string]string{"2030-04-01": "", "2030-05-02": "", "2030-05-03": "ends on 2030-05-10, in 7 days", "2030-05-09": "in 1 day", "2030-05-10": "ends today", "2030-05-11": "ended on 2030-05-10 and no longer counts"} {
		at, err := time.Parse(time.DateOnly, today)
		if err != nil {
			t.Fatal(err)
		}
		w.spec.Now = func() time.Time { return at }
		w.run(t, movement.Published)
		if told := strings.Join(w.told.got[len(w.told.got)-1].Expiries, "\n"); want == "" && told != "" || !strings.Contains(told, want) {
			t.Errorf("on %s the notification says %q, want %q", today, told, want)
		}
	}
}

// A waiver of the flow ends like a waiver of the rules, and masker reports both ends in the same
// words. After its last day, the flow is refused.
func TestAWaiverOfAFlowEnds(t *testing.T) {
	w := newWorld(t)
	w.spec.Flow.Until = map[string]string{"approvals": "2030-05-10"}
	for _, c := range []struct {
		today, want string
		outcome     movement.Kind
	}{
		{"2030-05-09", "the waiver approvals of flow nightly ends on 2030-05-10, in 1 day", movement.Published},
		{"2030-05-10", "the waiver approvals of flow nightly ends today", movement.Published},
		{"2030-05-11", "the waiver approvals of flow nightly ended on 2030-05-10 and no longer counts", movement.Refused},
	} {
		at, err := time.Parse(time.DateOnly, c.today)
		if err != nil {
			t.Fatal(err)
		}
		w.spec.Now = func() time.Time { return at }
		w.run(t, c.outcome)
		if told := strings.Join(w.told.got[len(w.told.got)-1].Expiries, "\n"); told != c.want {
			t.Errorf("on %s the notification says %q, want %q", c.today, told, c.want)
		}
		err = movement.Check(t.Context(), w.spec, nil)
		if refused := movement.KindOf(err) == movement.Refused; refused != (c.outcome == movement.Refused) {
			t.Errorf("on %s, check says %v", c.today, err)
		}
	}
}

func TestHowLongATargetLasts(t *testing.T) {
	for text, want := range map[string]time.Duration{"": 0, "12h": 12 * time.Hour, "30d": 30 * day, "8w": 56 * day} {
		if got, err := guard.ParseLasts(text); err != nil || got != want {
			t.Errorf("%q: %v, %v, want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"0d", "-1d", "d", "30", "30 d", "1y", "99999d", "30d "} {
		if got, err := guard.ParseLasts(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
