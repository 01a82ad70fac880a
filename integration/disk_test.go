package integration

import (
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// Staging stays as it was if the target's disk is full (SQLSTATE 53100). The test puts template0 on a small file
// system, because PostgreSQL puts a new database into the tablespace of its template.
func TestFullDiskLeavesStagingAlone(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "48m")
	target, files := ownServer(t, pglocal.Options{})
	do(t, target.url("postgres"), "CREATE TABLESPACE small LOCATION '"+disk+"'")
	do(t, target.url("postgres"), "ALTER DATABASE template0 SET TABLESPACE small")
	s := newSite(t, database(t, Server(t), "prod", generations), target.url("staging")).rules(t, generationRules)
	s.canaries = []string{"Real Name 77", "real77@corp.invalid"}
	s.mustRefresh(t)
	do(t, s.source, "INSERT INTO visit (person, generation) SELECT 1, 1 FROM generate_series(1, 1000000)")

	o := s.refresh(t)
	o.want(t, exitFailed, "53100", "disk is full")
	if got := ask(t, s.target, generationsQuery); got != onlyGeneration(1) {
		t.Errorf("staging is %q, want %q", got, onlyGeneration(1))
	}
	if left := siblings(t, target, s.target); len(left) > 0 {
		t.Errorf("left beside the target: %v; %v", left, o)
	}
	s.ledgerIsClosed(t, 2)
	for _, dir := range []string{disk, files.DataDir(), filepath.Dir(files.LogFile())} {
		sweepFolder(t, dir, s.canaries)
	}
}

// smallDisk mounts a small file system that the server's user may write to.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	dir, err := os.MkdirTemp("/tmp", "masker-disk-") // the server's user must be able to reach it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "mode=0700,size="+size, "none", dir).CombinedOutput(); err != nil {
		t.Skipf("skipped: only root can mount a small disk: %v %s", err, out)
	}
	t.Cleanup(func() {
		if out, err := exec.Command("umount", "-l", dir).CombinedOutput(); err != nil {
			t.Errorf("umount: %v %s", err, out)
		}
	})
	if u, err := user.Lookup("postgres"); err == nil && os.Getuid() == 0 {
		uid, _ := strconv.Atoi(u.Uid)
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
