package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
)

// templateSite is a refreshedSite whose flow makes a template from now on.
func templateSite(t *testing.T, srv *server) *site {
	t.Helper()
	s := refreshedSite(t, srv)
	s.flow["branches"] = "{template: true}"
	return s
}

// templateName returns the name of the template of the site's target.
func (s *site) templateName(t *testing.T) string {
	t.Helper()
	return databaseName(t, s.target) + "_masker_template"
}

// expectTemplate checks that the template is the only database beside the target. It must be closed, have the mark of
// the last run, be recorded in the ledger, and hold one generation.
func (s *site) expectTemplate(t *testing.T, srv *server, generation int) {
	t.Helper()
	name, admin, runs := s.templateName(t), srv.url("postgres"), s.runs(t)
	last := runs[len(runs)-1]
	if left := siblings(t, srv, s.target); !slices.Equal(left, []string{name}) {
		t.Fatalf("beside the target there are %v, want only %s", left, name)
	}
	about := ask(t, admin, `SELECT datallowconn, (SELECT count(*) FROM aclexplode(datacl) WHERE grantee <> datdba), datistemplate, oid, shobj_description(oid, 'pg_database')
		FROM pg_database WHERE datname = '`+name+`'`)
	oid := strings.Split(about, "|")[3]
	if !strings.HasPrefix(about, "f|0|f|") || !strings.Contains(about, `"state":"template","target":"`+databaseName(t, s.target)+`","run":"`+last+`"`) {
		t.Errorf("the template is not closed, or has another mark: %s", about)
	}
	recorded := ""
	for _, r := range s.ledger(t) {
		if r.Template != nil && r.Run == last {
			recorded = fmt.Sprint(r.Template.OID)
		}
	}
	if recorded != oid {
		t.Errorf("the ledger records OID %q, and the template has %s", recorded, oid)
	}
	copied := newDatabaseURL(t, srv, "branch")
	do(t, admin, "CREATE DATABASE "+catalog.Quote(databaseName(t, copied))+" TEMPLATE "+catalog.Quote(name))
	if got := ask(t, copied, generationsQuery); got != onlyGeneration(generation) {
		t.Errorf("the template holds %q, want generation %d", got, generation)
	}
	if got := ask(t, copied, "SELECT run FROM masker.provenance ORDER BY step DESC LIMIT 1"); got != last {
		t.Errorf("the template's provenance names run %s, want %s", got, last)
	}
}

// Each run makes a template and drops the template of the run before. If the flow no longer asks
// for a template, the next run drops it, and says so once.
func TestARunMakesATemplate(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := templateSite(t, srv)
	s.masker(t, "check").want(t, exitDone, "there is no template "+s.templateName(t), " for the template")
	s.masker(t, "doctor").want(t, exitDone, "there is no template "+s.templateName(t))
	s.mustRefresh(t).want(t, exitDone, "template   "+s.templateName(t)+", for branches")
	s.expectTemplate(t, srv, 2)
	nextGeneration(t, s.source)
	if o := s.mustRefresh(t); strings.Contains(o.stdout, "notes ") {
		t.Errorf("there is a note: %v", o)
	}
	s.expectTemplate(t, srv, 3)
	if o := s.masker(t, "check"); o.code != exitDone || strings.Contains(o.stderr, "_masker_template") {
		t.Errorf("the template is in order: %v", o)
	}
	s.masker(t, "ledger", "show", "--event", "template").want(t, exitDone, "made template")
	s.masker(t, "ledger", "verify").want(t, exitDone)

	delete(s.flow, "branches")
	s.masker(t, "check").want(t, exitDone, "the next run drops "+s.templateName(t))
	dropped := "dropped the template " + s.templateName(t)
	s.mustRefresh(t).want(t, exitDone, dropped)
	if left := siblings(t, srv, s.target); len(left) > 0 {
		t.Errorf("beside the target there are %v", left)
	}
	if o := s.mustRefresh(t); strings.Contains(o.stdout+o.stderr, dropped) {
		t.Errorf("the template is reported twice: %v", o)
	}
}

// The template belongs to masker's role, and the objects in it belong to the owner of the target and have its grants.
func TestATemplateHasTheOwnersAndGrantsOfTheTarget(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	staging := newDatabaseURL(t, srv, "staging")
	owner, reader := role(t, srv, "owner", "", staging), role(t, srv, "reader", "", staging)
	refresher := role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend, "+owner, staging)
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, staging)+" OWNER "+owner)
	do(t, as(t, staging, owner), "CREATE TABLE person (id int); GRANT SELECT ON person TO "+reader)
	s := newSite(t, database(t, srv, "prod", generations), as(t, staging, refresher)).rules(t, generationRules)
	s.flow["branches"], s.flow["keep_previous"] = "{template: true}", "0"
	s.adopt = ask(t, staging, "SELECT system_identifier FROM pg_control_system()") + "/" + databaseName(t, staging)
	s.mustRefresh(t)
	s.mustRefresh(t)
	s.expectTemplate(t, srv, 1)
	copied := newDatabaseURL(t, srv, "copied")
	do(t, srv.url("postgres"), "CREATE DATABASE "+databaseName(t, copied)+" TEMPLATE "+s.templateName(t))
	if got := ask(t, copied, "SELECT tableowner, has_table_privilege('"+reader+"', 'person', 'SELECT') FROM pg_tables WHERE tablename = 'person'"); got != owner+"|t" {
		t.Errorf("the table's owner and the reader's privilege are %q", got)
	}
}

// A template that cannot be made or named does not stop the refresh: the target is published, and the exit code is 6.
func TestARefreshGoesOnWithoutATemplate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		point string // where masker stops until spoil has returned, or ""
		spoil func(t *testing.T, s *site, f *foreign)
		words []string
		kept  bool // the old template stays until the next run
	}{
		{"its name belongs to another database", "", func(t *testing.T, s *site, f *foreign) {
			f.create(t, s.templateName(t), "", "")
		}, []string{"has the name of the template: it is not a template of masker's; rename or drop the database"}, false},
		{"its name belongs to a copy of a template", "", func(t *testing.T, s *site, f *foreign) {
			f.create(t, s.templateName(t), databaseName(t, s.target), mark("template", databaseName(t, s.target), s.runs(t)[0]))
		}, []string{"has the name of the template: run ", "recorded no template"}, false},
		{"somebody takes its name before publishing", "template", func(t *testing.T, s *site, f *foreign) {
			f.create(t, s.templateName(t), "", "")
		}, []string{"naming the template", "42P04"}, false},
		{"somebody drops it before publishing", "template", func(t *testing.T, s *site, f *foreign) {
			do(t, f.admin, "DROP DATABASE "+databaseName(t, s.target)+"_template_"+s.runs(t)[1])
		}, []string{"naming the template", "3D000"}, false},
		{"somebody replaces it before publishing", "template", func(t *testing.T, s *site, f *foreign) {
			made := databaseName(t, s.target) + "_template_" + s.runs(t)[1]
			do(t, f.admin, "DROP DATABASE "+made)
			f.create(t, made, "", "")
		}, []string{"naming the template", "is not the one that was looked at"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			s, f := templateSite(t, srv), &foreign{admin: srv.url("postgres")}
			o := s.stoppedAt(t, c.point, func() { c.spoil(t, s, f) })
			o.want(t, exitLate, append(c.words, "the target is published, but: there is no template for branches")...)
			if got := ask(t, s.target, generationsQuery); got != onlyGeneration(2) {
				t.Errorf("the target holds %q", got)
			}
			f.expectUnchanged(t)
			if left := siblings(t, srv, s.target); len(left) != len(f.names) {
				t.Errorf("beside the target there are %v, want %v", left, f.names)
			}
			s.expectTold(t, c.words[0])
			if n := strings.Count(o.stdout+o.stderr, "there is no template for branches"); n != 1 {
				t.Errorf("the terminal says %d times that there is no template: %v", n, o)
			}
			for _, n := range f.names {
				do(t, f.admin, "DROP DATABASE "+catalog.Quote(n))
			}
			s.mustRefresh(t)
			s.expectTemplate(t, srv, 2)
		})
	}
}

// expectTold checks that the end of the last run in the ledger and the last notification have the words.
func (s *site) expectTold(t *testing.T, words string) {
	t.Helper()
	records := s.ledger(t)
	if end := records[len(records)-1]; end.Outcome == nil || !end.Outcome.Published || !strings.Contains(strings.Join(end.Outcome.Notes, "\n"), words) {
		t.Errorf("the ledger ends with %+v, want %q in its notes", end.Outcome, words)
	}
	sent, err := os.ReadFile(filepath.Join(s.dir, "notified.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sent)), "\n")
	if last := lines[len(lines)-1]; !strings.Contains(last, words) || !strings.Contains(last, `"exit":6`) {
		t.Errorf("the last notification is %s", last)
	}
}

// stoppedAt runs a refresh, and calls between while masker is stopped at a point. If the point is "", between is called
// first.
func (s *site) stoppedAt(t *testing.T, point string, between func()) outcome {
	t.Helper()
	if point == "" {
		between()
		return s.refresh(t)
	}
	s.binary = maskerWithFaults(t)
	s.env = append(s.env, "MASKER_FAULT=stop:"+point)
	run := s.start(t, "run", "--flow", "nightly")
	s.env = s.env[:len(s.env)-1]
	await(t, "the refresh to stop at "+point, func() bool { return stopped(t, run.cmd.Process.Pid) })
	between()
	run.signal(t, syscall.SIGCONT)
	o := run.wait(t)
	s.sweep(t, o)
	return o
}

// lockTemplate takes a lock on the template that blocks a rename, as a copy of the template does.
// The returned function releases the lock.
func (s *site) lockTemplate(t *testing.T, srv *server) (release func()) {
	t.Helper()
	tx, err := connect(t, srv.url("postgres")).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "COMMENT ON DATABASE "+s.templateName(t)+" IS 'x'"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// A run waits before publishing while somebody copies the old template.
func TestARunWaitsForACopyOfTheTemplate(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := templateSite(t, srv)
	s.mustRefresh(t)
	nextGeneration(t, s.source)
	release := s.lockTemplate(t, srv)
	run := s.start(t, "run", "--flow", "nightly")
	await(t, "the refresh to wait for the lock", func() bool { return strings.Contains(run.stderr.String(), "waiting for process") })
	release()
	run.wait(t).want(t, exitDone, "waiting for process", "which has a lock on database "+s.templateName(t))
	s.expectTemplate(t, srv, 3)
}

// If a lock on the old template stays, the new one cannot get its name. The target is published all the same, and
// clients do not notice.
func TestALockOnTheOldTemplateDoesNotStopPublishing(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := templateSite(t, srv)
	s.flow["connection_patience"] = "1s"
	s.mustRefresh(t)
	nextGeneration(t, s.source)
	clients := poll(t, s.target)
	release := s.lockTemplate(t, srv)
	s.refresh(t).want(t, exitLate, "there is no template for branches: naming the template", "57014", "dropping the template", "55P03")
	clients.check(t, 2, 3)
	if left := siblings(t, srv, s.target); !slices.Equal(left, []string{s.templateName(t)}) {
		t.Errorf("beside the target there are %v, want only the old template", left)
	}
	s.masker(t, "check").want(t, exitDone, "and not of the run that made the target")
	release()
	s.mustRefresh(t)
	s.expectTemplate(t, srv, 3)
}

// A run that is killed leaves the old target and its template, or the new target and its template.
// The next run drops all databases that nobody needs any more.
func TestAKilledRunLeavesNoTemplateForLong(t *testing.T) {
	t.Parallel()
	for target, points := range map[string][]string{
		"old": {"template-copied", "template-marked", "template", "between-renames", "before-commit"},
		"new": {"after-commit", "committed", "pruned"},
	} {
		t.Run(target, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			s := templateSite(t, srv)
			s.mustRefresh(t)
			for _, point := range points {
				s.killedAt(t, point)
				holds := ask(t, srv.url("postgres"), "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '"+s.templateName(t)+"'")
				runs := s.runs(t)
				want := runs[len(runs)-2]
				if target == "new" {
					want = runs[len(runs)-1]
				}
				if !strings.Contains(holds, `"run":"`+want+`"`) {
					t.Errorf("%s: the template has the mark %s, want run %s", point, holds, want)
				}
				s.mustRefresh(t)
				s.expectTemplate(t, srv, 2)
				s.ledgerIsClosed(t, 100)
			}
		})
	}
}

// A rollback drops the template, because it has the rows of another run. The next run makes one again.
func TestRollbackAndRetireDropTheTemplate(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := templateSite(t, srv)
	s.flow["keep_previous"] = "1"
	s.mustRefresh(t)
	s.masker(t, "rollback", "staging", "--reason", "orders are missing").want(t, exitDone, "dropped   "+s.templateName(t)+", the template of another run")
	if left := siblings(t, srv, s.target); len(left) != 1 || !strings.Contains(left[0], "_previous_") {
		t.Errorf("beside the target there are %v", left)
	}
	records := s.ledger(t)
	for _, r := range records[len(records)-2:] {
		if len(r.Rollback.Templates) != 1 || r.Rollback.Templates[0].Name != s.templateName(t) {
			t.Errorf("%s records the templates %v", r.Event, r.Rollback.Templates)
		}
	}
	s.masker(t, "check").want(t, exitDone, "there is no template")
	s.mustRefresh(t)
	s.masker(t, "retire", "staging", "--reason", "the project has ended").want(t, exitDone, "dropped  "+s.templateName(t)+"\n")
	if left := siblings(t, srv, s.target); len(left) > 0 {
		t.Errorf("beside the target there were %v", left)
	}
}

// If the target and its template come from different runs, check says so, and the next run replaces the template.
func TestATemplateOfAnotherRunIsTold(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := templateSite(t, srv)
	s.flow["keep_previous"] = "1"
	s.mustRefresh(t)
	name, admin := databaseName(t, s.target), srv.url("postgres")
	previous := siblings(t, srv, s.target)[1]
	// Somebody renames the databases by hand, as an operator without masker rollback would.
	do(t, admin, "ALTER DATABASE "+name+" RENAME TO "+name+"_away")
	do(t, admin, "ALTER DATABASE "+previous+" RENAME TO "+name)
	do(t, admin, "COMMENT ON DATABASE "+name+" IS "+catalog.Literal(mark("published", name, s.runs(t)[0])))
	s.masker(t, "check").want(t, exitDone, "the template "+s.templateName(t)+" is of run "+s.runs(t)[1]+", and not of the run that made the target")
	do(t, admin, "DROP DATABASE "+name+"_away")
	s.flow["keep_previous"] = "0"
	s.mustRefresh(t)
	s.expectTemplate(t, srv, 2)
}

// The disk fills while the template is copied. The target is published without a template, and nothing of the
// template is left.
func TestAFullDiskOnlyCostsTheTemplate(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "30m")
	own, _ := ownServer(t, pglocal.Options{})
	do(t, own.url("postgres"), "CREATE TABLESPACE small LOCATION '"+disk+"'")
	do(t, own.url("postgres"), "ALTER DATABASE template0 SET TABLESPACE small")
	s := newSite(t, database(t, Server(t), "prod", generations), own.url("staging")).rules(t, generationRules)
	s.canaries = []string{"Real Name 77", "real77@corp.invalid"}
	do(t, s.source, "INSERT INTO visit (person, generation) SELECT 1, 1 FROM generate_series(1, 60000)")
	s.flow["branches"], s.flow["keep_previous"] = "{template: true}", "0"
	o := s.refresh(t)
	o.want(t, exitLate, "the target is published, but: there is no template for branches", "53100")
	if left := siblings(t, own, s.target); len(left) > 0 {
		t.Errorf("left beside the target: %v; %v", left, o)
	}
	if got := ask(t, s.target, "SELECT count(*) FROM visit"); got != "62000" {
		t.Errorf("the target has %s visits", got)
	}
}
