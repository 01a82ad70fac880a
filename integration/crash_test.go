package integration

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/pkg/refresh"
	"github.com/masker-project/masker/pkg/target"
)

// generations makes a source with a generation number in every table, so that a target shows which state of the source
// it holds. The source has indexes, constraints, a materialized view and columns to treat.
const generations = `
CREATE TABLE generation (n int NOT NULL);
INSERT INTO generation VALUES (1);
CREATE TABLE person (id int PRIMARY KEY, generation int NOT NULL, name text NOT NULL, email text UNIQUE);
INSERT INTO person SELECT i, 1, 'Real Name ' || i, 'real' || i || '@corp.invalid' FROM generate_series(1, 2000) i;
CREATE INDEX ON person (name);
CREATE TABLE visit (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, person int REFERENCES person, generation int NOT NULL);
INSERT INTO visit (person, generation) SELECT i, 1 FROM generate_series(1, 2000) i;
CREATE MATERIALIZED VIEW figures AS SELECT generation, count(*) AS people FROM person GROUP BY generation;`

const generationRules = `
revision: 1
packs: [baseline]
tables:
  public.generation: {keep: says which run made it, only: [n]}
  public.person:
    subject: id
    keep: surrogate key
    only: [id, generation]
    columns:
      name: {class: full_name}
      email: {treat: token}
  public.visit: {keep: surrogate keys, only: [id, person, generation]}
`

// nextGeneration raises the generation number in all tables of the source.
func nextGeneration(t *testing.T, source string) {
	t.Helper()
	do(t, source, "UPDATE generation SET n = n + 1; UPDATE person SET generation = generation + 1; UPDATE visit SET generation = generation + 1; REFRESH MATERIALIZED VIEW figures")
}

// generationsQuery is a query for the generations that a database holds. A database with more than one generation is
// a mixture of old and new rows. The query counts by number and sorts no text, because clients repeat it all the time.
const generationsQuery = `SELECT string_agg(g::text, ',' ORDER BY g) || ' of ' || sum(rows) FROM (SELECT g, count(*) AS rows FROM (
	SELECT n AS g FROM generation UNION ALL SELECT generation FROM person UNION ALL SELECT generation FROM visit UNION ALL SELECT generation FROM figures) x GROUP BY g) y`

// onlyGeneration is the answer to generationsQuery of a database with one generation.
func onlyGeneration(generation int) string { return fmt.Sprintf("%d of 4002", generation) }

// refreshedSite makes a site whose staging holds generation 1, while production already holds generation 2.
func refreshedSite(t *testing.T, srv *server) *site {
	t.Helper()
	s := newSite(t, database(t, srv, "prod", generations), newDatabaseURL(t, srv, "staging")).rules(t, generationRules)
	s.flow["keep_previous"] = "0"
	s.canaries = []string{"Real Name 77", "real77@corp.invalid"}
	s.mustRefresh(t)
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(1) {
		t.Fatalf("the first refresh made %q", got)
	}
	nextGeneration(t, s.source)
	return s
}

// F2: clients send queries all the time while their database is replaced fifty times.
func TestClientsSeeFiftySwaps(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: fifty refreshes")
	}
	t.Parallel()
	s := refreshedSite(t, Server(t))
	s.flow["keep_previous"] = "0"
	clients := []*poller{poll(t, s.target), poll(t, s.target)}
	made := []int{1}
	for generation := 3; generation < 53; generation++ { // production already has generation 2
		nextGeneration(t, s.source)
		s.withShadow(t, refresh.Options{Workers: 1}, 0, "staging", func(held *target.Postgres, shadow *target.Shadow, _ int) {
			if err := shadow.Publish(t.Context()); err != nil {
				t.Fatal(err)
			}
			if _, err := held.Prune(t.Context()); err != nil {
				t.Fatal(err)
			}
		})
		made = append(made, generation)
	}
	for _, c := range clients {
		c.check(t, made...)
	}
}

// killedAt runs a refresh that kills itself at a named point.
func (s *site) killedAt(t *testing.T, point string) outcome {
	t.Helper()
	s.binary = maskerWithFaults(t)
	s.env = append(s.env, "MASKER_FAULT="+point)
	o := s.refresh(t)
	s.env = s.env[:len(s.env)-1]
	if o.code != -1 {
		t.Fatalf("the refresh did not reach the point %s: %v", point, o)
	}
	return o
}

// ledgerIsClosed checks that every start in the ledger has an end, and that the number of starts is at most starts
// (A7).
func (s *site) ledgerIsClosed(t *testing.T, starts int) {
	t.Helper()
	open, n := map[string]bool{}, 0
	for _, r := range s.ledger(t) {
		switch r.Event {
		case "start":
			open[r.Run] = true
			n++
		case "finish", "abort", "recovered-abort":
			delete(open, r.Run)
		}
	}
	if len(open) > 0 {
		t.Errorf("runs without an end in the ledger: %v", sortedKeys(open))
	}
	if n > starts {
		t.Errorf("%d starts in the ledger, want at most %d", n, starts)
	}
}

// SIGINT or SIGTERM while rows are copied ends the refresh, and staging stays as it was.
func TestInterruptedRefreshLeavesStagingAlone(t *testing.T) {
	t.Parallel()
	for _, sig := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		t.Run(sig.String(), func(t *testing.T) {
			t.Parallel()
			s, g := gatedSite(t)
			run := s.start(t, "run", "--flow", "nightly")
			g.reached(t)
			run.signal(t, sig)
			run.wait(t).want(t, exitFailed, "interrupted")
			s.expectUntouched(t)
		})
	}
}

// The refresh ends if its session with the target's lock ends, because it must not publish without the lock.
func TestLostLockEndsTheRefresh(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, g.admin, "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND "+s.targetLock(t))
	run.wait(t).want(t, exitFailed, "the session that holds the target was lost")
	s.expectUntouched(t)
}

// If an ALTER TABLE in production waits for a lock of the refresh, the refresh ends. Neither the ALTER TABLE nor a
// SELECT that waits behind it must wait long.
func TestRefreshGivesWayToSchemaChanges(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	s.flow["lock_patience"] = "200ms"
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	altered, selected := make(chan error, 1), make(chan error, 1)
	go func() { altered <- execute(t.Context(), s.source, "ALTER TABLE person ADD COLUMN nickname text") }()
	await(t, "the ALTER TABLE to queue", func() bool {
		return ask(t, s.source, "SELECT count(*) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation WHERE NOT granted AND relname = 'person' AND mode = 'AccessExclusiveLock'") == "1"
	})
	go func() { selected <- execute(t.Context(), s.source, "SELECT count(*) FROM person") }()

	o := run.wait(t)
	for what, done := range map[string]chan error{"ALTER TABLE": altered, "SELECT": selected} {
		if err := <-done; err != nil {
			t.Errorf("production's %s failed: %v", what, err)
		}
	}
	o.want(t, exitFailed, "public.person", "gives way")
	s.expectUntouched(t)
}

// The refresh fails if production holds a lock that it would have to wait for.
func TestRefreshDoesNotQueueBehindProduction(t *testing.T) {
	t.Parallel()
	s := refreshedSite(t, Server(t))
	tx, err := connect(t, s.source).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context()) //nolint:errcheck // the test is over
	if _, err := tx.Exec(t.Context(), "LOCK TABLE person IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	run := s.start(t, "run", "--flow", "nightly")
	o := run.wait(t)
	o.want(t, exitFailed, "public.person", "lock")
	s.expectUntouched(t)
}

// The refresh fails if its session with the snapshot ends, for example by a timeout (25P03).
func TestSnapshotHolderKilled(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, g.admin, fmt.Sprintf(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE datname = '%s' AND application_name LIKE 'masker source%%' AND state = 'idle in transaction'`, databaseName(t, s.source)))
	run.wait(t).want(t, exitFailed, "the session that holds the snapshot ended")
	s.expectUntouched(t)
}

// The refresh fails if the sessions that load the shadow end.
func TestTargetConnectionCut(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	do(t, g.admin, fmt.Sprintf(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
		WHERE starts_with(datname, '%s_masker_')`, databaseName(t, s.target)))
	run.wait(t).want(t, exitFailed, "57P01")
	s.expectUntouched(t)
}

// A refresh ends at once if another refresh holds the target.
func TestSecondRefreshAtOnceIsBusy(t *testing.T) {
	t.Parallel()
	s, g := gatedSite(t)
	run := s.start(t, "run", "--flow", "nightly")
	g.reached(t)
	s.refresh(t).want(t, exitBusy, "another refresh holds the target")
	g.open()
	run.wait(t).want(t, exitDone)
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(2) {
		t.Errorf("staging is %q", got)
	}
}

// expectUntouched checks that staging is as it was, that the refresh left no other database on the server, and that
// every run in the ledger has an end.
func (s *site) expectUntouched(t *testing.T) {
	t.Helper()
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(1) {
		t.Errorf("staging is %q, want it as it was: %q", got, onlyGeneration(1))
	}
	if left := siblings(t, Server(t), s.target); len(left) > 0 {
		t.Errorf("left beside the target: %v", left)
	}
	s.ledgerIsClosed(t, 2)
	for _, r := range s.ledger(t) {
		if r.Outcome != nil && strings.Contains(r.Outcome.Reason, "corp.invalid") {
			t.Errorf("the ledger's reason quotes a row: run %s", r.Run)
		}
	}
}
