package main

import (
	"bytes"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/masker-project/masker/internal/pglocal"
)

// TestServerScripts runs the scripts that need a PostgreSQL server. Each script has its own names for three databases:
// $PROD, which exists, $STAGING, and a local copy of staging. $PRODUCTION_URL, $STAGING_URL and $LOCAL_URL are their
// URLs. $MAINTENANCE_URL is the URL of the database postgres, and $SYSTEM_ID is the server's system identifier.
func TestServerScripts(t *testing.T) {
	server, err := pglocal.Start(t.Context(), pglocal.Options{
		Fast: true, Settings: map[string]string{"max_prepared_transactions": "5"}, Log: func(line string) { t.Log(line) },
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	// The demo's server may run as another user, who has to be able to enter the scripts' folders.
	root, err := os.MkdirTemp("", "s-") // short, because the path of a socket has at most 107 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:           "testdata/server",
		WorkdirRoot:   root,
		UpdateScripts: *update,
		Setup: func(e *testscript.Env) error {
			name := strings.ReplaceAll(strings.TrimPrefix(filepath.Base(e.WorkDir), "script-"), "-", "_")
			e.Setenv("PROD", name+"_prod")
			e.Setenv("STAGING", name+"_staging")
			e.Setenv("PRODUCTION_URL", server.URL(name+"_prod"))
			e.Setenv("STAGING_URL", server.URL(name+"_staging"))
			e.Setenv("LOCAL_URL", server.URL(name+"_local"))
			if local, err := url.Parse(e.Getenv("LOCAL_URL")); err == nil {
				password, _ := local.User.Password()
				e.Setenv("LOCAL_PORT", local.Port())
				e.Setenv("LOCAL_PASSWORD", password)
			}
			e.Setenv("MAINTENANCE_URL", server.URL("postgres"))
			e.Setenv("PATH", server.BinDir()+string(filepath.ListSeparator)+e.Getenv("PATH"))
			e.Setenv("SYSTEM_ID", psqlRun(e.Getenv("MAINTENANCE_URL"), e.Getenv("PATH"), "SELECT system_identifier FROM pg_control_system()").out)
			return psqlRun(e.Getenv("MAINTENANCE_URL"), e.Getenv("PATH"), "CREATE DATABASE "+name+"_prod").err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"exits": exits, "sql": sql, "await": await, "hold": hold, "sed": sed, "agent": sshAgent},
	})
}

type answer struct {
	out string
	err error
}

func psqlRun(url, path, query string) answer {
	program := "psql"
	for _, dir := range filepath.SplitList(path) {
		if p, err := exec.LookPath(filepath.Join(dir, "psql")); err == nil {
			program = p
			break
		}
	}
	cmd := exec.Command(program, "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", url)
	cmd.Stdin = strings.NewReader(query)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Run(); err != nil {
		return answer{errs.String(), err}
	}
	return answer{strings.TrimSpace(out.String()), nil}
}

// sql runs a query and compares the result with want: sql $PRODUCTION_URL 'SELECT …' [want].
func sql(ts *testscript.TestScript, neg bool, args []string) {
	a := psqlRun(args[0], ts.Getenv("PATH"), args[1])
	if neg != (a.err != nil) {
		ts.Fatalf("%s: %v %s", args[1], a.err, a.out)
	}
	if len(args) > 2 && a.out != args[2] {
		ts.Fatalf("%s: got %q, want %q", args[1], a.out, args[2])
	}
}

// await repeats a query until the result is as wanted, at most for a minute.
func await(ts *testscript.TestScript, _ bool, args []string) {
	deadline := time.Now().Add(time.Minute)
	for time.Now().Before(deadline) {
		if a := psqlRun(args[0], ts.Getenv("PATH"), args[1]); a.err == nil && a.out == args[2] {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	ts.Fatalf("%s: never %q", args[1], args[2])
}

// hold makes a prepared transaction in the previous database, so that nobody can drop that database.
func hold(ts *testscript.TestScript, _ bool, _ []string) {
	maintenance, path := ts.Getenv("MAINTENANCE_URL"), ts.Getenv("PATH")
	name := psqlRun(maintenance, path, "SELECT datname FROM pg_database WHERE datname LIKE '"+ts.Getenv("STAGING")+"_previous_%'").out
	previous := strings.Replace(ts.Getenv("STAGING_URL"), ts.Getenv("STAGING"), name, 1)
	if a := psqlRun(maintenance, path, "ALTER DATABASE "+name+" ALLOW_CONNECTIONS true"); a.err != nil {
		ts.Fatalf("%v: %s", a.err, a.out)
	}
	if a := psqlRun(previous, path, "BEGIN; CREATE TABLE held (); PREPARE TRANSACTION 'held'"); a.err != nil {
		ts.Fatalf("%v: %s", a.err, a.out)
	}
}

// sed replaces a pattern in a file: sed PATTERN WITH FROM TO.
func sed(ts *testscript.TestScript, _ bool, args []string) {
	text := regexp.MustCompile(args[0]).ReplaceAllLiteralString(ts.ReadFile(args[2]), args[1])
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(text), 0o600))
}

// sshAgent starts OpenSSH's agent with these keys, until the script ends: agent [KEY...].
func sshAgent(ts *testscript.TestScript, _ bool, keys []string) {
	socket := ts.MkAbs("agent.sock")
	cmd := exec.Command("ssh-agent", "-D", "-a", socket)
	ts.Check(cmd.Start())
	ts.Defer(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // the agent was killed, so there is always an error
	})
	ts.Setenv("SSH_AUTH_SOCK", socket)
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(socket); err == nil {
			break
		}
		if time.Now().After(deadline) {
			ts.Fatalf("the ssh-agent made no socket in a minute")
		}
	}
	for _, key := range keys {
		add := exec.Command("ssh-add", "-q", ts.MkAbs(key))
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		if out, err := add.CombinedOutput(); err != nil {
			ts.Fatalf("ssh-add %s: %v: %s", key, err, out)
		}
	}
}
