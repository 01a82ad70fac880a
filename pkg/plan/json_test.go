package plan

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// shop is the plan of sketch.Shop.
func shop(t *testing.T) *Plan {
	t.Helper()
	db, set := sketch.Shop(t)
	p, err := Build(set, db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestPlanAsJSON(t *testing.T) {
	p := shop(t)
	p.Fingerprint = "…"
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "shop.json", append(data, '\n'))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (run with -update and read the diff); got\n%s", path, got)
	}
}
