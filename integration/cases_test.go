package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testdata/cases has schemas that once made a refresh fail, each with its rules and the expected outcome. If the
// outcome is "works", two refreshes must succeed. If it is "refused", masker check must refuse the schema before a row
// is read. If it is "either", both are allowed. If it is "stopped", check accepts the schema with a finding, and a
// refresh must stop before a row is read. A case with a file needs.sql runs only on a server on which the file
// succeeds. If a case has a file superuser, the target's role is a superuser.
func TestCases(t *testing.T) {
	t.Parallel()
	folders, err := filepath.Glob("testdata/cases/*")
	if err != nil || len(folders) < 10 {
		t.Fatalf("%d cases, %v", len(folders), err)
	}
	there := targetServer(t)
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			testCase(t, folder, there)
		})
	}
}

func testCase(t *testing.T, folder string, there *server) {
	t.Helper()
	srv := Server(t)
	src, dst := database(t, srv, "case_src", ""), newDatabaseURL(t, there, "case_dst")
	if needs := filepath.Join(folder, "needs.sql"); exists(needs) {
		if out, err := runSQL(t, src, needs); err != nil {
			fmt.Fprintf(os.Stderr, "integration: case %s is not run, because this server lacks something: %s\n", filepath.Base(folder), out)
			t.Skip(string(out))
		}
	}
	script(t, src, filepath.Join(folder, "schema.sql"))
	s := newSite(t, src, dst)
	s.source = as(t, src, role(t, srv, "reader", "BYPASSRLS IN ROLE pg_read_all_data"))
	if s.superuser = exists(filepath.Join(folder, "superuser")); !s.superuser {
		s.target = as(t, dst, role(t, there, "writer", "CREATEDB IN ROLE pg_signal_backend", dst))
	}
	s.rules(t, readText(t, filepath.Join(folder, "rules.yaml")))
	s.flow["verify"] = "strict"
	want := strings.TrimSpace(readText(t, filepath.Join(folder, "outcome")))

	checked := s.masker(t, "check")
	if want == "refused" || want == "either" && checked.code != exitDone {
		if checked.code != exitRefused && checked.code != exitUsage {
			t.Fatalf("check does not refuse the schema: %s", checked)
		}
		t.Logf("refused: %s", checked.stderr)
		return
	}
	if checked.code != exitDone {
		t.Fatalf("check: %s", checked)
	}
	if want == "stopped" {
		if o := s.refresh(t); o.code != exitUsage || strings.Contains(o.stderr, " rows\n") {
			t.Fatalf("run does not stop before the rows: %s", o)
		} else {
			t.Log(o)
		}
		return
	}
	for range 2 {
		o := s.refresh(t)
		if o.code != exitDone {
			t.Fatalf("run: %s", o)
		}
		t.Log(o) // the output with its notes
	}
	if after := filepath.Join(folder, "after.sql"); exists(after) {
		if got, want := psql(t, there, dst, after), psql(t, srv, src, after); got != want {
			t.Errorf("after the refresh the statements have other results than in the source:\n%s\nin the source:\n%s", got, want)
		}
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

func readText(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// script runs a file in psql, and fails the test at the first error.
func script(t *testing.T, db, file string) {
	t.Helper()
	if out, err := runSQL(t, db, file); err != nil {
		t.Fatalf("%s: %v\n%s", file, err, out)
	}
}

// runSQL runs a file in psql up to the first error.
func runSQL(t *testing.T, db, file string) ([]byte, error) {
	t.Helper()
	cmd := shared.command(t.Context(), databaseName(t, db), "psql", "-qX", "-v", "ON_ERROR_STOP=1", "-o", os.DevNull, "-f", "-")
	cmd.Stdin = strings.NewReader(readText(t, file))
	return cmd.CombinedOutput()
}

// psql runs a file in psql and returns the output, errors included.
func psql(t *testing.T, srv *server, db, file string) string {
	t.Helper()
	cmd := srv.command(t.Context(), databaseName(t, db), "psql", "-qXAt", "-f", "-")
	cmd.Stdin = strings.NewReader(readText(t, file))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", file, err, out)
	}
	return string(out)
}
