package integration

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/masker-project/masker/pkg/branch"
	branchpg "github.com/masker-project/masker/pkg/branch/postgres"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/guard"
	"github.com/masker-project/masker/pkg/ledger"
)

// branchesAt returns the description of a site's branches for calls from Go, at another time than now.
func (s *site) branchesAt(at time.Time) branch.Spec {
	return branch.Spec{
		Environment: guard.Environment{Name: "staging", Kind: guard.Staging}, Actor: ledger.Actor{User: "test"},
		Connect: func(ctx context.Context) (branch.Server, error) { return branchpg.Open(ctx, s.target, "") },
		Ledger:  branch.Ledger{Dir: filepath.Join(s.dir, "ledger")},
		Now:     func() time.Time { return at },
	}
}

// family lists the databases whose names begin with a name.
func family(t *testing.T, srv *server, name string) []string {
	t.Helper()
	return askAll(t, srv.url("postgres"), "SELECT datname FROM pg_database WHERE starts_with(datname, "+catalog.Literal(name)+") ORDER BY 1")
}

// Drop drops a proven branch, and records it. A branch with a session in it stays, unless force is given.
func TestABranchIsDropped(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	s.masker(t, "branch", "create", "staging", name).want(t, exitDone)
	visitor := connect(t, srv.url(name))
	s.masker(t, "branch", "drop", "staging", name).want(t, exitRefused, "branch "+name+" is in use: process", "--force")
	s.masker(t, "branch", "reset", "staging", name).want(t, exitRefused, "is in use: process")
	s.masker(t, "branch", "drop", "staging", name+"x").want(t, exitRefused, "there is no database "+name+"x")
	s.masker(t, "branch", "drop", "staging", databaseName(t, s.target)).want(t, exitRefused, "is not a branch of")
	s.masker(t, "branch", "drop", "staging", name, "--force", "--reason", "it is merged").want(t, exitDone, "dropped  "+name)
	if err := visitor.Ping(t.Context()); err == nil {
		t.Error("the session in the branch was not ended")
	}
	if left := family(t, srv, name); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	records := s.ledger(t)
	about, done := records[len(records)-2], records[len(records)-1]
	if about.Event != "branch-drop" || done.Event != "branch-dropped" || done.Retirement.Reason != "it is merged" || len(done.Retirement.Databases) != 1 || done.Retirement.Databases[0].Name != name {
		t.Errorf("the ledger ends with %+v and %+v", about.Retirement, done.Retirement)
	}
	s.masker(t, "branch", "list", "staging").want(t, exitDone, "no branches")
}

// Reset makes a branch with the rows that the target has now. It keeps owner, purpose and expiry.
func TestABranchIsReset(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	s.masker(t, "branch", "create", "staging", name, "--owner", "jane", "--purpose", "a test", "--expires", "3d").want(t, exitDone)
	before := list(t, s)[0]
	was := oidOf(t, srv.url("postgres"), name)
	do(t, srv.url(name), "CREATE TABLE mine ()")
	s.mustRefresh(t)
	templateOf(t, srv, s)
	visitor := connect(t, srv.url(name))
	s.masker(t, "branch", "reset", "staging", name, "--force").want(t, exitDone, name+" is a branch", "run "+s.runs(t)[1], "for jane")
	if err := visitor.Ping(t.Context()); err == nil {
		t.Error("the session in the old database was not ended")
	}
	if got := ask(t, srv.url(name), generationsQuery); got != onlyGeneration(2) {
		t.Errorf("the branch holds %q", got)
	}
	after := list(t, s)[0]
	if !after.Trusted || after.Owner != "jane" || after.Purpose != "a test" || !after.Expires.Equal(before.Expires) || after.Run != s.runs(t)[1] {
		t.Errorf("the branch was %+v and is %+v", before, after)
	}
	if now := oidOf(t, srv.url("postgres"), name); now == was || len(family(t, srv, name)) != 1 {
		t.Errorf("OID %s became %s; there are %v", was, now, family(t, srv, name))
	}
	if _, err := branch.Reset(t.Context(), s.branchesAt(after.Expires), name, false); err == nil || !strings.Contains(err.Error(), "expired at") {
		t.Errorf("reset of an expired branch: %v", err)
	}
	s.masker(t, "ledger", "verify").want(t, exitDone)
}

// list returns the branches of a site's target.
func list(t *testing.T, s *site) []branch.Branch {
	t.Helper()
	found, err := branch.List(t.Context(), s.branchesAt(time.Now()))
	if err != nil || len(found) == 0 {
		t.Fatalf("%v, %v", found, err)
	}
	return found
}

// Prune drops branches that have expired. It does not drop a branch that somebody uses, a branch without an expiry, or
// a copy of a branch.
func TestPruneDropsWhatHasExpired(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	admin := srv.url("postgres")
	for suffix, lasts := range map[string]string{"c": "1w", "d": "never"} {
		s.masker(t, "branch", "create", "staging", name+suffix, "--expires", lasts, "--owner", "jane").want(t, exitDone)
	}
	s.masker(t, "branch", "prune", "staging").want(t, exitDone, "no expired branches")
	for _, suffix := range []string{"a", "b"} {
		o := branch.Order{Name: name + suffix, Owner: "jane", Lasts: time.Hour}
		if _, err := branch.Create(t.Context(), s.branchesAt(time.Now().Add(-2*time.Hour)), o); err != nil {
			t.Fatal(err)
		}
	}
	f := foreign{admin: admin}
	f.create(t, name+"x", name+"a", commentOn(t, srv.url(name+"a")))
	visitor := connect(t, srv.url(name+"b"))
	later := s.branchesAt(time.Now().Add(30 * 24 * time.Hour)) // a clock that is wrong
	done, err := branch.Prune(t.Context(), later)
	if err != nil || !slices.Equal(done.Dropped, []string{name + "a"}) {
		t.Errorf("dropped %v, %v", done.Dropped, err)
	}
	if text := strings.Join(done.Left, "\n"); len(done.Left) != 3 || !strings.Contains(text, "branch "+name+"c expires at") || !strings.Contains(text, "set the clock that is wrong") ||
		!strings.Contains(text, "database "+name+"x may be a branch") || !strings.Contains(text, "branch "+name+"b of jane expired at") || !strings.Contains(text, "is in use: process") ||
		!strings.Contains(text, "masker branch drop staging "+name+"b --force") {
		t.Errorf("left %v", done.Left)
	}
	if err := visitor.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitNobody(t, srv, name+"b")
	if done, err = branch.Prune(t.Context(), later); err != nil || !slices.Equal(done.Dropped, []string{name + "b"}) {
		t.Errorf("dropped %v, %v", done.Dropped, err)
	}
	f.expectUnchanged(t)
	if got, want := family(t, srv, name), []string{name + "c", name + "d", name + "x"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	s.pruneTwice(t, name+"e")
}

// pruneTwice lets two processes prune at the same time. One of them drops the expired branch, and none fails.
func (s *site) pruneTwice(t *testing.T, name string) {
	t.Helper()
	if _, err := branch.Create(t.Context(), s.branchesAt(time.Now().Add(-2*time.Hour)), branch.Order{Name: name, Owner: "jane", Lasts: time.Hour}); err != nil {
		t.Fatal(err)
	}
	type result struct {
		branch.Pruned
		err error
	}
	results, dropped := make(chan result), 0
	for range 2 {
		go func() {
			p, err := branch.Prune(t.Context(), s.branchesAt(time.Now()))
			results <- result{p, err}
		}()
	}
	for range 2 {
		r := <-results
		if dropped += len(r.Dropped); r.err != nil {
			t.Errorf("two processes that prune: %+v", r)
		}
	}
	if dropped != 1 {
		t.Errorf("two processes dropped %d branches", dropped)
	}
}

// Masker is killed while it makes or resets a branch. A database has the name of the branch only if the branch is
// complete. Prune drops an incomplete branch. It does not drop a database that only looks like one.
func TestAKilledBranchIsSwept(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	s.binary = maskerWithFaults(t)
	f := foreign{admin: srv.url("postgres")}
	for _, c := range []struct {
		point string
		after []string // the family after the sweep
	}{{"branch-copied", nil}, {"branch-recorded", nil}, {"branch-marked", nil}, {"branch-proven", nil}, {"branch-published", []string{name}}} {
		s.kill(t, c.point, "branch", "create", "staging", name)
		left := family(t, srv, name)
		if len(left) != 1 || (left[0] == name) != (c.after != nil) {
			t.Fatalf("%s: there are %v", c.point, left)
		}
		if c.point == "branch-proven" { // a copy with the same mark stays
			f.create(t, databaseName(t, s.target)+"_x", left[0], commentOn(t, srv.url(left[0])))
		}
		s.masker(t, "branch", "prune", "staging").want(t, exitDone)
		if got := family(t, srv, name); !slices.Equal(got, c.after) {
			t.Fatalf("%s: there are %v, want %v", c.point, got, c.after)
		}
	}
	for _, point := range []string{"branch-copied", "branch-proven", "branch-published", "branch-drop"} {
		s.kill(t, point, "branch", "reset", "staging", name)
		if got := list(t, s); len(got) != 1 || !got[0].Trusted || len(family(t, srv, name)) != 2 {
			t.Fatalf("%s: %+v, %v", point, got, family(t, srv, name))
		}
		s.masker(t, "branch", "prune", "staging").want(t, exitDone)
		if got := family(t, srv, name); !slices.Equal(got, []string{name}) {
			t.Fatalf("%s: there are %v", point, got)
		}
	}
	f.expectUnchanged(t)
	s.masker(t, "ledger", "verify").want(t, exitDone)
}

// kill runs masker until a point, where it is killed.
func (s *site) kill(t *testing.T, point string, args ...string) {
	t.Helper()
	was := s.env
	s.env = append(slices.Clone(was), "MASKER_FAULT="+point)
	if o := s.masker(t, args...); o.code != -1 {
		t.Fatalf("%s: %v", point, o)
	}
	s.env = was
}

// While one process works on a branch, no other process works on this branch or drops it.
func TestABranchHasOneMaker(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	spec := s.branchesAt(time.Now())
	tried := false
	spec.Fault = func(point string) {
		if point != "branch-marked" {
			return
		}
		tried = true
		s.masker(t, "branch", "create", "staging", name).want(t, exitBusy, "another masker makes, resets or drops this branch")
		s.masker(t, "branch", "prune", "staging").want(t, exitDone)
	}
	if _, err := branch.Create(t.Context(), spec, branch.Order{Name: name, Owner: "jane"}); err != nil || !tried {
		t.Fatalf("%v, %v", err, tried)
	}
}

// Somebody interrupts masker while it makes a branch. Nothing of the branch stays.
func TestAnInterruptedBranchIsDropped(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	admin := connect(t, srv.url("postgres"))
	spec := s.branchesAt(time.Now())
	released := make(chan error, 1)
	spec.Fault = func(point string) {
		if point != "branch-proven" {
			return
		}
		half := family(t, srv, name)[0]
		if _, err := admin.Exec(t.Context(), "BEGIN; ALTER DATABASE "+catalog.Quote(half)+" CONNECTION LIMIT 7"); err != nil {
			t.Error(err)
		}
		go func() { // interrupts masker while its session waits for the lock of the copy
			var err error
			for waits := false; !waits && err == nil; {
				err = admin.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE pg_backend_pid() = ANY (pg_blocking_pids(pid)))").Scan(&waits)
				if err == nil && !waits {
					_, err = admin.Exec(t.Context(), "SELECT pg_stat_clear_snapshot()")
				}
			}
			cancel()
			_, rerr := admin.Exec(t.Context(), "ROLLBACK")
			released <- errors.Join(err, rerr)
		}()
	}
	_, err := branch.Create(ctx, spec, branch.Order{Name: name, Owner: "jane"})
	if rerr := <-released; rerr != nil {
		t.Error(rerr)
	}
	if left := family(t, srv, name); !errors.Is(err, context.Canceled) || len(left) > 0 {
		t.Errorf("%v; there are %v", err, left)
	}
}

// A refresh replaces the template while the template is copied. The copy is made again, because the ledger's record
// names the run that made the rows.
func TestABranchOfATemplateThatIsReplaced(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	spec := s.branchesAt(time.Now())
	var notes []string
	spec.Note = func(text string) { notes = append(notes, text) }
	spec.Connect = func(ctx context.Context) (branch.Server, error) {
		server, err := branchpg.Open(ctx, s.target, "")
		return &replacing{Server: server, before: func() { s.mustRefresh(t); templateOf(t, srv, s) }}, err
	}
	made, err := branch.Create(t.Context(), spec, branch.Order{Name: name, Owner: "jane"})
	if err != nil || made.Run != s.runs(t)[1] {
		t.Fatalf("%+v, %v", made, err)
	}
	if got := ask(t, srv.url(name), generationsQuery); got != onlyGeneration(2) {
		t.Errorf("the branch holds %q", got)
	}
	if len(notes) != 1 || len(family(t, srv, name)) != 1 {
		t.Errorf("notes %v, databases %v", notes, family(t, srv, name))
	}
}

// replacing is a server on which a refresh replaces the template right before the first copy.
type replacing struct {
	branch.Server
	before func()
}

func (r *replacing) Copy(ctx context.Context, from branch.Database, name string) (branch.Database, error) {
	if before := r.before; before != nil {
		r.before = nil
		before()
	}
	return r.Server.Copy(ctx, from, name)
}

// A run drops the expired branches of its target after publishing, as prune does. It does not drop a branch that
// somebody uses, and succeeds.
func TestARunDropsTheBranchesThatHaveExpired(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	for _, suffix := range []string{"a", "b", "c"} {
		o := branch.Order{Name: name + suffix, Owner: "jane", Lasts: time.Hour}
		if _, err := branch.Create(t.Context(), s.branchesAt(time.Now().Add(-2*time.Hour)), o); err != nil {
			t.Fatal(err)
		}
	}
	s.masker(t, "branch", "create", "staging", name+"d", "--expires", "1h").want(t, exitDone)
	f := foreign{admin: srv.url("postgres")}
	f.create(t, name+"x", name+"a", commentOn(t, srv.url(name+"a")))
	visitor := connect(t, srv.url(name+"c"))
	o := s.refresh(t)
	o.want(t, exitDone, "dropped 2 databases of branches that have expired or were never complete: "+name+"a, "+name+"b", "branch "+name+"c of jane expired at", "is in use: process")
	f.expectUnchanged(t)
	if got, want := family(t, srv, name), []string{name + "c", name + "d", name + "x"}; !slices.Equal(got, want) {
		t.Errorf("there are %v, want %v", got, want)
	}
	if err := visitor.Ping(t.Context()); err != nil {
		t.Errorf("the session in the branch was ended: %v", err)
	}
	var dropped []string
	for _, r := range s.ledger(t) {
		if r.Event == "branch-dropped" {
			dropped = append(dropped, r.Retirement.Databases[0].Name)
		}
	}
	if want := []string{name + "a", name + "b"}; !slices.Equal(dropped, want) {
		t.Errorf("the ledger says that %v were dropped, want %v", dropped, want)
	}
	records := s.ledger(t)
	if end := records[len(records)-1]; end.Outcome == nil || !strings.Contains(strings.Join(end.Outcome.Notes, "\n"), "dropped 2 databases of branches") {
		t.Errorf("the ledger ends with %+v", end.Outcome)
	}
	s.masker(t, "ledger", "verify").want(t, exitDone)
}

// If an expired branch cannot be dropped, the target is published all the same. The exit code is 6, and the ledger has
// the reason.
func TestABranchThatCannotBeDroppedDoesNotStopARun(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	staging := newDatabaseURL(t, srv, "staging")
	refresher := role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend", staging)
	s := newSite(t, database(t, srv, "prod", generations), as(t, staging, refresher)).rules(t, generationRules)
	s.flow["keep_previous"] = "0"
	s.mustRefresh(t)
	name := databaseName(t, staging) + "_pr"
	for _, name := range []string{name, name + "z"} { // the second one can be dropped
		if _, err := branch.Create(t.Context(), s.branchesAt(time.Now().Add(-2*time.Hour)), branch.Order{Name: name, Owner: "jane", Lasts: time.Hour}); err != nil {
			t.Fatal(err)
		}
	}
	do(t, srv.url("postgres"), "ALTER DATABASE "+catalog.Quote(name)+" OWNER TO CURRENT_USER")
	nextGeneration(t, s.source)
	s.refresh(t).want(t, exitLate, "the target is published, but: dropping the expired branches: dropping database "+name, "42501", "give it back as a superuser: ALTER DATABASE", "masker branch prune staging tries again")
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(2) {
		t.Errorf("the target holds %q", got)
	}
	if got := family(t, srv, name); !slices.Equal(got, []string{name}) {
		t.Errorf("there are %v", got)
	}
	if _, err := branch.Reset(t.Context(), s.branchesAt(time.Now().Add(-90*time.Minute)), name, false); err == nil || !strings.Contains(err.Error(), "give it back as a superuser: ALTER DATABASE") {
		t.Errorf("reset of a branch with another owner: %v", err)
	}
	if got := family(t, srv, name); !slices.Equal(got, []string{name}) {
		t.Errorf("after reset, there are %v", got)
	}
	records := slices.DeleteFunc(s.ledger(t), func(r ledger.Record) bool { return r.Outcome == nil })
	if end := records[len(records)-1]; end.Outcome == nil || !end.Outcome.Published || !strings.Contains(strings.Join(end.Outcome.Notes, "\n"), "dropping the expired branches") {
		t.Errorf("the ledger ends with %+v", end.Outcome)
	}
}
