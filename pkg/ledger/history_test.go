package ledger_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/ledger"
)

// TestR10TheLedgerTellsWhatARunMadeAndReplaced checks that History returns the runs on one target, and no others.
func TestR10TheLedgerTellsWhatARunMadeAndReplaced(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	if runs, err := ledger.History(dir, "7", "a"); err != nil || len(runs) != 0 {
		t.Errorf("of an empty ledger: %v, %v", runs, err)
	}
	none, old := uint32(0), uint32(4711)
	begin := func(target string, replaces *uint32, shadow uint32, end func(*ledger.Run) error) string {
		m := movement(target)
		m.Replaces = replaces
		run, err := l.Start(m, "")
		if err != nil {
			t.Fatal(err)
		}
		if shadow != 0 {
			if err := run.Shadow(ledger.Database{Name: "x", OID: shadow}); err != nil {
				t.Fatal(err)
			}
		}
		if end != nil {
			if err := end(run); err != nil {
				t.Fatal(err)
			}
		}
		return run.ID()
	}
	finish := func(r *ledger.Run) error { return r.Finish(ledger.Outcome{}) }
	withTemplate := func(r *ledger.Run) error {
		return errors.Join(l.Template(r.ID(), ledger.Database{Name: "y", OID: 21}), finish(r))
	}
	abort := func(r *ledger.Run) error { return r.Abort(ledger.Outcome{}) }
	earlier := begin("a", nil, 0, finish)
	first := begin("a", &none, 11, withTemplate)
	begin("b", &old, 12, finish)
	failed := begin("a", &old, 13, abort)
	until := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	kept := begin("a", &old, 14, func(r *ledger.Run) error { return r.Abort(ledger.Outcome{KeptUntil: until}) })
	open := begin("a", &old, 0, nil)
	want := map[string]ledger.TargetRun{
		earlier: {Ended: true, Published: true},
		first:   {Replaces: &none, Shadow: 11, Template: 21, Ended: true, Published: true, Before: earlier},
		failed:  {Replaces: &old, Shadow: 13, Ended: true, Before: first},
		kept:    {Replaces: &old, Shadow: 14, Ended: true, KeptUntil: until, Before: first},
		open:    {Replaces: &old, Before: first},
	}
	got, err := ledger.History(dir, "7", "a")
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	verified(t, dir, l.VerifierKey())
}

// A rollback replaces a database as a run does, but only after it is recorded as done.
func TestR10ARollbackCountsWhenItIsDone(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	var made []string
	for range 2 {
		run, err := l.Start(movement("a"), "")
		if err != nil {
			t.Fatal(err)
		}
		if err := run.Finish(ledger.Outcome{}); err != nil {
			t.Fatal(err)
		}
		made = append(made, run.ID())
	}
	old := uint32(4711)
	id, description, err := l.Rollback(func(string) (ledger.Rollback, error) {
		return ledger.Rollback{Target: movement("a").Target, Run: made[0], Replaces: ledger.Database{OID: old}}, nil
	})
	if err != nil || id <= made[1] {
		t.Fatalf("rollback %q after run %q, %v", id, made[1], err)
	}
	expectRun := func(id string, want ledger.TargetRun) {
		t.Helper()
		got, err := ledger.History(dir, "7", "a")
		if err != nil || !reflect.DeepEqual(got[id], want) {
			t.Errorf("%s is %+v, want %+v, %v", id, got[id], want, err)
		}
	}
	expectRun(id, ledger.TargetRun{Replaces: &old, Ended: true, Before: made[1]})
	if err := l.RolledBack(id, description); err != nil {
		t.Fatal(err)
	}
	expectRun(id, ledger.TargetRun{Replaces: &old, Ended: true, Published: true, Before: made[1]})
	after, err := l.Start(movement("a"), "")
	if err != nil {
		t.Fatal(err)
	}
	expectRun(after.ID(), ledger.TargetRun{Before: made[0]})
	if got, err := ledger.History(dir, "7", "b"); err != nil || len(got) != 0 {
		t.Errorf("another target has %v, %v", got, err)
	}
}

// HistoryOf returns what History does, for some runs.
func TestR10TheHistoryOfSomeRuns(t *testing.T) {
	dir := t.TempDir()
	l := open(t, dir)
	var made []string
	for i, target := range []string{"a", "b", "a", "a"} {
		run, err := l.Start(movement(target), "")
		if err != nil {
			t.Fatal(err)
		}
		err = errors.Join(run.Shadow(ledger.Database{Name: "x", OID: uint32(i + 1)}), l.Template(run.ID(), ledger.Database{Name: "y", OID: 21}), run.Finish(ledger.Outcome{}))
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, run.ID())
	}
	_, _, err := l.Rollback(func(string) (ledger.Rollback, error) {
		return ledger.Rollback{Target: movement("a").Target, Run: made[0]}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	all, err := ledger.History(dir, "7", "a")
	if err != nil {
		t.Fatal(err)
	}
	got, err := ledger.HistoryOf(dir, "7", "a", made[0], made[1], made[2], `no"body`)
	want := map[string]ledger.TargetRun{made[0]: all[made[0]], made[2]: all[made[2]]}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v, %v", got, want, err)
	}
	if got, err := ledger.HistoryOf(dir, "7", "a"); err != nil || len(got) != 0 {
		t.Errorf("of no run: %v, %v", got, err)
	}
}
