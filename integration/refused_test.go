package integration

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// small makes a small source whose texts are canaries.
const small = `
CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, email text);
INSERT INTO person SELECT i, 'CANARY-name-' || i, 'CANARY-mail-' || i FROM generate_series(1, 50) i;`

const smallRules = `
revision: 1
packs: [baseline]
tables:
  public.person:
    subject: id
    keep: surrogate key
    only: [id]
    columns:
      name: {class: full_name, as: person}
      email: {class: email, as: person}
`

// smallSite makes a site with the small source, before the first refresh.
func smallSite(t *testing.T) *site {
	t.Helper()
	srv := Server(t)
	s := newSite(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")).rules(t, smallRules)
	s.canaries = []string{"CANARY-"}
	return s
}

// knownProblem is a problem that masker finds before it copies a row, with the exit code and words of the message.
type knownProblem struct {
	name    string
	arrange func(t *testing.T, s *site)
	code    int
	words   []string
}

// sourceProblems returns sources that masker cannot reach, and sources of which it cannot read all rows.
func sourceProblems() []knownProblem {
	return []knownProblem{
		{"unreachable source", func(t *testing.T, s *site) {
			s.source = "postgres://u:hunter2@127.0.0.1:1/prod?sslmode=disable"
			s.canaries = append(s.canaries, "hunter2")
		}, exitFailed, []string{"source production", "nothing listens there"}},
		{"wrong password", func(t *testing.T, s *site) {
			r := role(t, Server(t), "reader", "IN ROLE pg_read_all_data")
			s.source = withRole(t, s.source, r, "hunter2")
			s.canaries = append(s.canaries, "hunter2")
		}, exitFailed, []string{"source production", "wrong password", "28P01"}},
		{"no such database", func(t *testing.T, s *site) {
			s.source = Server(t).url(unique(t, "nowhere"))
		}, exitFailed, []string{"the database does not exist", "3D000"}},
		{"no permission on a table", func(t *testing.T, s *site) {
			r := role(t, Server(t), "reader", "")
			s.source = as(t, s.source, r)
		}, exitRefused, []string{"public.person", "pg_read_all_data"}},
		{"row security that hides rows", func(t *testing.T, s *site) {
			do(t, s.source, "ALTER TABLE person ENABLE ROW LEVEL SECURITY; CREATE POLICY few ON person USING (id < 10)")
			r := role(t, Server(t), "reader", "IN ROLE pg_read_all_data")
			s.source = as(t, s.source, r)
		}, exitRefused, []string{"row security", "public.person", "BYPASSRLS"}},
		{"a sequence that the source's role may not read", func(t *testing.T, s *site) {
			do(t, s.source, "CREATE SEQUENCE hidden")
			r := role(t, Server(t), "reader", "")
			do(t, s.source, "GRANT SELECT ON person TO "+r)
			t.Cleanup(func() { dropAll(t, Server(t), databaseName(t, s.source)) })
			s.source = as(t, s.source, r)
		}, exitRefused, []string{"public.hidden", "pg_read_all_data"}},
	}
}

// targetRoleProblems returns roles of the target that lack a right, or that the configuration does not map.
func targetRoleProblems() []knownProblem {
	return []knownProblem{
		{"a target role without rights", func(t *testing.T, s *site) {
			r := role(t, Server(t), "writer", "")
			s.target = as(t, s.target, r)
		}, exitRefused, []string{"CREATEDB"}},
		{"an extension the target cannot make", func(t *testing.T, s *site) {
			r := role(t, Server(t), "writer", "CREATEDB IN ROLE pg_signal_backend", s.target)
			s.target = as(t, s.target, r)
			do(t, s.source, "CREATE EXTENSION pageinspect; CREATE VIEW pages AS SELECT get_raw_page('person', 0)")
		}, exitRefused, []string{"extension pageinspect", "superuser"}},
		{"event triggers that the target's role cannot make", func(t *testing.T, s *site) {
			r := role(t, Server(t), "writer", "CREATEDB IN ROLE pg_signal_backend", s.target)
			s.target = as(t, s.target, r)
			do(t, s.source, "CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION on_ddl()")
			s.rules(t, smallRules+"objects: {event_triggers: {keep: \"for the test\"}}\n")
		}, exitRefused, []string{"event triggers are kept", "superuser"}},
		{"a second refresh without pg_signal_backend", func(t *testing.T, s *site) {
			r := role(t, Server(t), "writer", "CREATEDB", s.target)
			s.target = as(t, s.target, r)
			s.refresh(t).want(t, exitDone, "GRANT pg_signal_backend")
		}, exitRefused, []string{"cannot end the sessions", "GRANT pg_signal_backend TO"}},
		{"a policy's role that nobody mapped", func(t *testing.T, s *site) {
			r := role(t, Server(t), "app", "")
			do(t, s.source, "ALTER TABLE person ENABLE ROW LEVEL SECURITY; CREATE POLICY all_of_it ON person TO "+r+" USING (true)")
			t.Cleanup(func() { dropAll(t, Server(t), databaseName(t, s.source)) }) // drop the databases before the role
		}, exitRefused, []string{"roles:", "does not map"}},
	}
}

// targetProblems returns targets that masker cannot reach, may not replace, or cannot rename because they are in use.
func targetProblems() []knownProblem {
	return []knownProblem{
		{"unreachable target", func(t *testing.T, s *site) {
			s.target = "postgres://u:hunter2@127.0.0.1:1/staging?sslmode=disable"
			s.canaries = append(s.canaries, "hunter2")
		}, exitFailed, []string{"target staging", "nothing listens there"}},
		{"an existing database nobody adopted", func(t *testing.T, s *site) {
			do(t, Server(t).url("postgres"), "CREATE DATABASE "+databaseName(t, s.target))
			t.Cleanup(func() { dropAll(t, Server(t), databaseName(t, s.target)) })
		}, exitRefused, []string{"masker did not make it", "adopt:"}},
		{"source and target are one", func(t *testing.T, s *site) {
			s.target = s.source
			s.adopt = ask(t, s.source, "SELECT system_identifier || '/' || current_database() FROM pg_control_system()")
		}, exitRefused, []string{"source and target are the same database"}},
		{"a target that is the source, before any advice to adopt", func(t *testing.T, s *site) {
			s.target = s.source
		}, exitRefused, []string{"source and target are the same database"}},
		{"a session of a superuser that publishing cannot end", func(t *testing.T, s *site) {
			do(t, Server(t).url("postgres"), "CREATE DATABASE "+databaseName(t, s.target))
			r := role(t, Server(t), "writer", "CREATEDB IN ROLE pg_signal_backend", s.target)
			do(t, Server(t).url("postgres"), "ALTER DATABASE "+databaseName(t, s.target)+" OWNER TO "+r)
			connect(t, s.target)
			s.target = as(t, s.target, r)
			s.adopt = ask(t, s.source, "SELECT system_identifier FROM pg_control_system()") + "/" + databaseName(t, s.target)
		}, exitRefused, []string{"sessions of superusers", "close them"}},
		{"a prepared transaction in the target", func(t *testing.T, s *site) {
			s.refresh(t).want(t, exitDone)
			do(t, s.target, "BEGIN; CREATE TABLE pending (a int); PREPARE TRANSACTION '"+unique(t, "pending")+"'")
			target, roll := s.target, "ROLLBACK PREPARED '"+unique(t, "pending")+"'"
			t.Cleanup(func() {
				if err := execute(context.Background(), target, roll); err != nil {
					t.Error(err)
				}
			})
		}, exitRefused, []string{"a prepared transaction of", "ROLLBACK PREPARED"}},
	}
}

// ruleProblems returns rules and settings with mistakes.
func ruleProblems() []knownProblem {
	return []knownProblem{
		{"a misspelt treatment", func(t *testing.T, s *site) {
			s.rules(t, strings.Replace(smallRules, "class: email", "class: emial", 1))
		}, exitUsage, []string{"rules.yaml:11:", "emial", `email`}},
		{"a column that does not exist", func(t *testing.T, s *site) {
			s.rules(t, strings.Replace(smallRules, "      email:", "      emails:", 1)) // so email is undecided
		}, exitRefused, []string{"rules.yaml:11:", "emails"}},
		{"a notification with two channels", func(t *testing.T, s *site) {
			s.flow["notify"] = `[{webhook: "https://127.0.0.1:1", slack: "https://127.0.0.1:1"}]`
		}, exitUsage, []string{"masker.yaml:", "notify"}},
		{"a folder for metrics that is gone", func(t *testing.T, s *site) {
			s.canaries, s.extra = nil, "metrics: {textfile: gone}\n"
		}, exitUsage, []string{"masker.yaml:", "gone", "does not exist"}},
	}
}

// machineProblems returns machines without a needed program, and machines with a key or a ledger that masker must not
// trust.
func machineProblems() []knownProblem {
	return []knownProblem{
		{"an old pg_dump", func(t *testing.T, s *site) {
			s.onlyPgDump(t, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 13.1'\n")
		}, exitFailed, []string{"pg_dump is older than the server", "postgresql-client-"}},
		{"no pg_dump", func(t *testing.T, s *site) {
			s.onlyPgDump(t, "")
		}, exitFailed, []string{"no pg_dump was found", "MASKER_PG_BIN"}},
		{"a key others can read", func(t *testing.T, s *site) {
			if err := os.Chmod(filepath.Join(s.dir, "keys/default.key"), 0o644); err != nil {
				t.Fatal(err)
			}
		}, exitUsage, []string{"keys/default.key", "chmod 600"}},
		{"a ledger that cannot be written", func(t *testing.T, s *site) {
			s.write(t, "ledger", "a file where the folder should be", 0o600)
		}, exitFailed, []string{"ledger", "nothing is read"}},
		{"a copy of the checkpoints that is gone", func(t *testing.T, s *site) {
			s.ledgerKeys = ", escrow: {file: gone}"
		}, exitFailed, []string{"checkpoint"}},
		{"a ledger that does not continue the checkpoint copy", func(t *testing.T, s *site) {
			s.write(t, "copies/x", "", 0o600)
			s.ledgerKeys = ", escrow: {file: copies}"
			s.refresh(t).want(t, exitDone)
			if err := os.RemoveAll(filepath.Join(s.dir, "ledger")); err != nil {
				t.Fatal(err)
			}
		}, exitRefused, []string{"checkpoint that this ledger does not continue"}},
	}
}

// L2, L7: check and run report a problem with the same words, before masker copies a row. The message says what is
// wrong and what to do, and holds no password and no row.
func TestCheckAndRunReportKnownProblems(t *testing.T) {
	t.Parallel()
	for _, c := range slices.Concat(sourceProblems(), targetRoleProblems(), targetProblems(), ruleProblems(), machineProblems()) {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := smallSite(t)
			source := s.source
			c.arrange(t, s)
			before := reads(t, source)
			checked := s.masker(t, "check")
			checked.want(t, c.code, c.words...)
			s.masker(t, "doctor").want(t, exitFailed)
			ran := s.refresh(t)
			ran.want(t, c.code, c.words...)
			if why := ran.refusal(); !strings.Contains(checked.stderr, why) {
				t.Errorf("check lacks the message of run:\n%s\ncheck printed:\n%s", why, checked.stderr)
			}
			if after := reads(t, source); after != before {
				t.Errorf("rows were read: %s, before %s", after, before)
			}
		})
	}
}

// onlyPgDump hides the machine's PostgreSQL programs from masker with a mount namespace, and gives masker this pg_dump
// instead.
func (s *site) onlyPgDump(t *testing.T, pgDump string) {
	t.Helper()
	const hide = "mount -t tmpfs none /usr/lib/postgresql"
	if err := exec.Command("unshare", "-m", "sh", "-c", hide).Run(); err != nil {
		t.Skipf("skipped: only root can hide this machine's pg_dump with a mount namespace: %v", err)
	}
	dir := t.TempDir()
	if pgDump != "" {
		if err := os.WriteFile(filepath.Join(dir, "pg_dump"), []byte(pgDump), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	path := os.Getenv("PATH")
	wrapper := fmt.Sprintf("#!/bin/sh\nPATH='%s' exec unshare -m sh -c '%s && PATH=\"%s\" exec \"$0\" \"$@\"' '%s' \"$@\"\n", path, hide, dir, s.binary)
	s.binary = filepath.Join(dir, "masker")
	if err := os.WriteFile(s.binary, []byte(wrapper), 0o755); err != nil {
		t.Fatal(err)
	}
}
