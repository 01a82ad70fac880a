package program_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/masker-project/masker/pkg/program"
)

func TestFind(t *testing.T) {
	dir := t.TempDir()
	at := filepath.Join(dir, "tell")
	if err := os.WriteFile(at, nil, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, path, want string }{
		{"tell", "/nowhere:" + dir, at},
		{"tell", "/nowhere", ""},
		{"tell", "", ""},
		{"./tell", "/nowhere", at},
		{at, "", at},
	} {
		if got, err := program.Find(c.name, dir, c.path); got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%s in %q: %q, %v", c.name, c.path, got, err)
		}
	}
	t.Chdir(dir)
	if got, err := program.Find("tell", dir, "."); err == nil {
		t.Errorf("a relative folder of PATH leads to %s", got)
	}
}

// R8: Clean does not remove variables with the program's credentials. It removes every variable that decides which
// code the program runs.
func TestR8CleanDropsWhatSteersAProgram(t *testing.T) {
	got := program.Clean(map[string]string{
		"PATH": "/evil", "LD_PRELOAD": "x", "LD_LIBRARY_PATH": "x", "DYLD_INSERT_LIBRARIES": "x", "PGHOST": "x", "PGPASSFILE": "x", "BASH_ENV": "x",
		"BASH_FUNC_x%%": "x", "PYTHONPATH": "x", "PERL5OPT": "x", "NODE_OPTIONS": "x", "MASKER_LEDGER_PATH": "x",
		"VAULT_TOKEN": "t", "HOME": "/home/masker", "AWS_PROFILE": "p",
	})
	want := []string{"PATH=" + program.FixedPath, "AWS_PROFILE=p", "HOME=/home/masker", "VAULT_TOKEN=t"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
