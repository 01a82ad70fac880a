package settings

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Whoever may change the file of subset.more must not be able to stop masker, or to fill its memory.
func TestFilesOfMore(t *testing.T) {
	dir := t.TempDir()
	c := New(filepath.Join(dir, "masker.yaml"), nil)
	for name, made := range map[string]error{
		"good":   os.WriteFile(filepath.Join(dir, "good"), []byte("public.t id=1\n"), 0o600),
		"large":  os.WriteFile(filepath.Join(dir, "large"), make([]byte, largestMore+1), 0o600),
		"pipe":   syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
		"device": os.Symlink("/dev/zero", filepath.Join(dir, "device")),
		"folder": os.Mkdir(filepath.Join(dir, "folder"), 0o700),
	} {
		if made != nil {
			t.Fatalf("%s: %v", name, made)
		}
	}
	if data, err := c.ReadMore("good"); err != nil || string(data) != "public.t id=1\n" {
		t.Errorf("%q, %v", data, err)
	}
	for name, want := range map[string]string{
		"none": "make it, it may be empty", "large": "larger than 1 MiB; remove lines", "pipe": "not a regular file", "device": "not a regular file", "folder": "not a regular file",
	} {
		if _, err := c.ReadMore(name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
}
