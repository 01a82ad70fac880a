package pglocal_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
)

// closed makes a folder that only its owner may enter, like root's home or a folder made with umask 077.
func closed(t *testing.T) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "it's closed") // with a quote and a blank
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

// gone checks that folders do not exist.
func gone(t *testing.T, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		if _, err := os.Lstat(dir); !os.IsNotExist(err) {
			t.Errorf("%s is still there (%v)", dir, err)
		}
	}
}

// If root starts the server, the server runs as another user, who may not enter every folder. The server must work,
// Open must find it through the folder that the caller gave, and Remove must remove both folders.
func TestAServerInAFolderItsUserMayNotEnter(t *testing.T) {
	dir := filepath.Join(closed(t), "demo", "postgres")
	s := start(t, pglocal.Options{Dir: dir, Stay: true})
	home := filepath.Dir(s.DataDir())
	if info, err := os.Stat(home); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the server's folder: %v, %v", info, err)
	}
	if root := os.Geteuid() == 0; root == (home == dir) {
		t.Errorf("root: %v, and the server of %s lives in %s", root, dir, home)
	}
	found, err := pglocal.Open(dir)
	if err != nil || found.URL("postgres") != s.URL("postgres") {
		t.Fatalf("not found again: %v", err)
	}
	s.Kill()
	again := start(t, pglocal.Options{Dir: dir, Stay: true})
	if got := filepath.Dir(again.DataDir()); got != home {
		t.Errorf("it lives in %s now, not in %s", got, home)
	}
	if err := pglocal.Remove(dir); err != nil {
		t.Fatal(err)
	}
	gone(t, home, dir)
	if _, err := ask(t, again.URL("postgres"), "SELECT 'alive'"); err == nil {
		t.Error("the server still answers")
	}
}

func TestATemporaryFolderItsUserMayNotEnter(t *testing.T) {
	t.Setenv("TMPDIR", closed(t))
	s := start(t, pglocal.Options{})
	home := filepath.Dir(s.DataDir())
	if got, err := ask(t, s.URL("postgres"), "SELECT 'alive'"); err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	gone(t, home, s.SocketDir())
}

// The folder that the caller gave is below a link to a closed folder.
func TestALinkIntoAClosedFolder(t *testing.T) {
	link := filepath.Join(t.TempDir(), "link")
	openFolders(t, link)
	if err := os.Symlink(closed(t), link); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(link, "postgres")
	s := start(t, pglocal.Options{Dir: dir, Stay: true})
	home := filepath.Dir(s.DataDir())
	if err := pglocal.Remove(dir); err != nil {
		t.Fatal(err)
	}
	gone(t, home, dir)
}

func TestUmask077(t *testing.T) {
	old := syscall.Umask(0o077)
	t.Cleanup(func() { syscall.Umask(old) })
	parent := t.TempDir()
	if err := os.Chmod(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(parent, "a b", "server")
	s := start(t, pglocal.Options{Dir: dir, Stay: true})
	home := filepath.Dir(s.DataDir())
	if err := pglocal.Remove(dir); err != nil {
		t.Fatal(err)
	}
	gone(t, home, dir)
}

// An attacker who can write the pointer must not be able to make Remove delete another folder.
func TestAPointerElsewhereRemovesNothing(t *testing.T) {
	victim := filepath.Join(t.TempDir(), "masker-pg-victim")
	if err := os.Mkdir(victim, 0o755); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "masker-pg-link")
	if err := os.Symlink(victim, link); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{victim, link, "/etc", "masker-pg-relative", ""} {
		if os.Geteuid() != 0 && target == victim {
			continue // without root, the folder belongs to the user of the server
		}
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "elsewhere"), []byte(target+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := pglocal.Remove(dir); err == nil || !strings.Contains(err.Error(), "elsewhere") {
			t.Errorf("%q: %v", target, err)
		}
		if _, err := os.Stat(dir); err != nil {
			t.Error(err)
		}
	}
	if _, err := os.Stat(victim); err != nil {
		t.Error(err)
	}
}

// A failed start removes the folders that it made. If the machine removes the temporary folder, the next start makes a
// new one.
func TestNothingIsLeftElsewhere(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("skipped: only a server that root starts has a folder elsewhere")
	}
	dir := filepath.Join(closed(t), "postgres")
	tmp := filepath.Join(t.TempDir(), "tmp")
	if err := os.Mkdir(tmp, 0o755); err != nil {
		t.Fatal(err)
	}
	openFolders(t, filepath.Join(tmp, "x"))
	t.Setenv("TMPDIR", tmp)
	if s, err := pglocal.Start(t.Context(), pglocal.Options{Dir: dir, Settings: map[string]string{"no_such_setting": "1"}}); err == nil {
		_ = s.Stop()
		t.Fatal("a wrong setting was taken")
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	s := start(t, pglocal.Options{Dir: dir, Stay: true})
	home := filepath.Dir(s.DataDir())
	if err := s.Stop(); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(home); err != nil {
		t.Fatal(err)
	}
	if _, err := pglocal.Open(dir); err == nil {
		t.Error("found a server whose folder is gone")
	}
	again := start(t, pglocal.Options{Dir: dir, Stay: true})
	if err := pglocal.Remove(dir); err != nil {
		t.Fatal(err)
	}
	gone(t, filepath.Dir(again.DataDir()), dir)
}
