package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/catalog"
)

// foreign makes databases on the target's server that are not masker's, and checks that masker does not change them.
type foreign struct {
	admin string
	names []string
	was   string // the state after the last database was made
}

// create makes a database with a comment. The database is a copy of template. If template is "", the database is
// empty.
func (f *foreign) create(t *testing.T, name, template, comment string) {
	t.Helper()
	if template == "" {
		template = "template0"
	}
	do(t, f.admin, "CREATE DATABASE "+catalog.Quote(name)+" TEMPLATE "+catalog.Quote(template))
	do(t, f.admin, "COMMENT ON DATABASE "+catalog.Quote(name)+" IS '"+strings.ReplaceAll(comment, "'", "''")+"'")
	f.names = append(f.names, name)
	f.was = f.state(t)
}

// state returns the names and properties of those databases that still exist.
func (f *foreign) state(t *testing.T) string {
	t.Helper()
	return strings.Join(askAll(t, f.admin, `SELECT datname, oid, shobj_description(oid, 'pg_database'), datacl, datconnlimit, datallowconn FROM pg_database
		WHERE datname IN ('`+strings.Join(f.names, "', '")+`') ORDER BY datname`), "\n")
}

// expectUnchanged checks that the databases have not changed.
func (f *foreign) expectUnchanged(t *testing.T) {
	t.Helper()
	if got := f.state(t); got != f.was {
		t.Errorf("the other databases are\n%s\nand were\n%s", got, f.was)
	}
}

// mark returns a mark as masker writes it into a database's comment.
func mark(state, target, run string) string {
	return fmt.Sprintf(`masker: {"state":%q,"target":%q,"run":%q,"ledger":"ledger/","at":"2026-01-02T00:00:00Z"}`, state, target, run)
}

// commentOn returns the comment on a database.
func commentOn(t *testing.T, url string) string {
	t.Helper()
	return ask(t, url, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = current_database()")
}

// runs returns the identifiers of all runs in the ledger, the oldest first.
func (s *site) runs(t *testing.T) []string {
	t.Helper()
	var list []string
	for _, r := range s.ledger(t) {
		if r.Event == "start" {
			list = append(list, r.Run)
		}
	}
	return list
}

// R10: the server has databases with copied marks in each state, and full copies of the target. Some of them have
// exactly the names that masker would give. Masker drops, renames and changes none of them, and the summary names
// them.
func TestR10ACopiedMarkProvesNothing(t *testing.T) {
	t.Parallel()
	s := refreshedSite(t, Server(t)) // this site keeps no previous database, so the names of previous databases are free
	nextGeneration(t, s.source)
	s.mustRefresh(t)
	name, f := databaseName(t, s.target), foreign{admin: Server(t).url("postgres")}
	first, last := s.runs(t)[0], s.runs(t)[1]
	for _, state := range []string{"shadow", "published", "previous", "template"} {
		f.create(t, name+"_bare_"+state, "", mark(state, name, last))
		f.create(t, name+"_copy_"+state, name, mark(state, name, last)) // a full copy, with the table of the provenance
	}
	f.create(t, name+"_verbatim", name, commentOn(t, s.target))
	f.create(t, name+"_previous_"+last, name, mark("previous", name, last))
	f.create(t, name+"_previous_"+first, "", mark("previous", name, first))
	f.create(t, name+"_masker_"+last, name, mark("shadow", name, last))
	f.create(t, name+"_masker_"+first, "", mark("shadow", name, first))
	f.create(t, name+"_previous_zzzzzzzzzzzz", name, mark("previous", name, "zzzzzzzzzzzz"))
	f.create(t, name+"_masker_zzzzzzzzzzzz", name, mark("shadow", name, "zzzzzzzzzzzz"))
	f.create(t, name+"_template_"+last, name, mark("template", name, last))
	f.create(t, name+"_template_"+first, "", mark("template", name, first))
	f.create(t, name+"_masker_template", name, mark("template", name, last))
	for _, keep := range []string{"0", "1", "0"} {
		s.flow["keep_previous"] = keep
		o := s.mustRefresh(t, "--format", "json")
		f.expectUnchanged(t)
		for _, n := range f.names {
			if !strings.Contains(o.stdout, "database "+n+" carries a mark of this target, but") {
				t.Errorf("the summary does not name %s: %v", n, o)
			}
		}
	}
	s.flow["keep_previous"] = "0"
	s.mustRefresh(t)
	if got := len(siblings(t, Server(t), s.target)); got != len(f.names) {
		t.Errorf("%d databases beside the target, want only the %d foreign ones", got, len(f.names))
	}
}

// R10: copies of a mark with a later date do not count as previous databases, so masker still keeps the real one.
func TestR10CopiesDoNotCountAsPreviousDatabases(t *testing.T) {
	t.Parallel()
	s := refreshedSite(t, Server(t))
	s.flow["keep_previous"] = "1"
	s.mustRefresh(t)
	name, f := databaseName(t, s.target), foreign{admin: Server(t).url("postgres")}
	kept := siblings(t, Server(t), s.target)
	for i := range 3 {
		f.create(t, fmt.Sprintf("%s_previous_zzzzzzzzzzz%d", name, i), "", strings.Replace(mark("previous", name, fmt.Sprintf("zzzzzzzzzzz%d", i)), "2026", "2099", 1))
	}
	s.mustRefresh(t)
	f.expectUnchanged(t)
	left := siblings(t, Server(t), s.target)
	if len(kept) != 1 || len(left) != 1+len(f.names) || strings.Contains(strings.Join(left, " "), kept[0]) {
		t.Errorf("the previous database was %v, and now there are %v", kept, left)
	}
	if want := name + "_previous_" + s.runs(t)[2]; !strings.Contains(strings.Join(left, " "), want) {
		t.Errorf("%s is not kept: %v", want, left)
	}
}

// R10: somebody dropped the shadow of a killed run, and another database has the shadow's name and mark. Masker does
// not drop that database.
func TestR10ADeadRunsNameIsNotEnough(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"started", "created", "pre-data", "before-publish"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			s := refreshedSite(t, srv)
			s.killedAt(t, point)
			run := s.runs(t)[1]
			name, f := databaseName(t, s.target), foreign{admin: srv.url("postgres")}
			shadow := name + "_masker_" + run
			do(t, f.admin, "DROP DATABASE IF EXISTS "+shadow+" WITH (FORCE)")
			f.create(t, shadow, "", mark("shadow", name, run))
			s.binary = masker(t)
			s.mustRefresh(t).want(t, exitDone, "database "+shadow+" carries a mark of this target, but")
			f.expectUnchanged(t)
			s.ledgerIsClosed(t, 3)
		})
	}
}

// unproven is a change after which a target is not proven, and the reason in masker's message.
type unproven struct {
	name  string
	spoil func(t *testing.T, s *site, name, admin string)
	why   string
}

// unprovenTargets returns changes after which the target's name belongs to another database, or after which the target
// has lost its proof.
func unprovenTargets() []unproven {
	return []unproven{
		{"a mark alone", func(t *testing.T, s *site, name, admin string) {
			comment := commentOn(t, s.target)
			do(t, admin, "DROP DATABASE "+name)
			f := foreign{admin: admin}
			f.create(t, name, "", comment)
		}, "carries no provenance"},
		{"a whole copy", func(t *testing.T, s *site, name, admin string) {
			comment := commentOn(t, s.target)
			do(t, admin, "ALTER DATABASE "+name+" RENAME TO "+name+"_true")
			f := foreign{admin: admin}
			f.create(t, name, name+"_true", comment)
		}, "it is a copy, or was restored"},
		{"a table that is gone", func(t *testing.T, s *site, _, _ string) {
			do(t, s.target, "DROP SCHEMA masker CASCADE")
		}, "somebody dropped the table"},
		{"a table of another shape", func(t *testing.T, s *site, _, _ string) {
			do(t, s.target, "ALTER TABLE masker.provenance ADD COLUMN more text")
		}, "changed the columns"},
		{"another run in the comment", func(t *testing.T, s *site, name, admin string) {
			do(t, admin, "COMMENT ON DATABASE "+name+" IS '"+mark("published", name, "zzzzzzzzzzzz")+"'")
		}, "its comment names run zzzzzzzzzzzz"},
		{"a changed record", func(t *testing.T, s *site, _, _ string) {
			do(t, s.target, "UPDATE masker.provenance SET inclusion = replace(inclusion, 'production', 'productiox')")
		}, "does not prove its record"},
		{"a kept one under its name", func(t *testing.T, s *site, name, admin string) {
			do(t, admin, "COMMENT ON DATABASE "+name+" IS '"+mark("previous", name, s.runs(t)[0])+"'")
		}, "masker did not make it"},
	}
}

// R10: masker does not replace a database that is not proven to be its target. Run, check and doctor print the same
// message. Masker replaces the database after adopt: names it.
func TestR10OnlyAProvenTargetIsReplaced(t *testing.T) {
	t.Parallel()
	for _, c := range unprovenTargets() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			srv := Server(t)
			s := refreshedSite(t, srv)
			name, admin := databaseName(t, s.target), srv.url("postgres")
			c.spoil(t, s, name, admin)
			adopt := ask(t, s.target, "SELECT system_identifier || '/' || current_database() FROM pg_control_system()")
			f := foreign{admin: admin, names: []string{name}}
			f.was = f.state(t)
			said := map[string]string{}
			for _, verb := range []string{"run", "check"} {
				o := s.masker(t, verb, "--flow", "nightly")
				o.want(t, exitRefused, c.why, `adopt: "`+adopt+`"`)
				_, said[verb], _ = strings.Cut(o.stderr, "the target is refused")
			}
			if said["run"] != said["check"] || said["run"] == "" {
				t.Errorf("run says %q, check %q", said["run"], said["check"])
			}
			s.masker(t, "doctor", "--flow", "nightly").want(t, exitFailed, c.why, `adopt: "`+adopt+`"`)
			f.expectUnchanged(t)

			s.adopt = adopt
			s.masker(t, "check", "--flow", "nightly").want(t, exitDone)
			s.mustRefresh(t)
			s.adopt = ""
			s.mustRefresh(t)
			for _, left := range siblings(t, srv, s.target) {
				if strings.Contains(left, "_previous_") {
					t.Errorf("%s was adopted and replaced, but masker did not drop it", left)
				}
			}
		})
	}
}

// R10: a ledger that was restored from a backup does not know the newest databases on the server. Masker drops none of
// them.
func TestR10AnOlderLedgerDropsNothing(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	s.flow["keep_previous"] = "1"
	backup := filepath.Join(t.TempDir(), "ledger")
	if err := os.CopyFS(backup, os.DirFS(filepath.Join(s.dir, "ledger"))); err != nil {
		t.Fatal(err)
	}
	s.mustRefresh(t)
	s.killedAt(t, "pre-data")
	s.binary = masker(t)
	name, f := databaseName(t, s.target), foreign{admin: srv.url("postgres")}
	f.names = append(siblings(t, srv, s.target), name)
	f.was = f.state(t)
	if len(f.names) != 3 {
		t.Fatalf("there are %v, want a shadow, a previous database and the target", f.names)
	}
	if err := os.RemoveAll(filepath.Join(s.dir, "ledger")); err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(filepath.Join(s.dir, "ledger"), os.DirFS(backup)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(s.dir, "ledger/signer.key"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.refresh(t).want(t, exitRefused, "does not continue")
	s.masker(t, "check", "--flow", "nightly").want(t, exitRefused, "does not continue")
	f.expectUnchanged(t)

	// If the target does not exist, nothing shows that the ledger is old. Masker still does not drop databases that
	// it does not know.
	do(t, f.admin, "DROP DATABASE "+name)
	f.names = f.names[:2]
	f.was = f.state(t)
	s.flow["keep_previous"] = "0"
	for range 2 {
		s.mustRefresh(t).want(t, exitDone, "this ledger has no record of run")
		f.expectUnchanged(t)
	}
}

// R10: another role makes databases and copies masker's marks to them. Masker's role has the least rights. Masker
// does not change these databases.
func TestR10AnotherRolesDatabasesStay(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	staging := newDatabaseURL(t, srv, "staging")
	refresher := role(t, srv, "refresher", "CREATEDB IN ROLE pg_signal_backend", staging)
	mallory := role(t, srv, "mallory", "CREATEDB")
	t.Cleanup(func() { dropAll(t, srv, databaseName(t, staging)) }) // drop the databases before the roles
	s := newSite(t, database(t, srv, "prod", small), as(t, staging, refresher)).rules(t, smallRules)
	s.canaries = []string{"CANARY-", "let " + refresher}
	s.flow["keep_previous"] = "0"
	s.mustRefresh(t)
	name, f := databaseName(t, staging), foreign{admin: as(t, srv.url("postgres"), mallory)}
	for _, state := range []string{"shadow", "previous"} {
		f.create(t, name+"_"+state, "", mark(state, name, s.runs(t)[0]))
	}
	f.create(t, name+"_previous_"+s.runs(t)[0], "", mark("previous", name, s.runs(t)[0]))
	f.create(t, name+"_published", "", commentOn(t, staging))
	s.mustRefresh(t).want(t, exitDone, "it is left as it is")
	f.expectUnchanged(t)
	if got := len(siblings(t, srv, staging)); got != len(f.names) {
		t.Errorf("%d databases beside the target, want only the %d foreign ones", got, len(f.names))
	}
}
