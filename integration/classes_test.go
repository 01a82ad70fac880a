package integration

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/masker-project/masker/pkg/archive"
	"github.com/masker-project/masker/pkg/definition"
)

// definitionsOf returns the definitions of a database, as pg_dump writes them.
func definitionsOf(t *testing.T, srv *server, url string) []definition.Definition {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(srv.bin, "pg_dump"), "--format=custom", "--schema-only", "--compress=0", "--dbname="+url).Output()
	if err != nil {
		t.Fatal(err)
	}
	ddl, err := archive.Open(bytes.NewReader(out), int64(len(out)))
	if err != nil {
		t.Fatal(err)
	}
	return definition.Read(ddl.Entries, nil)
}

// R7: the test counts the definitions of public databases in each class, without comments. The numbers change if the
// code classifies a definition in another way. Before you change a number here, read the definitions whose class has
// changed.
func TestR7ClassesOfPublicDatabases(t *testing.T) {
	t.Parallel()
	for name, want := range map[string][4]int{
		"pagila":         {173, 0, 2, 2},
		"adventureworks": {428, 1, 14, 1},
	} {
		t.Run(name, func(t *testing.T) {
			url := sample(t, name)
			var got [4]int
			for _, d := range definitionsOf(t, Server(t), url) {
				if d.Kind == "COMMENT" {
					continue
				}
				got[d.Class]++
				if d.Class != definition.Silent {
					t.Logf("%s %s: %s: %q", d.Kind, d.Name, d.Class, d.Why)
				}
			}
			if got != want {
				t.Errorf("silent, reaching, telling, both: %v, want %v", got, want)
			}
		})
	}
}
