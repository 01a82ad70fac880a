package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// tortureRounds returns how often each fault happens. The environment variable TORTURE_ROUNDS sets it, and the
// Makefile sets this variable to 10.
func tortureRounds(t *testing.T) int {
	t.Helper()
	text := os.Getenv("TORTURE_ROUNDS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("TORTURE_ROUNDS is %q, want a number", text)
	}
	return n
}

// point is a point of the binary with faults at which a test kills it.
type point struct {
	name  string
	state int // 0: at this point, staging is still the old database; 1: staging is the new one
	how   string
}

// The ways in which a run reaches a point. Every refresh reaches most of the points.
const (
	straight = ""
	spoilt   = "spoilt"   // a hook fails, so that the run cleans up
	orphaned = "orphaned" // a run before was killed too, so that this one cleans up after it
)

// points lists all points, in the order in which a run reaches them.
func points() []point {
	return []point{
		{"locked", 0, straight},
		{"recovering", 0, orphaned},
		{"snapshot", 0, straight},
		{"permitted", 0, straight},
		{"sealing-start", 0, straight},
		{"started", 0, straight},
		{"created", 0, straight},
		{"marked", 0, straight},
		{"pre-data", 0, straight},
		{"mid-copy", 0, straight},
		{"extent", 0, straight},
		{"after-load", 0, straight},
		{"mid-index", 0, straight},
		{"finished", 0, straight},
		{"discarding", 0, spoilt},
		{"discarded", 0, spoilt},
		{"sealing-abort", 0, spoilt},
		{"sealing-verified", 0, straight},
		{"verified", 0, straight},
		{"provenance", 0, straight},
		{"template-copied", 0, straight},
		{"template-marked", 0, straight},
		{"template", 0, straight},
		{"before-publish", 0, straight},
		{"after-terminate", 0, straight},
		{"between-renames", 0, straight},
		{"before-commit", 0, straight},
		{"after-commit", 1, straight},
		{"committed", 1, straight},
		{"pruned", 1, straight},
		{"sealing-finish", 1, straight},
		{"recorded", 1, straight},
	}
}

// table collects the results of all rounds, and prints them when all tests have ended.
type table struct {
	mu   sync.Mutex
	rows map[string][]string
}

func newTable(t *testing.T) *table {
	table := &table{rows: map[string][]string{}}
	t.Cleanup(func() {
		var b strings.Builder
		for _, fault := range sortedKeys(table.rows) {
			fmt.Fprintf(&b, "%-28s %s\n", fault, strings.Join(table.rows[fault], " "))
		}
		t.Logf("what staging was after each fault, in each round: the old database, the new one, or no fault (-):\n%s", b.String())
	})
	return table
}

func (r *table) add(fault, result string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rows[fault] = append(r.rows[fault], result)
}

// victim is a site whose refreshes are disturbed by faults. Everything that is not masker's must survive the faults.
type victim struct {
	*site
	generation int // the generation in staging
	starts     int
	others     *bystanders
	server     *server // has the source and the target
}

// tortureServer starts the PostgreSQL server for all victims. The server logs every statement, and all details of every
// error. After all tests, tortureServer checks that no canary is in the server's log (L1).
func tortureServer(t *testing.T) *server {
	t.Helper()
	srv, files := ownServer(t, pglocal.Options{Settings: map[string]string{
		"max_connections": "200", "log_statement": "all", "log_min_messages": "debug1", "log_error_verbosity": "verbose",
	}})
	t.Cleanup(func() {
		text, err := os.ReadFile(files.LogFile())
		if err != nil || !strings.Contains(string(text), "COPY public.person") {
			t.Errorf("the server's log has no statement of masker: %v", err)
		}
		for _, found := range canariesIn(text, tortureCanaries()) {
			t.Errorf("the server's log holds the canary %s", found)
		}
	})
	return srv
}

func tortureCanaries() []string { return []string{"Real Name 77", "real77@corp.invalid"} }

// tortured makes a victim. Its canaries are in production only.
func tortured(t *testing.T, srv *server) *victim {
	t.Helper()
	s := newSite(t, database(t, srv, "prod", generations+"CREATE TABLE spoilt (n int); CREATE TABLE ballast AS SELECT repeat('x', 200) AS x FROM generate_series(1, 2500);"), newDatabaseURL(t, srv, "staging"))
	s.rules(t, strings.TrimSpace(generationRules)+"\n  public.spoilt: {keep: lets the hook fail, only: [n]}\n  public.ballast: {keep: makes half of the bytes rows, only: [x]}\nhooks: {before_publish: [spoilt.sql]}\n")
	s.write(t, "spoilt.sql", "SELECT 1 / (1 - count(*)) FROM public.spoilt", 0o600)
	s.flow["keep_previous"] = "0"
	s.flow["workers"], s.flow["verify"], s.flow["branches"] = "2", "strict", "{template: true}"
	s.canaries = tortureCanaries()
	s.mustRefresh(t)
	return &victim{site: s, generation: 1, starts: 1, others: watchOthers(t, srv, s), server: srv}
}

// state returns whether staging is the old or the new database after a fault. Anything else fails
// the test. A row of production fails the test, too.
func (v *victim) state(t *testing.T, of outcome) string {
	t.Helper()
	if n := ask(t, v.target, "SELECT count(*) FROM person WHERE name LIKE 'Real Name%' OR email LIKE '%@corp.invalid'"); n != "0" {
		t.Errorf("%s rows of production are in staging", n)
	}
	switch got := ask(t, v.target, generationsQuery); got {
	case onlyGeneration(v.generation):
		return "old"
	case onlyGeneration(v.productionGeneration(t)):
		v.generation = v.productionGeneration(t)
		return "new"
	default:
		t.Fatalf("staging is %q, want generation %d or production's; %v", got, v.generation, of)
		return ""
	}
}

// recover runs the next refresh, which must succeed and clean up, and checks what is left.
func (v *victim) recover(t *testing.T) {
	t.Helper()
	await(t, "the target's lock to be free", func() bool { return v.lockIsFree(t) })
	do(t, v.source, "TRUNCATE spoilt")
	v.binary = masker(t)
	v.mustRefresh(t)
	v.starts++
	v.generation = v.productionGeneration(t)
	if now := ask(t, v.target, generationsQuery); now != onlyGeneration(v.generation) {
		t.Errorf("the next refresh made %q, want production's generation %d", now, v.generation)
	}
	want := []string{v.others.database, databaseName(t, v.target) + "_masker_template"}
	slices.Sort(want)
	if left := siblings(t, v.server, v.target); !slices.Equal(left, want) {
		t.Errorf("beside the target there are %v, want only %v", left, want)
	}
	v.ledgerIsClosed(t, v.starts)
	v.masker(t, "ledger", "verify").want(t, exitDone)
	v.others.check(t, v.site)
}

func (v *victim) productionGeneration(t *testing.T) int {
	t.Helper()
	n, err := strconv.Atoi(ask(t, v.source, "SELECT n FROM generation"))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// lockIsFree reports whether no session holds the lock of the target any more.
func (v *victim) lockIsFree(t *testing.T) bool {
	t.Helper()
	return ask(t, v.server.url("postgres"), "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND "+v.targetLock(t)) == "0"
}

// A7: TestTorture kills masker with SIGKILL at each of its points, in several rounds. After each kill, the staging
// database is complete, and is either the old or the new one. The next run cleans up, and the ledger is complete and
// verified. No other data is lost. No value of production is left anywhere, not even in the server's log. The same must
// hold after two signals at once, and if the network to the source or to the target fails after any byte.
func TestTorture(t *testing.T) {
	rounds, results, srv := tortureRounds(t), newTable(t), tortureServer(t)
	const lanes = 2 // tests of one lane share a victim, and run one after the other
	for lane := range lanes {
		t.Run(fmt.Sprintf("kill/lane%d", lane+1), func(t *testing.T) {
			t.Parallel()
			v := tortured(t, srv)
			clients, generations := poll(t, v.target), []int{v.generation}
			for i, p := range points() {
				if i%lanes != lane || t.Failed() {
					continue
				}
				t.Run(p.name, func(t *testing.T) {
					for range rounds {
						generations = append(generations, v.killAt(t, p, results))
						// With only one round, the next run after most kills is a run that is killed too. This saves
						// time.
						if rounds > 1 || i/lanes%3 == 2 || i+lanes >= len(points()) {
							nextGeneration(t, v.source)
							v.recover(t)
							generations = append(generations, v.generation)
						}
					}
				})
			}
			clients.check(t, generations...)
		})
	}
	t.Run("signals", func(t *testing.T) {
		t.Parallel()
		tortured(t, srv).signalInRounds(t, rounds, results)
	})
	for _, side := range []string{"source", "target"} {
		t.Run("network/"+side, func(t *testing.T) {
			t.Parallel()
			tortured(t, srv).failInRounds(t, side, rounds, results)
		})
	}
}

// killAt kills a run at a point, and returns the generation in staging.
func (v *victim) killAt(t *testing.T, p point, results *table) int {
	nextGeneration(t, v.source)
	do(t, v.source, "TRUNCATE spoilt")
	switch p.how {
	case spoilt:
		do(t, v.source, "INSERT INTO spoilt VALUES (1)")
	case orphaned:
		v.killedAt(t, "pre-data")
		v.starts++
	}
	o := v.killedAt(t, p.name)
	v.starts++
	want := []string{"old", "new"}[p.state]
	got := v.state(t, o)
	if got != want {
		t.Errorf("after the kill staging is the %s database, want the %s one; %v", got, want, o)
	}
	results.add("kill -9 at "+p.name, got)
	return v.generation
}

// signalInRounds stops a run at a point, sends it two signals, and lets it go on.
func (v *victim) signalInRounds(t *testing.T, rounds int, results *table) {
	list := slices.DeleteFunc(points(), func(p point) bool { return p.how != straight })
	for round := range rounds {
		nextGeneration(t, v.source)
		p := list[(7+round*len(list)/max(rounds, 1))%len(list)]
		v.binary = maskerWithFaults(t)
		v.env = append(v.env, "MASKER_FAULT=stop:"+p.name)
		run := v.start(t, "run", "--flow", "nightly")
		v.starts++
		await(t, "the refresh to stop at "+p.name, func() bool { return stopped(t, run.cmd.Process.Pid) })
		run.signal(t, syscall.SIGTERM)
		run.signal(t, syscall.SIGINT) // another kind, because a second TERM would be the same pending signal
		run.signal(t, syscall.SIGCONT)
		o := run.wait(t)
		v.env = v.env[:len(v.env)-1]
		v.sweep(t, o)
		got := v.state(t, o)
		if (o.code == exitDone || o.code == exitLate) != (got == "new") {
			t.Errorf("staging is the %s database; %v", got, o)
		}
		results.add("two signals", got+"@"+p.name)
		nextGeneration(t, v.source)
		v.recover(t)
	}
}

// The list of points must be the same as in the code. So the tests kill masker at every new point too.
func TestEveryPointIsTortured(t *testing.T) {
	var tested []string
	for _, p := range points() {
		tested = append(tested, p.name)
	}
	call := regexp.MustCompile(`(?:Fault|fault)\("([a-z-]+)"( \+ string\(r\.Event\))?\)`)
	seen := 0
	for _, dir := range []string{"movement", "target", "ledger"} {
		files, err := filepath.Glob("../pkg/" + dir + "/*.go")
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, found := range call.FindAllSubmatch(text, -1) {
				seen++
				name := string(found[1])
				if !slices.ContainsFunc(tested, func(p string) bool { return p == name || len(found[2]) > 0 && strings.HasPrefix(p, name) }) {
					t.Errorf("%s has the point %s, at which no test kills masker", file, name)
				}
			}
		}
	}
	if seen < 20 {
		t.Errorf("found only %d points in the code", seen)
	}
}
