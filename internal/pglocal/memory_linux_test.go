package pglocal_test

import (
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// A server with the option InMemory is in memory if the machine has enough of it. If a user has set TMPDIR, the server
// is below TMPDIR instead.
func TestAServerInMemory(t *testing.T) {
	own := filepath.Join(t.TempDir(), "own")
	if err := os.Mkdir(own, 0o755); err != nil {
		t.Fatal(err)
	}
	openFolders(t, own)
	for _, c := range []struct {
		tmp   string
		wants []string
	}{{own, []string{own}}, {"", withoutTMPDIR(t)}} {
		t.Setenv("TMPDIR", c.tmp)
		s := start(t, pglocal.Options{InMemory: true})
		if root := filepath.Dir(filepath.Dir(s.DataDir())); !slices.Contains(c.wants, root) {
			t.Errorf("TMPDIR=%q: the server is in %s, want %v", c.tmp, root, c.wants)
		}
		if err := s.Stop(); err != nil {
			t.Fatal(err)
		}
		gone(t, filepath.Dir(s.DataDir()))
	}
}

// withoutTMPDIR returns the folders below which the server may be if TMPDIR is not set. It returns one folder if this
// machine clearly has enough memory, or clearly has too little. Otherwise it returns both.
func withoutTMPDIR(t *testing.T) []string {
	t.Helper()
	var fs syscall.Statfs_t
	var memory syscall.Sysinfo_t
	if err := syscall.Sysinfo(&memory); err != nil {
		t.Fatal(err)
	}
	switch err := syscall.Statfs("/dev/shm", &fs); {
	case err != nil || fs.Blocks*uint64(fs.Bsize) < 1<<30:
		return []string{"/tmp"}
	case fs.Bavail*uint64(fs.Bsize) > 8<<30 && memory.Freeram*uint64(memory.Unit) > 8<<30:
		return []string{"/dev/shm"}
	}
	return []string{"/tmp", "/dev/shm"}
}
