package integration

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// weaken changes the rules so that they keep a column that they treated before.
func (s *site) weaken(t *testing.T) {
	t.Helper()
	s.edit(t, "rules/r.yaml", "only: [id]", "only: [id, email]")
	s.edit(t, "rules/r.yaml", "      email: {class: email, as: person}\n", "")
}

// approvals returns the contents of the files in the approvals' folder, by their names.
func (s *site) approvals(t *testing.T) map[string]string {
	t.Helper()
	files := map[string]string{}
	entries, err := os.ReadDir(filepath.Join(s.dir, "rules/approvals"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(s.dir, "rules/approvals", e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name()] = string(data)
	}
	return files
}

// onlyFile returns the path of the only file that matches a pattern.
func (s *site) onlyFile(t *testing.T, pattern string) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(s.dir, pattern))
	if err != nil || len(list) != 1 {
		t.Fatalf("%s: %q, %v", pattern, list, err)
	}
	return list[0]
}

// changesAfterApproval returns changes that can happen after an approval. After each change, masker must still refuse
// other rules with the approved revision.
func changesAfterApproval() map[string]func(t *testing.T, s *site) {
	return map[string]func(t *testing.T, s *site){
		"approved":      func(*testing.T, *site) {},
		"expired since": func(t *testing.T, s *site) { s.expire(t) },
		"by a key that is revoked since": func(t *testing.T, s *site) {
			public, err := os.ReadFile(filepath.Join(s.dir, "people-bob.pub"))
			if err != nil {
				t.Fatal(err)
			}
			s.write(t, "policy/revoked_keys", string(public), 0o600)
		},
		"by somebody who left": func(t *testing.T, s *site) {
			allowed, err := os.ReadFile(filepath.Join(s.dir, "policy/allowed_signers"))
			if err != nil {
				t.Fatal(err)
			}
			alice, _, _ := strings.Cut(string(allowed), "bob@")
			s.write(t, "policy/allowed_signers", alice, 0o600)
		},
		"for another target": func(t *testing.T, s *site) {
			s.edit(t, "masker.yaml", "  staging: {kind", "  second: {kind: staging, url: \"${STAGING_URL}\"}\n  staging: {kind")
			s.edit(t, "masker.yaml", "to: staging", "to: second")
		},
		"in a file of another name": func(t *testing.T, s *site) {
			f := s.onlyFile(t, "rules/approvals/*.approval")
			if err := os.Rename(f, filepath.Join(filepath.Dir(f), "weekly-r7.x.approval")); err != nil {
				t.Fatal(err)
			}
		},
		"behind a link": func(t *testing.T, s *site) {
			f := s.onlyFile(t, "rules/approvals/*.approval")
			if err := os.Rename(f, filepath.Join(s.dir, "elsewhere")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("../../elsewhere", f); err != nil {
				t.Fatal(err)
			}
		},
		"without its author's statement": func(t *testing.T, s *site) {
			if err := os.Remove(s.onlyFile(t, "rules/approvals/*.author")); err != nil {
				t.Fatal(err)
			}
		},
		"and the rules moved to another folder": func(t *testing.T, s *site) {
			s.write(t, "other/o.yaml", "tables: {}\n", 0o600)
			s.edit(t, "masker.yaml", "rules: [rules/r.yaml]", "rules: [other/o.yaml, rules/r.yaml]")
		},
	}
}

// R9: after rules with a revision were approved, masker does not sign other rules with the same revision. It writes
// no file.
func TestR9ChangedRulesUnderAnApprovedRevisionAreRefused(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	for name, before := range changesAfterApproval() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := signed(t, src, dst)
			before(t, s)
			s.weaken(t)
			files := s.approvals(t)
			s.signAs(t, "alice").want(t, exitRefused, "revision 1", "revision: 2", "rules/r.yaml:2", "sign again")
			if !maps.Equal(files, s.approvals(t)) {
				t.Errorf("a refused signature changed files: %v, were %v", slices.Sorted(maps.Keys(s.approvals(t))), slices.Sorted(maps.Keys(files)))
			}
			if _, err := os.Stat(filepath.Join(s.dir, "other/approvals")); err == nil {
				t.Error("a refused signature made a folder")
			}
		})
	}
}

// R9: masker does not approve changed rules with an approved revision, even if a statement of the author exists.
func TestR9ChangedRulesUnderAnApprovedRevisionAreNotApproved(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	approved := s.approvals(t)
	// Without the approval masker signs the changed rules. Then the approval is put back.
	kept := filepath.Join(t.TempDir(), "approvals")
	if err := os.Rename(filepath.Join(s.dir, "rules/approvals"), kept); err != nil {
		t.Fatal(err)
	}
	s.weaken(t)
	s.signAs(t, "alice").want(t, exitDone)
	for name, text := range approved {
		if strings.HasSuffix(name, ".approval") {
			s.write(t, "rules/approvals/"+name, text, 0o600)
		}
	}
	files := s.approvals(t)
	s.approveAs(t, "bob").want(t, exitRefused, "revision 1", "revision: 2")
	if !maps.Equal(files, s.approvals(t)) {
		t.Error("a refused approval changed files")
	}
}

// R9: the same rules can be signed and approved again. The earlier approval and its plan stay, and the approver sees
// the differences, even if only the schema has changed.
func TestR9TheSameRulesCanBeSignedAndApprovedAgain(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "prod", small)
	s := signed(t, src, newDatabaseURL(t, srv, "staging"))
	before := s.approvals(t)
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone)
	s.masker(t, "run").want(t, exitDone)
	if err := execute(t.Context(), src, "ALTER TABLE person ALTER id TYPE bigint"); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "run").want(t, exitRefused, "not the one that was approved", "public.person.id")
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "since revision 1, which was approved", "public.person.id")
	s.masker(t, "run").want(t, exitDone)
	s.masker(t, "check").want(t, exitDone)
	after := s.approvals(t)
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s has changed", name)
		}
	}
	// The schema changes back. The first approval was given for that schema, and is still valid.
	if err := execute(t.Context(), src, "ALTER TABLE person ALTER id TYPE int"); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "run").want(t, exitDone)
}

// R9: the files of the flow nightly with revision 1 begin with nightly-r1. A flow with the name nightly-r1 is another
// flow.
func TestR9AFlowNameLikeAFileNameIsAnotherFlow(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.edit(t, "masker.yaml", "  nightly:\n", "  nightly-r1:\n    from: production\n    to: staging\n    rules: [rules/other.yaml]\n"+
		"    approvals: {required: 1, signers: policy/allowed_signers}\n    verify: off\n  nightly:\n")
	s.write(t, "rules/other.yaml", smallRules+"\n# the other flow's\n", 0o600)
	before := s.approvals(t)
	flow := []string{"--flow", "nightly-r1", "--as"}
	s.masker(t, append([]string{"sign"}, append(flow, "alice@example.com", "--key", "people-alice")...)...).want(t, exitDone)
	s.masker(t, append([]string{"approve", "--yes"}, append(flow, "bob@example.com", "--key", "people-bob")...)...).want(t, exitDone, "there is no earlier approval")
	after := s.approvals(t)
	for name, text := range before {
		if after[name] != text {
			t.Errorf("%s has changed", name)
		}
	}
}
