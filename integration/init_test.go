package integration

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The first use of masker with a public database: init drafts rules, a run stops at undecided columns, the test adds
// the lines that the run prints, and the next run succeeds.
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
			s.edit(t, "masker.yaml", "# allow:", "allow:") // the test has one superuser for both sides, which this line allows
			o := s.masker(t, "run")
			o.want(t, exitRefused, "nothing was read")
			s.paste(t, o)
			s.masker(t, "run").want(t, exitDone)
			soundDatabase(t, src, dst)
			sameCounts(t, src, dst)
		})
	}
}

// Init asks the source whether results of its guesses satisfy the CHECK constraints. A guess whose results break a
// constraint becomes a TODO line. masker check accepts the draft as soon as the TODO lines are rules.
func TestInitDraftsNothingThatAConstraintRefuses(t *testing.T) {
	t.Parallel()
	src := database(t, Server(t), "init_src", `CREATE TABLE person (id int PRIMARY KEY, email text CHECK (email ~ '@'),
		phone text CHECK (phone ~ '^\+[0-9]{6,15}$'), mobile text NOT NULL CHECK (mobile ~ '^\+[0-9]{6,15}$'),
		fax text NOT NULL UNIQUE CHECK (fax ~ '^\+[0-9]{6,15}$'))`)
	s := newSite(t, src, newDatabaseURL(t, Server(t), "init_dst"))
	s.drafted = true
	if err := os.RemoveAll(filepath.Join(s.dir, "keys")); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "init", "--from", "${PRODUCTION_URL}").want(t, exitDone)
	s.edit(t, "masker.yaml", "# allow:", "allow:") // the test has one superuser for both sides, which this line allows
	files, err := filepath.Glob(filepath.Join(s.dir, "rules", "*.yaml"))
	if err != nil || len(files) != 1 {
		t.Fatalf("rule files: %q, %v", files, err)
	}
	draft := readText(t, files[0])
	for _, want := range []string{
		"      email:  {class: email", "      # phone:  {treat: 'null'} # TODO: public.person.phone becomes fake.phone, and CHECK constraint person_phone_check refuses that",
		`      # mobile: {treat: mask, cover: class, separators: keep} # TODO: `,
		`      # fax:    {keep: "drafted by init, review: a constraint does not allow the usual treatments"} # TODO: `,
	} {
		if !strings.Contains(draft, want) {
			t.Errorf("the draft lacks %s\n%s", want, draft)
		}
	}
	uncommented := regexp.MustCompile(`(?m)^( +)# (.*) # TODO: .*$`).ReplaceAllString(draft, "$1$2")
	s.write(t, filepath.Join("rules", filepath.Base(files[0])), uncommented, 0o600)
	s.masker(t, "check").want(t, exitDone)
}
