package review

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/masker-project/masker/internal/sketch"
	"github.com/masker-project/masker/pkg/catalog"
	"github.com/masker-project/masker/pkg/plan"
	"github.com/masker-project/masker/pkg/ruleset"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// planOf builds the plan of a database and rules for a staging environment.
func planOf(t *testing.T, db *catalog.Database, set *ruleset.Set) *plan.Plan {
	t.Helper()
	p, err := plan.Build(set, db, "staging")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// built is like planOf, for rules as text. It adds the usual head of a rule file.
func built(t *testing.T, db *catalog.Database, text string) *plan.Plan {
	t.Helper()
	return planOf(t, db, sketch.Rules(t, sketch.Head+text))
}

func shop(t *testing.T) *plan.Plan {
	t.Helper()
	db, set := sketch.Shop(t)
	return planOf(t, db, set)
}

func rich(t *testing.T) *plan.Plan {
	t.Helper()
	db, set := sketch.Rich(t)
	for _, table := range db.Tables {
		table.Size.Rows = 10_000
		for i := range table.Columns {
			table.Columns[i].Stats = catalog.Statistics{Known: true, Distinct: 12} // causes a finding with a figure
		}
	}
	return planOf(t, db, set)
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
