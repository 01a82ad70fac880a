package source

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/masker-project/masker/pkg/sides"
)

// PGDump says which pg_dump may be used.
type PGDump struct {
	// File is the path of the only pg_dump that may be used. If it is "", masker looks for one.
	File string
	// Fixed means that masker looks only in well-known folders. Environment variables can then not choose the program.
	Fixed bool
}

// choose returns the first candidate that is at least as new as the server. The argument server is the server's major
// version.
func (d PGDump) choose(ctx context.Context, server int) (sides.Program, error) {
	var found []string
	for _, path := range d.candidates() {
		sum, err := fileDigest(path)
		if err != nil {
			continue // the file does not exist, or cannot be read
		}
		major, err := dumpMajor(ctx, path)
		switch {
		case ctx.Err() != nil:
			return sides.Program{}, ctx.Err()
		case err != nil: // not a pg_dump
		case major >= server:
			return sides.Program{Path: path, SHA256: sum}, nil
		default:
			found = append(found, fmt.Sprintf("%s (%d)", path, major))
		}
	}
	why := "no pg_dump was found"
	if d.File != "" {
		why = d.File + " is not a pg_dump that can be run"
	}
	if found != nil {
		why = "pg_dump is older than the server: " + strings.Join(found, ", ")
	}
	next := "name a newer one in masker.yaml (pg_dump: FILE)"
	if !d.Fixed {
		next += ", or set MASKER_PG_BIN to its folder"
	}
	return sides.Program{}, fmt.Errorf("%s; the server is PostgreSQL %d: install postgresql-client-%d, or %s", why, server, server, next)
}

// candidates returns the files to try, in order. If File is set, it is the only file. MASKER_PG_BIN and PATH come
// first, unless Fixed is set. Well-known folders come next. Debian's folders for one version come before /usr/bin,
// because /usr/bin/pg_dump is a script that reads environment variables and files of the user.
func (d PGDump) candidates() []string {
	if d.File != "" {
		return []string{d.File}
	}
	var list []string
	add := func(paths ...string) {
		for _, path := range paths {
			if !slices.Contains(list, path) {
				list = append(list, path)
			}
		}
	}
	if !d.Fixed {
		if dir := os.Getenv("MASKER_PG_BIN"); dir != "" {
			add(filepath.Join(dir, "pg_dump"))
		}
		if path, err := exec.LookPath("pg_dump"); err == nil {
			add(path)
		}
	}
	for _, pattern := range []string{
		"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/libpq/bin", "/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/libpq/bin", "/usr/local/bin", "/usr/bin",
	} {
		installed, _ := filepath.Glob(pattern + "/pg_dump") // fails only on a malformed pattern
		slices.SortFunc(installed, func(a, b string) int { return -cmp.Compare(folderMajor(a), folderMajor(b)) })
		add(installed...)
	}
	return list
}

// folderMajor returns the version in the name of the folder above bin (17, pgsql-17, postgresql@17), or 0 if the name
// has no version.
func folderMajor(path string) int {
	name := filepath.Base(filepath.Dir(filepath.Dir(path)))
	n, _ := strconv.Atoi(name[strings.LastIndexAny(name, "-@")+1:])
	return n
}

// unchanged returns an error if the program's file has changed since the program was chosen. The ledger records the
// digest of the file that was chosen.
func unchanged(p sides.Program) error {
	if sum, err := fileDigest(p.Path); err != nil || sum != p.SHA256 {
		return fmt.Errorf("pg_dump: %s was replaced during this run; run again", p.Path)
	}
	return nil
}

func fileDigest(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// dumpMajor runs pg_dump --version and returns the major version. The output is "pg_dump (PostgreSQL) 15.18 (Debian
// …)".
func dumpMajor(ctx context.Context, path string) (int, error) {
	cmd := exec.CommandContext(ctx, path, "--version")
	cmd.Env = childEnv()
	out, err := cmd.Output()
	if err != nil {
		return 0, err
	}
	m := regexp.MustCompile(`^pg_dump \(PostgreSQL\) (\d+)`).FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("not a pg_dump: %s", path)
	}
	return strconv.Atoi(string(m[1]))
}
