package archive_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/masker-project/masker/internal/pglocal"
	"github.com/masker-project/masker/pkg/archive"
)

// shipped returns the paths of archives of a small schema. pg_dump 18.3 wrote them. They are in the repository because
// few machines have this version yet.
func shipped(t testing.TB) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.dump")
	if err != nil || len(paths) != 3 {
		t.Fatalf("%d archives, %v", len(paths), err)
	}
	return paths
}

func TestArchivesOfVersion18(t *testing.T) {
	for _, path := range shipped(t) {
		f := openFile(t, path)
		pipe := strings.Contains(path, "pipe")
		if f.Version != "1.16" || f.Sequential() != pipe {
			t.Errorf("%s: version %s, sequential %v", path, f.Version, f.Sequential())
		}
		if err := f.Locate(); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		want := map[string]string{"one": "1\tname 1\n2\tname 2\n3\tname 3\n\\.\n\n\n", "empty": "\\.\n\n\n"}
		if strings.Contains(path, "inserts") {
			want = map[string]string{"one": "INSERT INTO public.one VALUES (1, 'name 1');\n", "empty": "\n\n"}
		}
		for table, begin := range want {
			if got, err := rowsOf(f, table); err != nil || !strings.HasPrefix(got, begin) {
				t.Errorf("%s, %s: got %q, %v", path, table, got, err)
			}
		}
	}
}

func openFile(t *testing.T, path string) *archive.File {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	f, err := archive.Open(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func rowsOf(f *archive.File, table string) (string, error) {
	for _, e := range f.Entries {
		if e.Desc == "TABLE DATA" && e.Tag == table {
			r, err := f.Data(e)
			if err != nil {
				return "", err
			}
			data, err := io.ReadAll(r)
			return string(data), err
		}
	}
	return "", fmt.Errorf("no data of %s", table)
}

// schema has a table with many chunks, and a table whose only row is larger than every buffer. It also has large
// objects with small and very large OIDs. pg_dump writes very large OIDs as negative numbers.
const schema = `
CREATE TABLE many (id int, digest text, note text);
INSERT INTO many SELECT i, md5(i::text), CASE WHEN i % 3 > 0 THEN E'tab\there' END FROM generate_series(1, 50000) i;
CREATE TABLE wide (v text);
INSERT INTO wide SELECT string_agg(md5(i::text), E'\n') FROM generate_series(1, 100000) i;
CREATE TABLE empty (a int);
CREATE INDEX ON many (digest);
SELECT lo_from_bytea(4294967290, 'large'), lo_from_bytea(2147483648, 'object'), lo_from_bytea(7, '');`

// TestPgDump reads archives of the pg_dump of this machine. The rows must be the same as COPY prints.
func TestPgDump(t *testing.T) {
	server, err := pglocal.Start(t.Context(), pglocal.Options{Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Stop(); err != nil {
			t.Error(err)
		}
	})
	program := func(name string, args ...string) *exec.Cmd {
		return exec.CommandContext(t.Context(), filepath.Join(server.BinDir(), name), append(args, "-d", server.URL("postgres"))...)
	}
	query := func(sql string) string {
		out, err := program("psql", "-Xqc", sql).Output()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return string(out)
	}
	query(schema)
	for _, level := range []string{"0", "1", "9"} {
		for _, pipe := range []bool{false, true} {
			t.Run(fmt.Sprintf("level %s, pipe %v", level, pipe), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "dump")
				cmd := program("pg_dump", "-Fc", "-Z", level, "-f", path)
				if pipe {
					cmd = program("pg_dump", "-Fc", "-Z", level)
					keep(t, cmd, path)
				} else if err := cmd.Run(); err != nil {
					t.Fatal(err)
				}
				f := openFile(t, path)
				if f.Sequential() != pipe {
					t.Errorf("sequential %v", f.Sequential())
				}
				if err := f.Locate(); err != nil {
					t.Fatal(err)
				}
				var all sync.WaitGroup
				for _, table := range []string{"many", "wide", "empty"} {
					want := query("COPY "+table+" TO STDOUT") + "\\.\n\n\n"
					all.Go(func() {
						if got, err := rowsOf(f, table); err != nil || got != want {
							t.Errorf("%s: %d bytes, want %d; %v", table, len(got), len(want), err)
						}
					})
				}
				all.Wait()
			})
		}
	}
}

// keep runs a program and writes its output to a file. The program itself writes to a pipe.
func keep(t *testing.T, cmd *exec.Cmd, path string) {
	t.Helper()
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, out, 0o600); err != nil {
		t.Fatal(err)
	}
}
