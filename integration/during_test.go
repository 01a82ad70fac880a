package integration

import (
	"testing"
)

// F3: production changes rows while a refresh reads. Staging gets the rows of the snapshot.
func TestProductionGoesOnDuringTheRun(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, s.source, "DELETE FROM visit WHERE id % 2 = 0; UPDATE person SET generation = 77; INSERT INTO person VALUES (9999, 77, 'new', 'new')")
	do(t, s.source, "VACUUM visit")
	g.open()
	run.wait(t).want(t, exitDone)
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(2) {
		t.Errorf("staging is %q, want the snapshot %q", got, onlyGeneration(2))
	}
}

// Production makes a table while a refresh reads. The snapshot does not have the table, so the refresh fails, because
// its result would not be a state that production ever had.
func TestSchemaChangedDuringTheRun(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, s.source, "CREATE TABLE arrival (id int)")
	g.open()
	run.wait(t).want(t, exitFailed, "changed during the run", "public.arrival")
	s.expectUntouched(t)
}

// A TRUNCATE would remove rows that the snapshot needs. The TRUNCATE waits for the refresh's lock. The refresh ends,
// so that the TRUNCATE can run.
func TestTruncateDuringTheRun(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	s.flow["lock_patience"] = "200ms"
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	truncated := make(chan error, 1)
	go func() { truncated <- execute(t.Context(), s.source, "TRUNCATE visit") }()
	run.wait(t).want(t, exitFailed, "public.visit", "gives way")
	if err := <-truncated; err != nil {
		t.Errorf("production's TRUNCATE failed: %v", err)
	}
	s.expectUntouched(t)
}
