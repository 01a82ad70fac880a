package integration

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
)

// F7: the target's server also has a database with the source's name. A refresh does not copy the source's comment and
// settings to that database, even if its comment has a mark of masker.
func TestF7ADatabaseWithTheSourcesNameStaysAsItIs(t *testing.T) {
	t.Parallel()
	src := database(t, Server(t), "prod", small)
	name := databaseName(t, src)
	do(t, src, "COMMENT ON DATABASE "+name+" IS 'The shop, owner: team blue'")
	do(t, src, "ALTER DATABASE "+name+" SET work_mem = '11MB'")
	there, _ := ownServer(t, pglocal.Options{})
	for _, comment := range []string{
		"somebody else''s",
		`masker: {"state":"published","target":"` + name + `","run":"0123456789ab","ledger":"ledger/","at":"2026-01-02T00:00:00Z"}`,
	} {
		do(t, there.url("postgres"), "DROP DATABASE IF EXISTS "+name)
		do(t, there.url("postgres"), "CREATE DATABASE "+name)
		do(t, there.url("postgres"), "COMMENT ON DATABASE "+name+" IS '"+comment+"'")
		s := newSite(t, src, there.url(unique(t, "staging"))).rules(t, smallRules)
		s.canaries = []string{"CANARY-"}
		bystander := func() string {
			return ask(t, there.url("postgres"), "SELECT shobj_description(oid, 'pg_database'), coalesce(datacl::text, ''), (SELECT count(*) FROM pg_db_role_setting WHERE setdatabase = d.oid) FROM pg_database d WHERE datname = '"+name+"'")
		}
		before := bystander()
		s.mustRefresh(t)
		if after := bystander(); after != before {
			t.Errorf("the database with the source's name has %s, and had %s", after, before)
		}
		do(t, there.url("postgres"), "DROP DATABASE "+catalog.Quote(databaseName(t, s.target)))
	}
}

// F7: source and target are on one server. The test changes the source's comment and a role's setting after pg_dump has
// run and before the shadow is built. The refresh does not undo these changes.
func TestF7TheSourceOnTheSameServerStaysAsItIs(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := smallSite(t)
	name, bystander, admin := databaseName(t, s.source), role(t, srv, "bystander", ""), srv.url("postgres")
	do(t, admin, "COMMENT ON DATABASE "+name+" IS 'in the dump'")
	do(t, admin, "ALTER ROLE "+bystander+" IN DATABASE "+name+" SET work_mem = '5MB'")
	s.binary = maskerWithFaults(t)
	s.env = append(s.env, "MASKER_FAULT=stop:created")
	run := s.start(t, "run", "--flow", "nightly")
	await(t, "the shadow", func() bool { return len(siblings(t, srv, s.target)) > 0 })
	do(t, admin, "COMMENT ON DATABASE "+name+" IS 'changed since'")
	do(t, admin, "ALTER ROLE "+bystander+" IN DATABASE "+name+" SET work_mem = '6MB'")
	await(t, "the refresh to stop", func() bool { return stopped(t, run.cmd.Process.Pid) })
	run.signal(t, syscall.SIGCONT)
	run.wait(t).want(t, exitDone)
	if got := ask(t, admin, "SELECT shobj_description(d.oid, 'pg_database'), setconfig FROM pg_database d JOIN pg_db_role_setting ON setdatabase = d.oid WHERE datname = '"+name+"'"); got != "changed since|{work_mem=6MB}" {
		t.Errorf("the source's database has %s", got)
	}
}

// stopped reports whether a process was stopped by a signal.
func stopped(t *testing.T, pid int) bool {
	t.Helper()
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return strings.HasPrefix(state, "T")
}
