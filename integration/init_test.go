package integration

import (
	"os"
	"path/filepath"
	"testing"
)

// The first use of masker with a public database: init drafts rules, a run stops at undecided columns, the test adds the
// lines that the run prints, and the next run succeeds.
func TestDraftedRulesLeadToARefresh(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pagila", "adventureworks"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, dst := sample(t, name), newDatabaseURL(t, Server(t), "staging")
			s := newSite(t, src, dst)
			s.drafted = true
			if err := os.RemoveAll(filepath.Join(s.dir, "keys")); err != nil {
				t.Fatal(err)
			}
			s.masker(t, "init", "--from", "${PRODUCTION_URL}").want(t, exitDone)
			s.edit(t, "masker.yaml", "# allow:", "allow:") // one superuser for both sides
			o := s.masker(t, "run")
			o.want(t, exitRefused, "nothing was read")
			s.paste(t, o)
			s.masker(t, "run").want(t, exitDone)
			soundDatabase(t, src, dst)
			sameCounts(t, src, dst)
		})
	}
}
