package integration

import (
	"os"
	"path/filepath"
	"testing"
)

// TestDraftedRulesLeadToARefresh is the operator's first hour: init on a database nobody here wrote, a run that
// stops on what init could not guess, its snippet pasted, and a refresh.
func TestDraftedRulesLeadToARefresh(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"pagila", "adventureworks"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			src, dst := sample(t, name), unborn(t, Server(t), "staging")
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
