package integration

import (
	"io/fs"
	"os"
	"path/filepath"
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
	giveTo(t, dir, local.DataDir())
	standby, _ := ownServer(t, pglocal.Options{Dir: dir})
	return standby
}

// giveTo gives a folder and everything in it to the owner of another folder. Only root needs to do so, because its servers run
// as another user.
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
