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

	"github.com/jackc/pgx/v5"
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
	cmd.Env = inheritedEnv()
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

// dumpEnv tells pg_dump where to connect, through its environment alone, and hands on nothing that is
// none of its business: keys live in the environment too. The address is the one the holder
// reached, for the snapshot exists on that server only.
func dumpEnv(url string, holder *pgx.Conn, app string) ([]string, error) {
	env := inheritedEnv()
	params, err := urlParams(url)
	if err != nil {
		return nil, err
	}
	for name, value := range params {
		if v := libpqEnv(name); v != "" {
			env = append(env, v+"="+value)
		}
	}
	cfg := holder.Config()
	env = append(env, "PGHOST="+cfg.Host, "PGPORT="+strconv.Itoa(int(cfg.Port)), "PGUSER="+cfg.User,
		"PGDATABASE="+cfg.Database, "PGAPPNAME="+app)
	if cfg.Password != "" {
		env = append(env, "PGPASSWORD="+cfg.Password)
	}
	return env, nil
}

// inheritedEnv is what of our own environment a pg_dump may see, also where it is only asked for its version.
func inheritedEnv() []string {
	env := []string{} // not nil, which would mean all of it
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		if inherited(name) {
			env = append(env, kv)
		}
	}
	return env
}

func inherited(name string) bool {
	switch name {
	case "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TMPDIR", "TZ", "LD_LIBRARY_PATH", "OPENSSL_CONF":
		return true
	}
	return strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "LC_") || strings.HasPrefix(name, "KRB5") || strings.HasPrefix(name, "SSL_")
}
