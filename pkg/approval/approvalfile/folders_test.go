package approvalfile

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// R9: masker writes a file beside the rules completely or not at all. It overwrites no file with other content, and
// does not write through a link.
func TestR9NothingIsWrittenOverAnApprovedPlan(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "approvals")
	path := filepath.Join(dir, "nightly-r1.abc.plan.json")
	for range 2 { // the same content again is not an error
		if err := WriteOnce(path, []byte("approved\n")); err != nil {
			t.Fatal(err)
		}
	}
	refused := func(path string) {
		t.Helper()
		err := WriteOnce(path, []byte("weaker\n"))
		var refused *RefusedError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), path) || !strings.Contains(err.Error(), "version control") {
			t.Errorf("%s: %v", path, err)
		}
	}
	refused(path)
	victim := filepath.Join(t.TempDir(), "victim")
	if err := os.WriteFile(victim, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"link": victim, "dangling": filepath.Join(dir, "nowhere")} {
		at := filepath.Join(dir, name)
		if err := os.Symlink(to, at); err != nil {
			t.Fatal(err)
		}
		refused(at)
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o700); err != nil {
		t.Fatal(err)
	}
	refused(filepath.Join(dir, "folder"))
	for file, want := range map[string]string{path: "approved\n", victim: "theirs"} {
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s holds %q, %v", file, got, err)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "nowhere")); err == nil {
		t.Error("WriteOnce wrote through a link")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".masker-") {
			t.Errorf("WriteOnce left %s behind", e.Name())
		}
	}
}
