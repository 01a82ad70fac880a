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

// BinDir returns a folder that has all PostgreSQL programs that this package needs. It is the folder in $MASKER_PG_BIN
// if the variable is set; if that folder lacks a program, BinDir returns an error. Otherwise it is the folder of the
// programs in PATH. If PATH has no such programs, it is the folder of the newest version that packages have installed.
// If there is no such folder, the error is ErrNoBinaries.
func BinDir() (string, error) {
	if dir := os.Getenv("MASKER_PG_BIN"); dir != "" {
		if missing := missingProgram(dir); missing != "" {
			return "", fmt.Errorf("MASKER_PG_BIN=%s has no program %s; set it to the folder of PostgreSQL's server and client programs", dir, missing)
		}
		return filepath.Abs(dir)
	}
	for _, dir := range candidates() {
		if missingProgram(dir) == "" {
			return dir, nil
		}
	}
	return "", ErrNoBinaries
}

// candidates returns the folders in which PostgreSQL's programs may be, in order of preference. A program in PATH may
// be a link to a program in the folder that has all programs. It may also be a wrapper in a folder that has only the
// client programs.
func candidates() []string {
	var dirs []string
	for _, name := range []string{"initdb", "postgres", "pg_dump"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		dirs = append(dirs, filepath.Dir(path))
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			dirs = append(dirs, filepath.Dir(resolved))
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

// version returns the first number in the path, or 0 if there is none. The folders are sorted by this number, because 9
// would come after 15 as text.
func version(path string) int {
	start := strings.IndexAny(path, "0123456789")
	if start < 0 {
		return 0
	}
	end := start
	for end < len(path) && path[end] >= '0' && path[end] <= '9' {
		end++
	}
	n, _ := strconv.Atoi(path[start:end]) // the text has only digits, so only a number that is too large fails
	return n
}

// missingProgram returns the first program that is missing in dir, or "" if dir has all programs.
func missingProgram(dir string) string {
	for _, name := range []string{"initdb", "postgres", "pg_dump", "pg_restore", "psql"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			return name
		}
	}
	return ""
}
