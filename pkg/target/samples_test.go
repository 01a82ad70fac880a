package target_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/sides"
	"github.com/masker-project/masker/pkg/target"
)

// TestSampleDatabasesArriveWhole refreshes targets from databases that other people designed, and compares the schemas.
// MASKER_SAMPLES names a folder of gzipped SQL dumps. The test is skipped without it.
func TestSampleDatabasesArriveWhole(t *testing.T) {
	dumps, _ := filepath.Glob(filepath.Join(os.Getenv("MASKER_SAMPLES"), "*.sql.gz"))
	if os.Getenv("MASKER_SAMPLES") == "" || len(dumps) == 0 {
		t.Skip("MASKER_SAMPLES names no folder of *.sql.gz")
	}
	for _, file := range dumps {
		name := "s_" + filepath.Base(file)[:len(filepath.Base(file))-len(".sql.gz")]
		t.Run(name, func(t *testing.T) {
			create(t, name, "")
			psql := exec.Command("sh", "-c", `gunzip -c "$1" | "$2" -q -X -d "$3"`, "sh", file, filepath.Join(server.BinDir(), "psql"), server.URL(name))
			if out, err := psql.CombinedOutput(); err != nil {
				t.Fatalf("loading: %v\n%s", err, out)
			}
			p := open(t, server.URL(name+"_t"), target.Options{})
			sp := spec(t, name, "run1")
			sp.Decisions = sides.Decisions{ForeignServers: "keep", ForeignTables: "keep", EventTriggers: "keep"}
			sp.Roles = map[string]string{}
			for _, policy := range sp.Source.Policies {
				for _, r := range policy.Roles {
					sp.Roles[r] = r
				}
			}
			s := refresh(t, p, name, sp)
			t.Logf("notes %q", s.Notes())
			got, want := schemaOf(t, name+"_t"), withoutPublications(schemaOf(t, name))
			if got != want {
				a, b := filepath.Join(t.TempDir(), "want"), filepath.Join(t.TempDir(), "got")
				_ = os.WriteFile(a, []byte(want), 0o600)
				_ = os.WriteFile(b, []byte(got), 0o600)
				diff, _ := exec.Command("diff", "-U2", a, b).Output()
				t.Errorf("schema differs:\n%.6000s", diff)
			}
		})
	}
}

func withoutPublications(schema string) string {
	var keep []string
	for line := range strings.Lines(schema) {
		if !strings.HasPrefix(line, "CREATE PUBLICATION ") && !strings.HasPrefix(line, "ALTER PUBLICATION ") {
			keep = append(keep, line)
		}
	}
	return strings.Join(keep, "")
}
