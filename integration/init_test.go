package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// TestDraftedRulesLeadToARefresh is the operator's first hour (issue 2, show 2): init on a database nobody here wrote, a run that
// stops on what init could not guess, its snippet pasted, and a refresh.
func TestDraftedRulesLeadToARefresh(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		review map[string]string // what a reviewer changes in the draft: the plan says which CHECK a result may break
	}{
		{"pagila", nil},
		{"adventureworks", map[string]string{`(?m)^( +)rate: \{.*$`: `${1}rate: {treat: constant, value: 10}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			src, dst := sample(t, c.name), unborn(t, Server(t), "staging")
			s := newSite(t, src, dst)
			s.drafted = true
			if err := os.RemoveAll(filepath.Join(s.dir, "keys")); err != nil {
				t.Fatal(err)
			}
			s.masker(t, "init", "--from", "${PRODUCTION_URL}").want(t, exitDone)
			o := s.masker(t, "run")
			o.want(t, exitRefused, "nothing was read")
			s.paste(t, o)
			for from, to := range c.review {
				s.replace(t, "rules/sample_"+c.name+".yaml", from, to)
			}
			s.masker(t, "run").want(t, exitDone)
			soundDatabase(t, src, dst)
			sameCounts(t, src, dst)
		})
	}
}

// replace edits a file as a reviewer would; the pattern must match.
func (s *site) replace(t *testing.T, file, pattern, with string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	re := regexp.MustCompile(pattern)
	if !re.Match(data) {
		t.Fatalf("%s has nothing like %s:\n%s", file, pattern, data)
	}
	s.write(t, file, re.ReplaceAllString(string(data), with), 0o600)
}
