package integration

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/notify"
)

// keptSite is a site whose staging holds generation 2, and whose previous database holds generation 1.
func keptSite(t *testing.T, srv *server) *site {
	t.Helper()
	s := refreshedSite(t, srv)
	s.flow["keep_previous"] = "1"
	s.mustRefresh(t)
	return s
}

// Rollback puts the previous database back, with its proof. A second rollback undoes the first, and the next refresh
// replaces the target as usual and drops what is not kept.
func TestRollbackPutsThePreviousDatabaseBack(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	visitor := connect(t, s.target)
	for _, generation := range []int{1, 2, 1} {
		s.masker(t, "rollback", "staging", "--reason", "orders are missing").want(t, exitDone, "is the database of run "+s.runs(t)[generation-1])
		if got := ask(t, s.target, generationsQuery); got != onlyGeneration(generation) {
			t.Fatalf("the target holds %q, want generation %d", got, generation)
		}
		s.masker(t, "provenance", "staging").want(t, exitDone, "May I trust it? Masker made this database")
		if left := siblings(t, srv, s.target); len(left) != 1 {
			t.Fatalf("beside the target there are %v", left)
		}
	}
	if err := visitor.Ping(t.Context()); err == nil {
		t.Error("the session in the old target was not ended")
	}
	s.masker(t, "ledger", "show", "--event", "rolled-back").want(t, exitDone, "orders are missing")
	if got := s.notified(t); got.Event != "rollback" || got.Target != "staging" || got.Reason != "orders are missing" || got.Actor == "" || got.Run != s.runs(t)[0] || got.Exit != 0 {
		t.Errorf("the last notification is %+v", got)
	}
	s.masker(t, "ledger", "verify").want(t, exitDone)
	s.mustRefresh(t)
	left := siblings(t, srv, s.target)
	if len(left) != 1 || !strings.Contains(left[0], "_previous_"+s.runs(t)[2]) {
		t.Errorf("the refresh after the rollbacks left %v", left)
	}
	if got := ask(t, srv.url(left[0]), generationsQuery); got != onlyGeneration(1) {
		t.Errorf("the kept database holds %q", got)
	}
}

// Rollback refuses to put back a database that is not proven, and needs a reason.
func TestRollbackNeedsAProvenPreviousDatabase(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	name, admin := databaseName(t, s.target), srv.url("postgres")
	kept := siblings(t, srv, s.target)[0]
	s.masker(t, "rollback", "staging").want(t, exitUsage, "--reason")
	s.masker(t, "rollback", "stagin", "--reason", "x").want(t, exitUsage, "did you mean staging")
	s.masker(t, "rollback", "production", "--reason", "x").want(t, exitRefused, "kind production")

	// Somebody puts a copy, with all marks, into the place of the previous database.
	comment := ask(t, admin, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '"+kept+"'")
	do(t, admin, "ALTER DATABASE "+kept+" RENAME TO "+name+"_true")
	f := foreign{admin: admin}
	f.create(t, kept, name+"_true", comment)
	s.masker(t, "rollback", "staging", "--reason", "x").want(t, exitRefused, "proves no previous database", "it is not the database that run")
	f.expectUnchanged(t)
	do(t, admin, "DROP DATABASE "+kept)
	do(t, admin, "ALTER DATABASE "+name+"_true RENAME TO "+kept)

	// Somebody changes the previous database's provenance.
	do(t, srv.url(kept), "UPDATE masker.provenance SET inclusion = replace(inclusion, 'production', 'productiox')")
	s.masker(t, "rollback", "staging", "--reason", "x").want(t, exitRefused, "does not prove its record")
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(2) {
		t.Errorf("a refused rollback changed the target: %q", got)
	}
}

// A rollback that is killed leaves the target as it was, and both databases are still masker's.
func TestAKilledRollbackChangesNothing(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	s.binary = maskerWithFaults(t)
	for _, point := range []string{"before-publish", "between-renames", "before-commit"} {
		s.env = []string{"MASKER_FAULT=" + point}
		if o := s.masker(t, "rollback", "staging", "--reason", "x"); o.code != -1 {
			t.Fatalf("%s: %v", point, o)
		}
		s.env = nil
		if got := ask(t, s.target, generationsQuery); got != onlyGeneration(2) {
			t.Fatalf("%s: the target holds %q", point, got)
		}
	}
	s.masker(t, "rollback", "staging", "--reason", "x").want(t, exitDone)
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(1) {
		t.Errorf("the target holds %q", got)
	}
}

// Retire drops the target and its previous database, and records both. It does not drop databases whose marks are
// copies.
func TestRetireDropsWhatIsProven(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	name, kept := databaseName(t, s.target), siblings(t, srv, s.target)[0]
	f := foreign{admin: srv.url("postgres")}
	f.create(t, name+"_copy", name, mark("previous", name, s.runs(t)[1]))
	f.create(t, name+"_previous_zzzzzzzzzzzz", "", mark("previous", name, "zzzzzzzzzzzz"))
	s.masker(t, "retire", "staging").want(t, exitUsage, "--reason")
	s.masker(t, "retire", "staging", "--reason", "the project has ended").want(t, exitDone,
		"dropped  "+name+"\n", "dropped  "+kept+"\n", "left     database "+name+"_copy carries", "not covered: backups, WAL")
	f.expectUnchanged(t)
	if got := askAll(t, f.admin, "SELECT datname FROM pg_database WHERE datname IN ('"+name+"', '"+kept+"')"); len(got) > 0 {
		t.Errorf("%v are still there", got)
	}
	records := s.ledger(t)
	about, done := records[len(records)-2], records[len(records)-1]
	if about.Event != "retire" || done.Event != "retired" || done.Run != about.Run || len(done.Retirement.Databases) != 2 || done.Retirement.Reason != "the project has ended" {
		t.Errorf("the ledger ends with %+v and %+v", about.Retirement, done.Retirement)
	}
	if got := s.notified(t); got.Event != "retire" || got.Target != "staging" || !slices.Contains(got.Databases, name) || !slices.Contains(got.Databases, kept) {
		t.Errorf("the last notification is %+v", got)
	}
	s.masker(t, "retire", "staging", "--reason", "x").want(t, exitRefused, "there is no database "+name)
	if got := s.notified(t); got.Reason != "the project has ended" {
		t.Errorf("a refused retirement sent %+v", got)
	}
	s.mustRefresh(t)
}

// If no database can be dropped, retire drops none and tells nobody that it did.
func TestRetireThatIsRefusedTellsNobody(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	previous := siblings(t, srv, s.target)[0]
	tx, err := connect(t, srv.url(previous)).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), "CREATE TABLE open (); PREPARE TRANSACTION 'open "+previous+"'"); err != nil {
		t.Fatal(err)
	}
	before := s.notified(t)
	s.masker(t, "retire", "staging", "--reason", "x").want(t, exitRefused, "COMMIT PREPARED or ROLLBACK PREPARED")
	if got := s.notified(t); got.ID != before.ID {
		t.Errorf("a retirement without a drop sent %+v", got)
	}
	if records := s.ledger(t); records[len(records)-1].Event != "retired" || len(records[len(records)-1].Retirement.Databases) > 0 {
		t.Errorf("the ledger ends with %+v", records[len(records)-1])
	}
	do(t, srv.url(previous), "ROLLBACK PREPARED 'open "+previous+"'")
}

// If a drop fails after another one, the exit code says that something has changed, and the ledger and the channels get
// what was dropped.
func TestRetireThatFailsHalfwaySaysWhatIsGone(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	previous := siblings(t, srv, s.target)[0]
	do(t, s.target, "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p WITH (connect = false, slot_name = NONE)")
	s.masker(t, "retire", "staging", "--reason", "x").want(t, exitLate, "1 database dropped, but then: dropping database "+databaseName(t, s.target))
	records := s.ledger(t)
	if done := records[len(records)-1]; done.Event != "retired" || len(done.Retirement.Databases) != 1 || done.Retirement.Databases[0].Name != previous {
		t.Errorf("the ledger ends with %+v", done.Retirement)
	}
	if got := s.notified(t); got.Event != "retire" || !slices.Equal(got.Databases, []string{previous}) {
		t.Errorf("the last notification is %+v", got)
	}
	do(t, s.target, "DROP SUBSCRIPTION s")
}

// Retire also drops the shadow of a refresh that died, and says so.
func TestRetireDropsTheShadowOfADeadRefresh(t *testing.T) {
	t.Parallel()
	s := keptSite(t, Server(t))
	s.killedAt(t, "created")
	s.masker(t, "retire", "staging", "--reason", "the project has ended").want(t, exitDone, "which a refresh that died had left")
	if left := siblings(t, Server(t), s.target); len(left) > 0 {
		t.Errorf("left beside the target: %v", left)
	}
}

// notified returns the last notification of the site.
func (s *site) notified(t *testing.T) (m notify.Message) {
	t.Helper()
	sent, err := os.ReadFile(filepath.Join(s.dir, "notified.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(sent)), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &m); err != nil {
		t.Fatalf("%v: %s", err, lines[len(lines)-1])
	}
	return m
}

// A notification that does not arrive does not change what was done. It is recorded, and the exit code is 6.
func TestARetirementThatNobodyIsToldOfIsRecorded(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	s.flow["notify"] = "[{command: [\"false\"], on: [retire]}]"
	s.masker(t, "retire", "staging", "--reason", "x").want(t, exitLate, "it is done, but a notification was not delivered: command")
	if got := askAll(t, srv.url("postgres"), "SELECT FROM pg_database WHERE datname = '"+databaseName(t, s.target)+"'"); len(got) > 0 {
		t.Error("the target is still there")
	}
	s.masker(t, "ledger", "show", "--event", "notify-failed").want(t, exitDone, "command")
}

// Retire refuses a database that masker did not make, even with the mark and the name of the target.
func TestRetireRefusesWhatIsNotProven(t *testing.T) {
	t.Parallel()
	for _, c := range unprovenTargets() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			s := refreshedSite(t, srv)
			name, admin := databaseName(t, s.target), srv.url("postgres")
			c.spoil(t, s, name, admin)
			f := foreign{admin: admin, names: []string{name}}
			f.was = f.state(t)
			for _, verb := range []string{"retire", "rollback"} {
				s.masker(t, verb, "staging", "--reason", "x").want(t, exitRefused, c.why)
			}
			f.expectUnchanged(t)
		})
	}
}

// A session that the role may not end, or a prepared transaction, is found before the first database is dropped.
func TestRetireDropsAllOrNothing(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	staging := newDatabaseURL(t, srv, "staging")
	refresher := role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend", staging)
	t.Cleanup(func() { dropAll(t, srv, databaseName(t, staging)) })
	s := newSite(t, database(t, srv, "prod", small), as(t, staging, refresher)).rules(t, smallRules)
	s.flow["keep_previous"] = "1"
	s.mustRefresh(t)
	s.mustRefresh(t)
	kept := siblings(t, srv, staging)[0]
	visitor := connect(t, srv.url(kept)) // the session of a superuser, which masker's role may not end
	s.masker(t, "retire", "staging", "--reason", "x").want(t, exitRefused, "database "+kept+" cannot be dropped", "close its session")
	if got := ask(t, srv.url("postgres"), "SELECT count(*) FROM pg_database WHERE datname IN ('"+kept+"', "+catalog.Literal(databaseName(t, staging))+")"); got != "2" {
		t.Errorf("%s of two databases are left", got)
	}
	if err := visitor.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Rollback and retire copy the checkpoint to the checkpoint copy, as a run does. If that fails, they are done all the
// same, and the exit code is 6.
func TestRollbackAndRetireCopyTheCheckpoint(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := keptSite(t, srv)
	copies := filepath.Join(s.dir, "copies")
	if err := os.Mkdir(copies, 0o700); err != nil {
		t.Fatal(err)
	}
	s.ledgerKeys = ", escrow: {file: copies}"
	s.masker(t, "rollback", "staging", "--reason", "orders are missing").want(t, exitDone)
	s.expectCopied(t, copies)
	away := copies + "-away"
	if err := os.Rename(copies, away); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "rollback", "staging", "--reason", "they were there").want(t, exitLate, "it is done, but the checkpoint was not copied to the checkpoint copy", "the folder does not exist")
	records := s.ledger(t)
	if last := records[len(records)-1]; last.Undelivered == nil || last.Undelivered.Channel != "escrow" {
		t.Errorf("the ledger ends with %+v", last)
	}
	if err := os.Rename(away, copies); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "retire", "staging", "--reason", "the project has ended").want(t, exitDone)
	s.expectCopied(t, copies)
}

// expectCopied checks that the newest checkpoint in a folder covers all records of the ledger.
func (s *site) expectCopied(t *testing.T, folder string) {
	t.Helper()
	files, err := os.ReadDir(folder)
	if err != nil || len(files) == 0 {
		t.Fatalf("the checkpoint copy has %d checkpoints, %v", len(files), err)
	}
	if newest, want := files[len(files)-1].Name(), fmt.Sprintf("%019d-", len(s.ledger(t))); !strings.HasPrefix(newest, want) {
		t.Errorf("the newest checkpoint is %s, want %s", newest, want)
	}
}
