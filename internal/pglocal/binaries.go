package pglocal

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// ErrNoBinaries says that the machine has no PostgreSQL server programs.
var ErrNoBinaries = errors.New("no PostgreSQL server programs: install PostgreSQL 14 or newer, or set MASKER_PG_BIN to the folder of initdb, postgres and pg_dump")

// BinDir is the folder with the whole set of PostgreSQL's programs: $MASKER_PG_BIN, else the one PATH
// leads to, else the newest of the usual places.
func BinDir() (string, error) {
	if dir := os.Getenv("MASKER_PG_BIN"); dir != "" {
		if missing := lacking(dir); missing != "" {
			return "", fmt.Errorf("MASKER_PG_BIN=%s has no %s", dir, missing)
		}
		return filepath.Abs(dir)
	}
	for _, dir := range candidates() {
		if lacking(dir) == "" {
			return dir, nil
		}
	}
	return "", ErrNoBinaries
}

// candidates are folders in order of preference. What PATH names may be a link into the real folder, or a
// wrapper with only the client programs beside it.
func candidates() []string {
	var dirs []string
	for _, name := range []string{"initdb", "postgres", "pg_dump"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		dirs = append(dirs, filepath.Dir(path))
		if real, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/libexec/postgresql*",
		"/opt/homebrew/opt/postgresql@*/bin", "/usr/local/opt/postgresql@*/bin", "/Applications/Postgres.app/Contents/Versions/*/bin",
	} {
		found, _ := filepath.Glob(pattern) // fails only on a malformed pattern
		slices.SortFunc(found, func(a, b string) int { return version(b) - version(a) })
		dirs = append(dirs, found...)
	}
	return dirs
}

// version is the first number in the path: 9 sorts before 15, which text does not do.
func version(path string) int {
	start := strings.IndexAny(path, "0123456789")
	if start < 0 {
		return 0
	}
	end := start
	for end < len(path) && path[end] >= '0' && path[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(path[start:end]) // digits only; too many of them sort last
	return n
}

// lacking names the first program that is not in dir.
func lacking(dir string) string {
	for _, name := range []string{"initdb", "postgres", "pg_dump", "pg_restore", "psql"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return name
		}
	}
	return ""
}
