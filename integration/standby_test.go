package integration

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// A standby can be the source. The refresh has the rows that the standby has applied, and writes nothing there.
func TestAStandbyIsTheSource(t *testing.T) {
	t.Parallel()
	primary, local := ownServer(t, pglocal.Options{Settings: map[string]string{"synchronous_commit": "local", "synchronous_standby_names": "*"}})
	if _, err := os.Stat(filepath.Join(primary.bin, "pg_basebackup")); err != nil {
		t.Skipf("skipped: %v", err)
	}
	do(t, primary.url("postgres"), "CREATE DATABASE prod")
	do(t, primary.url("prod"), small)
	standby := standbyOf(t, primary, local)
	do(t, primary.url("prod"), "SET synchronous_commit = remote_apply; INSERT INTO person VALUES (51, 'CANARY-name-51', 'CANARY-mail-51')")

	s := newSite(t, standby.url("prod"), newDatabaseURL(t, Server(t), "staging")).rules(t, smallRules)
	s.canaries = []string{"CANARY-"}
	s.masker(t, "check").want(t, exitDone)
	s.mustRefresh(t)
	if got := ask(t, s.target, "SELECT count(*) FROM person"); got != "51" {
		t.Errorf("the target has %s rows, want 51", got)
	}
	if got := ask(t, standby.url("prod"), "SELECT pg_is_in_recovery()"); got != "t" {
		t.Errorf("the standby left recovery: pg_is_in_recovery is %s", got)
	}
}

// A vacuum on the primary removes rows that the snapshot of a run on the standby still needs. Recovery on the standby
// then ends the session that holds the snapshot, and the reads of the workers (SQLSTATE 40001). The run
// fails, and the error says which settings prevent such a conflict.
func TestF10ARecoveryConflictEndsTheRunWithAHint(t *testing.T) {
	t.Parallel()
	primary, local := ownServer(t, pglocal.Options{Settings: map[string]string{ // the standby gets the same settings
		"autovacuum": "off", "hot_standby_feedback": "off", "max_standby_streaming_delay": "0",
	}})
	if _, err := os.Stat(filepath.Join(primary.bin, "pg_basebackup")); err != nil {
		t.Skipf("skipped: %v", err)
	}
	do(t, primary.url("postgres"), "CREATE DATABASE prod")
	do(t, primary.url("prod"), generations+"CREATE TABLE ballast AS SELECT i, repeat('x', 500) AS x FROM generate_series(1, 100000) i")
	standby := standbyOf(t, primary, local)
	await(t, "the standby to catch up", func() bool { return applied(t, primary, standby) })

	s := newSite(t, standby.url("prod"), newDatabaseURL(t, Server(t), "staging"))
	s.rules(t, strings.TrimSpace(generationRules)+"\n  public.ballast: {keep: rows that do not fit into the buffers of a connection, only: [i, x]}\n")
	s.canaries = []string{"Real Name 77", "real77@corp.invalid"}
	s.flow["keep_previous"], s.flow["workers"] = "0", "2"
	s.mustRefresh(t)
	s.binary = maskerWithFaults(t)
	for starts, point := range []string{"snapshot", "started", "created", "mid-copy", "extent"} {
		t.Run(point, func(t *testing.T) {
			s.env = append(s.env, "MASKER_FAULT=stop:"+point)
			run := s.start(t, "run", "--flow", "nightly")
			s.env = s.env[:len(s.env)-1]
			await(t, "the refresh to stop at "+point, func() bool { return stopped(t, run.cmd.Process.Pid) })
			do(t, primary.url("prod"), "DELETE FROM ballast WHERE i % 10 = "+strconv.Itoa(starts))
			do(t, primary.url("prod"), "VACUUM ballast")
			await(t, "a conflict with recovery", func() bool { return waitsForReaders(t, standby) || applied(t, primary, standby) })
			run.signal(t, syscall.SIGCONT)
			o := run.wait(t)
			o.want(t, exitFailed, "hot_standby_feedback", "max_standby_streaming_delay", "40001")
			s.sweep(t, o)
			if got := ask(t, s.target, generationsQuery); got != onlyGeneration(1) {
				t.Errorf("staging is %q", got)
			}
			if left := siblings(t, Server(t), s.target); len(left) > 0 {
				t.Errorf("the run left %v", left)
			}
			s.ledgerIsClosed(t, starts+2)
		})
	}
	s.mustRefresh(t)
}

// applied reports whether the standby has applied everything that the primary has written.
func applied(t *testing.T, primary, standby *server) bool {
	t.Helper()
	lsn := ask(t, primary.url("postgres"), "SELECT pg_current_wal_insert_lsn()")
	return ask(t, standby.url("postgres"), "SELECT pg_last_wal_replay_lsn() >= '"+lsn+"'") == "t"
}

// waitsForReaders reports whether recovery on the standby is waiting for the end of sessions that it cancelled.
// PostgreSQL shows this only in the title of the recovery process. A session that is sending rows ends only when the
// client reads the rows.
func waitsForReaders(t *testing.T, standby *server) bool {
	t.Helper()
	title, err := os.ReadFile(fmt.Sprintf("/proc/%s/cmdline", ask(t, standby.url("postgres"), "SELECT pid FROM pg_stat_activity WHERE backend_type = 'startup'")))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(title), "waiting")
}

// standbyOf makes a server that follows the primary.
func standbyOf(t *testing.T, primary *server, local *pglocal.Server) *server {
	t.Helper()
	dir, err := os.MkdirTemp("", "masker-standby-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	backup := primary.command(t.Context(), "", "pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-D", filepath.Join(dir, "data"))
	if out, err := backup.CombinedOutput(); err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	password, _ := primary.base.User.Password()
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte(password), 0o600); err != nil {
		t.Fatal(err)
	}
	// A pg_basebackup that is newer than the server writes options of the connection that the server's libpq does not
	// know.
	conninfo := fmt.Sprintf("primary_conninfo = 'host=%s port=%s user=%s password=%s'\n", primary.base.Hostname(), primary.base.Port(), primary.base.User.Username(), password)
	settings, err := os.OpenFile(filepath.Join(dir, "data", "postgresql.auto.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err == nil {
		_, err = settings.WriteString(conninfo) // the last line of a setting counts
		err = errors.Join(err, settings.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	giveTo(t, dir, local.DataDir())
	standby, _ := ownServer(t, pglocal.Options{Dir: dir})
	return standby
}

// giveTo gives a folder and everything in it to the owner of another folder. Only root needs to do so, because its
// servers run as another user.
func giveTo(t *testing.T, dir, like string) {
	t.Helper()
	info, err := os.Stat(like)
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	err = filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
	if err != nil {
		t.Fatal(err)
	}
}
