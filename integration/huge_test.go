package integration

import (
	"syscall"
	"testing"
)

// A row that is longer than max_row stops the refresh.
func TestRowBeyondTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, change string }{
		{"kept", "ALTER TABLE person ADD COLUMN big text; UPDATE person SET big = repeat('CANARY-big ', 300000) WHERE id = 7"},
		{"kept bytes", "ALTER TABLE person ADD COLUMN big bytea; UPDATE person SET big = convert_to(repeat('CANARY-big ', 300000), 'UTF8') WHERE id = 7"},
		{"treated", "UPDATE person SET name = repeat('CANARY-big ', 300000) WHERE id = 7"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := smallSite(t)
			do(t, s.source, c.change)
			s.rules(t, keepBut(inspect(t, s.source), map[string]map[string]string{"public.person": {"name": "{class: full_name}", "email": "{class: email}"}}))
			s.flow["max_row"] = "1MB"
			s.refresh(t).want(t, exitFailed, "public.person", "max_row")
			if made := askAll(t, Server(t).url("postgres"), "SELECT datname FROM pg_database WHERE starts_with(datname, '"+databaseName(t, s.target)+"')"); len(made) > 0 {
				t.Errorf("these databases are left on the target's server: %v", made)
			}
		})
	}
}

// Masker moves two cells of 300 MB. One cell is kept and one is treated. Masker needs at most 100 MB of memory plus
// three times the size of the largest row.
func TestHugeCellsArrive(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: moves cells of 300 MB")
	}
	t.Parallel()
	const megabytes = 300
	srv := Server(t)
	src := database(t, srv, "prod", `CREATE TABLE cell (id int PRIMARY KEY, kept text, masked text);
		INSERT INTO cell VALUES (1, repeat('0123456789', 30 * 1024 * 1024), NULL), (2, NULL, repeat('0123456789', 30 * 1024 * 1024))`)
	dst := newDatabaseURL(t, srv, "staging")
	s := newSite(t, src, dst).rules(t, keepBut(inspect(t, src), map[string]map[string]string{"public.cell": {"masked": "{treat: mask}"}}))
	run := s.start(t, "run")
	run.wait(t).want(t, exitDone)
	const digest = "SELECT md5(kept) FROM cell WHERE id = 1"
	if want, got := ask(t, src, digest), ask(t, dst, digest); got != want {
		t.Error("the kept cell has changed")
	}
	if got := ask(t, dst, "SELECT length(masked), md5(masked) = md5(repeat('*', length(masked))) FROM cell WHERE id = 2"); got != "314572800|t" {
		t.Errorf("the masked cell: %s", got)
	}
	usage, ok := run.cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		t.Skip("this system does not report how much memory a process used")
	}
	// With the race detector, the limit does not apply, because the detector needs memory of its own.
	if peak, limit := usage.Maxrss>>10, int64(100+3*megabytes); peak > limit && len(raceFlags) == 0 {
		t.Errorf("peak memory was %d MB, want at most %d", peak, limit)
	}
}
