package source

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// pgDump finds the pg_dump to use: the first of $MASKER_PG_BIN, PATH and Debian's folders, newest
// first, that is at least as new as the server.
func pgDump(ctx context.Context, server int) (string, error) {
	var found []string
	for _, path := range dumpCandidates() {
		major, err := dumpMajor(ctx, path)
		switch {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case err != nil: // not there, or not a pg_dump
		case major >= server:
			return path, nil
		default:
			found = append(found, fmt.Sprintf("%s (%d)", path, major))
		}
	}
	why := "no pg_dump was found"
	if found != nil {
		why = "pg_dump is older than the server: " + strings.Join(found, ", ")
	}
	return "", fmt.Errorf("%s; the server is PostgreSQL %d: install postgresql-client-%d, or set MASKER_PG_BIN to the folder of a newer one", why, server, server)
}

func dumpCandidates() []string {
	var list []string
	if dir := os.Getenv("MASKER_PG_BIN"); dir != "" {
		list = append(list, filepath.Join(dir, "pg_dump"))
	}
	if path, err := exec.LookPath("pg_dump"); err == nil && !slices.Contains(list, path) {
		list = append(list, path)
	}
	installed, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump") // the pattern is well-formed
	slices.SortFunc(installed, func(a, b string) int { return -cmp.Compare(folderMajor(a), folderMajor(b)) })
	for _, path := range installed {
		if !slices.Contains(list, path) {
			list = append(list, path)
		}
	}
	return list
}

func folderMajor(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 sorts a folder that is no version last
	return n
}

// dumpMajor asks a pg_dump for its version: "pg_dump (PostgreSQL) 15.18 (Debian …)".
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
