package integration

import (
	"testing"
)

// TestProductionGoesOnDuringTheRun changes rows while a refresh reads: staging gets the snapshot, whole (F3).
func TestProductionGoesOnDuringTheRun(t *testing.T) {
	t.Parallel()
	s, g := gated(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, s.source, "DELETE FROM visit WHERE id % 2 = 0; UPDATE person SET generation = 77; INSERT INTO person VALUES (9999, 77, 'new', 'new')")
	do(t, s.source, "VACUUM visit")
	g.open()
	run.wait(t).want(t, exitDone)
	if got := ask(t, s.target, wholeness); got != whole(2) {
		t.Errorf("staging is %q, want the snapshot %q", got, whole(2))
	}
}

// TestSchemaChangedDuringTheRun makes a table that the snapshot does not know: nothing keeps production from it, and what would be
// published never was (security.md, Faults).
func TestSchemaChangedDuringTheRun(t *testing.T) {
	t.Parallel()
	s, g := gated(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, s.source, "CREATE TABLE arrival (id int)")
	g.open()
	run.wait(t).want(t, exitFailed, "changed during the run", "public.arrival")
	s.untouched(t)
}

// TestTruncateDuringTheRun would empty what the snapshot sees, were it not for the lock; it waits, and the refresh gives way.
func TestTruncateDuringTheRun(t *testing.T) {
	t.Parallel()
	s, g := gated(t)
	s.flow["lock_patience"] = "200ms"
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	truncated := make(chan error, 1)
	go func() { truncated <- execute(t.Context(), s.source, "TRUNCATE visit") }()
	run.wait(t).want(t, exitFailed, "public.visit", "gives way")
	if err := <-truncated; err != nil {
		t.Errorf("production's TRUNCATE failed: %v", err)
	}
	s.untouched(t)
}
