package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/ledger"
)

// templateOf makes the template of a site's target, as a run of a flow with branches: {template: true} does.
func templateOf(t *testing.T, srv *server, s *site) string {
	t.Helper()
	target, run, admin := databaseName(t, s.target), s.runs(t)[len(s.runs(t))-1], srv.url("postgres")
	name := target + "_masker_template"
	do(t, admin, "DROP DATABASE IF EXISTS "+catalog.Quote(name))
	do(t, admin, "CREATE DATABASE "+catalog.Quote(name)+" TEMPLATE "+catalog.Quote(target)+" ALLOW_CONNECTIONS false")
	do(t, admin, "COMMENT ON DATABASE "+catalog.Quote(name)+" IS "+catalog.Literal(mark("template", target, run)))
	var oid uint32
	if _, err := fmt.Sscan(oidOf(t, admin, name), &oid); err != nil {
		t.Fatal(err)
	}
	l, err := ledger.Open(filepath.Join(s.dir, "ledger"), ledger.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Template(run, ledger.Database{Name: name, OID: oid}); err != nil {
		t.Fatal(err)
	}
	return name
}

func oidOf(t *testing.T, admin, name string) string {
	t.Helper()
	return strings.Join(askAll(t, admin, "SELECT oid FROM pg_database WHERE datname = "+catalog.Literal(name)), "")
}

// branchSite returns a site that has a target of generation 1 and its template, and the name of a branch that a test
// may make.
func branchSite(t *testing.T, srv *server) (s *site, name string) {
	t.Helper()
	s = refreshedSite(t, srv)
	templateOf(t, srv, s)
	return s, databaseName(t, s.target) + "_pr"
}

// withFlowFromBranch writes masker.yaml with one more environment, which is the branch, and with a
// flow from the branch.
func (s *site) withFlowFromBranch(t *testing.T, branch, further string) {
	t.Helper()
	const flow = "verify: off, allow: [equal-credentials, source-can-write, target-reads-source], approvals: {required: 0"
	s.write(t, "masker.yaml", strings.NewReplacer("FLOW", flow).Replace(`
environments:
  production: {kind: production, url: "${PRODUCTION_URL}"}
  staging: {kind: staging, url: "${STAGING_URL}"}
  feature: {kind: staging, url: "${BRANCH_URL}"}
  integration: {kind: integration, url: "${INTEGRATION_URL}"}
keys: {default: {file: keys/default.key}}
ledger: {path: ledger/}
flows:
  nightly: {from: production, to: staging, rules: [rules.yaml], keep_previous: 0, FLOW}}
  onward: {from: feature, to: integration, FLOW, signers: nobody-has-to-sign-what-has-no-rules}}
`), 0o600)
	s.drafted = true
	s.env = append(s.env, "BRANCH_URL="+branch, "INTEGRATION_URL="+further)
}

// A6, R10: a branch has a signed step of its own, so it is proven, and a flow from it needs no adoption. The branch is
// still proven after a refresh of its target. A copy of the branch with its name and its mark proves nothing.
func TestA6R10ABranchProvesItself(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	admin, target := srv.url("postgres"), databaseName(t, s.target)
	visitor := connect(t, s.target) // a branch from the template disturbs nobody
	s.masker(t, "branch", "create", "staging", name, "--owner", "jane@example.com", "--purpose", "pull request 4711").want(t, exitDone,
		name+" is a branch of "+target, "run "+s.runs(t)[0], "jane@example.com", "expires in 7 days")
	if err := visitor.Ping(t.Context()); err != nil {
		t.Errorf("the session in the target was ended: %v", err)
	}
	s.withFlowFromBranch(t, srv.url(name), newDatabaseURL(t, srv, "integration"))
	s.masker(t, "provenance", "feature").want(t, exitDone, "Step 2, branch ", "branch "+name, "jane@example.com", "pull request 4711", "No: it was made for environment staging")
	s.mustRefresh(t)
	s.masker(t, "provenance", "feature").want(t, exitDone, "May I trust it? Masker made this database")
	if got := ask(t, srv.url(name), generationsQuery); got != onlyGeneration(1) {
		t.Errorf("the branch holds %q", got)
	}
	s.masker(t, "run", "--flow", "onward").want(t, exitDone)
	s.masker(t, "provenance", "integration").want(t, exitDone, "Step 2, branch ", "Step 3, run ")
	s.masker(t, "fixture", "create", "feature", "--out", "people.sql", "--rows", "20").want(t, exitDone, "people.sql: ")
	s.masker(t, "ledger", "show", "--event", "branch").want(t, exitDone, name, "pull request 4711")
	s.masker(t, "ledger", "verify").want(t, exitDone)

	comment := ask(t, admin, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '"+name+"'")
	do(t, admin, "ALTER DATABASE "+name+" RENAME TO "+name+"_true")
	s.masker(t, "branch", "list", "staging").want(t, exitDone, "a copy of it, or it was renamed")
	f := foreign{admin: admin}
	f.create(t, name, name+"_true", comment)
	s.masker(t, "provenance", "feature").want(t, exitRefused, "it is not the database that run")
	s.masker(t, "run", "--flow", "onward").want(t, exitRefused, "it is not the database that run")
	s.masker(t, "branch", "list", "staging").want(t, exitDone, "no: it is not the database that run")
	for _, verb := range []string{"drop", "reset"} {
		s.masker(t, "branch", verb, "staging", name).want(t, exitRefused, "it is not proven that database "+name)
	}
	f.expectUnchanged(t)
}

// A branch gets the owner, the comment, the privileges and the settings of its target. Until it has them, nobody else
// may enter it.
func TestABranchIsLikeItsTarget(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	admin, target := srv.url("postgres"), databaseName(t, s.target)
	owner, reader := role(t, srv, "owner", ""), role(t, srv, "reader", "")
	for _, sql := range []string{
		"REVOKE CONNECT ON DATABASE %s FROM PUBLIC", "GRANT CONNECT ON DATABASE %s TO " + reader, "ALTER DATABASE %s SET work_mem = '7MB'",
		"ALTER ROLE " + reader + " IN DATABASE %s SET search_path = a, \"b c\"", "ALTER DATABASE %s CONNECTION LIMIT 40", "ALTER DATABASE %s OWNER TO " + owner,
	} {
		do(t, admin, fmt.Sprintf(sql, target))
	}
	was := ask(t, admin, "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '"+target+"'")
	do(t, admin, "COMMENT ON DATABASE "+target+" IS "+catalog.Literal(was+"\nours"))
	created := s.masker(t, "branch", "create", "staging", name, "--expires", "never", "--format", "json")
	created.want(t, exitDone, `"name": "`+name+`"`)
	if strings.Contains(created.stdout, `"bytes": 0`) {
		t.Error("the branch has no size")
	}
	properties := func(db string) string {
		return ask(t, admin, `SELECT pg_get_userbyid(datdba), datacl, datconnlimit, datallowconn, split_part(shobj_description(d.oid, 'pg_database'), E'\n', 2),
			(SELECT array_agg(setrole || array_to_string(setconfig, ';') ORDER BY setrole) FROM pg_db_role_setting WHERE setdatabase = d.oid) FROM pg_database d WHERE datname = '`+db+"'")
	}
	if got, want := properties(name), properties(target); got != want {
		t.Errorf("the branch has %s\nand its target %s", got, want)
	}
	s.masker(t, "branch", "list", "staging", "--format", "json").want(t, exitDone, `"name": "`+name+`"`, `"trusted": true`)
	for _, db := range []string{name, target} { // so that the roles can be dropped
		do(t, admin, "DROP DATABASE "+db)
	}
}

// Create refuses a branch that it cannot make, and leaves no database behind.
func TestABranchThatCannotBeMade(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	admin, template := srv.url("postgres"), databaseName(t, s.target)+"_masker_template"
	create := func(name string, code int, words ...string) {
		t.Helper()
		s.masker(t, "branch", "create", "staging", name).want(t, code, words...)
		if left := askAll(t, admin, "SELECT datname FROM pg_database WHERE datname LIKE '%\\_branching\\_%' AND starts_with(datname, '"+databaseName(t, s.target)+"')"); len(left) > 0 {
			t.Errorf("%s: %v are left", name, left)
		}
	}
	create(databaseName(t, s.target), exitRefused, "is already there")
	create("postgres", exitRefused, "a database postgres is already there", "choose another name")
	create(strings.Repeat("a", 64), exitUsage, "has 64 bytes, and PostgreSQL allows 63")
	create("Feature/X", exitUsage, "may have lower-case letters")
	s.masker(t, "branch", "create", "production", name).want(t, exitRefused, "kind production")
	s.masker(t, "branch", "create", "stagin", name).want(t, exitUsage, "did you mean staging")
	s.masker(t, "branch", "create", "staging", name, "--expires", "soon").want(t, exitUsage, "--expires", "such as 12h, 7d or 4w")
	s.masker(t, "branch", "create", "staging", name, "--purpose", "a\nb").want(t, exitUsage, "--purpose: want one line")

	do(t, admin, "ALTER DATABASE "+template+" ALLOW_CONNECTIONS true")
	visitor := connect(t, srv.url(template))
	create(name, exitRefused, "somebody is in the database that is copied")
	if err := visitor.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	longest := name + strings.Repeat("x", 63-len(name))
	create(longest, exitDone, longest+" is a branch")
	create(longest, exitRefused, "is already there")
}

// A database that has only the name and the mark of a template is not copied.
func TestR10AForeignTemplateIsNotCopied(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s, name := branchSite(t, srv)
	admin, target := srv.url("postgres"), databaseName(t, s.target)
	template := target + "_masker_template"
	do(t, admin, "DROP DATABASE "+template)
	f := foreign{admin: admin}
	f.create(t, template, target, mark("template", target, s.runs(t)[0]))
	s.masker(t, "branch", "create", "staging", name).want(t, exitRefused, "this ledger does not say that run "+s.runs(t)[0]+" made it")
	f.expectUnchanged(t)
	do(t, admin, "COMMENT ON DATABASE "+template+" IS 'ours'")
	s.masker(t, "branch", "create", "staging", name).want(t, exitRefused, "masker did not make it")
}

// If a target has no template, a branch is a copy of the target itself, which is possible only if nobody is in the
// target.
func TestABranchFromTheTarget(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	name := databaseName(t, s.target) + "_pr"
	visitor := connect(t, s.target)
	s.masker(t, "branch", "create", "staging", name).want(t, exitRefused, "has no template, and is in use: process", "branches: {template: true}")
	if err := visitor.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	awaitNobody(t, srv, databaseName(t, s.target))
	s.masker(t, "branch", "create", "staging", name).want(t, exitDone)
	s.target = srv.url(name)
	s.masker(t, "provenance", "staging").want(t, exitDone, "Step 2, branch")
	s.masker(t, "branch", "create", "staging", name+"2").want(t, exitRefused, "is itself a branch")
}

// awaitNobody waits until the server has noticed that all sessions in a database have ended.
func awaitNobody(t *testing.T, srv *server, name string) {
	t.Helper()
	for ask(t, srv.url("postgres"), "SELECT count(*) FROM pg_stat_activity WHERE usesysid IS NOT NULL AND datname = '"+name+"'") != "0" {
		if err := t.Context().Err(); err != nil {
			t.Fatal(err)
		}
	}
}

// A provenance table with a trigger is refused, because the trigger would run as masker's role.
func TestABranchRunsNoTriggerOfOthers(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	name := databaseName(t, s.target) + "_pr"
	for _, sql := range []string{
		"CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN CREATE TABLE ran (); RETURN NEW; END'",
		"CREATE TRIGGER mine BEFORE INSERT ON masker.provenance FOR EACH ROW EXECUTE FUNCTION mine()",
	} {
		do(t, s.target, sql)
	}
	s.masker(t, "branch", "create", "staging", name).want(t, exitRefused, "somebody changed the table masker.provenance")
	if left := family(t, srv, name); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	do(t, s.target, "DROP TRIGGER mine ON masker.provenance; DROP FUNCTION mine()")
	awaitNobody(t, srv, databaseName(t, s.target))
	s.masker(t, "branch", "create", "staging", name).want(t, exitDone)
}

// If the disk fills while a database is copied, nothing is left of the copy.
func TestABranchOnAFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "48m")
	srv, _ := ownServer(t, pglocal.Options{})
	do(t, srv.url("postgres"), "CREATE TABLESPACE small LOCATION '"+disk+"'")
	do(t, srv.url("postgres"), "ALTER DATABASE template0 SET TABLESPACE small")
	s := newSite(t, database(t, Server(t), "prod", generations), srv.url("staging")).rules(t, generationRules)
	s.mustRefresh(t)
	var free syscall.Statfs_t
	if err := syscall.Statfs(disk, &free); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(disk, "filler"), make([]byte, int(free.Bfree)*int(free.Bsize)-2<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "branch", "create", "staging", "staging_pr").want(t, exitFailed, "53100", "free space there, or drop branches that nobody needs")
	if left := family(t, srv, "staging_"); len(left) > 0 {
		t.Errorf("%v are left", left)
	}
	if err := os.Remove(filepath.Join(disk, "filler")); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "branch", "create", "staging", "staging_pr").want(t, exitDone)
}

// A run makes the template, and branches are made from it while people work in the target. After a rollback there is no
// template, and the target itself is copied.
func TestABranchFromTheTemplateOfARun(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := refreshedSite(t, srv)
	s.flow["branches"], s.flow["keep_previous"] = "{template: true}", "1"
	s.mustRefresh(t)
	name := databaseName(t, s.target) + "_pr"
	visitor := connect(t, s.target)
	s.masker(t, "branch", "create", "staging", name).want(t, exitDone, "run "+s.runs(t)[1])
	s.masker(t, "branch", "reset", "staging", name).want(t, exitDone, "run "+s.runs(t)[1])
	if got := ask(t, srv.url(name), generationsQuery); got != onlyGeneration(2) {
		t.Errorf("the branch holds %q", got)
	}
	if err := visitor.Ping(t.Context()); err != nil {
		t.Errorf("the session in the target was ended: %v", err)
	}
	s.masker(t, "rollback", "staging", "--reason", "orders are missing").want(t, exitDone)
	s.masker(t, "branch", "create", "staging", name+"2").want(t, exitDone, "run "+s.runs(t)[0])
	if got := ask(t, srv.url(name+"2"), generationsQuery); got != onlyGeneration(1) {
		t.Errorf("the branch after the rollback holds %q", got)
	}
	s.mustRefresh(t)
	if found := list(t, s); len(found) != 2 || !found[0].Trusted || !found[1].Trusted {
		t.Errorf("after the next run the branches are %+v", found)
	}
}
