package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// R9: if a file of the last approval is missing or damaged, approve refuses and names the file. It never says that
// there is no earlier approval.
func TestR9AMissingOrDamagedApprovalIsReported(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	change := func(pattern string, to func(string) string) func(*testing.T, *site) {
		return func(t *testing.T, s *site) {
			f := s.onlyFile(t, pattern)
			data, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.Remove(f); err != nil {
				t.Fatal(err)
			}
			if text := to(string(data)); text != "" {
				if err := os.WriteFile(f, []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	gone := func(string) string { return "" }
	for name, c := range map[string]struct {
		spoil func(*testing.T, *site)
		words string
	}{
		"plan deleted":       {change("rules/approvals/*.plan.json", gone), "plan"},
		"plan damaged":       {change("rules/approvals/*.plan.json", func(s string) string { return strings.Replace(s, "email", "e-mail", 1) }), "plan"},
		"plan cut":           {change("rules/approvals/*.plan.json", func(s string) string { return s[:len(s)/2] }), "plan"},
		"statement deleted":  {change("rules/approvals/*.author", gone), "author's statement"},
		"approval damaged":   {change("rules/approvals/*.approval", func(s string) string { return strings.Replace(s, "revision: 1", "revision: 0", 1) }), "signature"},
		"approval cut":       {change("rules/approvals/*.approval", func(s string) string { return s[:len(s)/2] }), "signature"},
		"approval truncated": {change("rules/approvals/*.approval", func(string) string { return "\n" }), "signature"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := signed(t, src, dst)
			c.spoil(t, s)
			s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
			s.weaken(t)
			s.signAs(t, "alice")
			o := s.approveAs(t, "bob")
			o.want(t, exitRefused, c.words, "version control")
			if strings.Contains(o.stdout+o.stderr, "no earlier approval") {
				t.Errorf("%v", o)
			}
		})
	}
}

// R9: approve also compares with the approval of a person who may no longer sign.
func TestR9AnApprovalBySomebodyWhoLeftIsShown(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	allowed, err := os.ReadFile(filepath.Join(s.dir, "policy/allowed_signers"))
	if err != nil {
		t.Fatal(err)
	}
	s.sshKeygen(t, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "people-carol")
	public, err := os.ReadFile(filepath.Join(s.dir, "people-carol.pub"))
	if err != nil {
		t.Fatal(err)
	}
	alice, _, _ := strings.Cut(string(allowed), "bob@")
	s.write(t, "policy/allowed_signers", alice+"carol@example.com "+string(public), 0o600)
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.weaken(t)
	s.signAs(t, "alice").want(t, exitDone)
	o := s.approveAs(t, "carol")
	o.want(t, exitDone, "revision 1", "bob@example.com", "public.person.email", "(weaker)")
	if strings.Contains(o.stdout, "there is no earlier approval") {
		t.Errorf("%v", o)
	}
}

// R9: approve also compares with an approval for another target.
func TestR9AnApprovalForAnotherTargetIsShown(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.edit(t, "masker.yaml", "  staging: {kind", "  second: {kind: staging, url: \"${STAGING_URL}\"}\n  staging: {kind")
	s.edit(t, "masker.yaml", "to: staging", "to: second")
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.weaken(t)
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "since revision 1, which was approved", "staging", "(weaker)")
}

// R9: approve also compares with an approval by fewer people than the flow requires now.
func TestR9AnApprovalByTooFewPeopleIsShown(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.edit(t, "masker.yaml", "required: 1", "required: 2")
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.weaken(t)
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "since revision 1, which was approved by 1", "(weaker)")
}

// R9: if the ledger is present, sign and approve notice deleted approvals. If a revision was published with an
// approval, a run refuses other rules with the same revision.
func TestR9TheLedgerKnowsDeletedApprovals(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.masker(t, "run").want(t, exitDone)
	if err := os.RemoveAll(filepath.Join(s.dir, "rules/approvals")); err != nil {
		t.Fatal(err)
	}
	s.weaken(t)
	s.signAs(t, "alice").want(t, exitRefused, "revision 1", "revision: 2", "ledger")

	// On a machine without the ledger, masker does not know that approvals were deleted.
	kept := filepath.Join(t.TempDir(), "ledger")
	if err := os.Rename(filepath.Join(s.dir, "ledger"), kept); err != nil {
		t.Fatal(err)
	}
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "there is no earlier approval")
	if err := os.Rename(kept, filepath.Join(s.dir, "ledger")); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "check").want(t, exitRefused, "revision 1", "other rules")
	s.masker(t, "run").want(t, exitRefused, "revision 1", "other rules")

	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "ledger", "(weaker)")
	s.masker(t, "run").want(t, exitDone)
}

// withoutLedger calls a function while the ledger is missing. An approver's own machine has no ledger either.
func (s *site) withoutLedger(t *testing.T, do func()) {
	t.Helper()
	kept := filepath.Join(t.TempDir(), "ledger")
	if err := os.Rename(filepath.Join(s.dir, "ledger"), kept); err != nil {
		t.Fatal(err)
	}
	do()
	if err := os.Rename(kept, filepath.Join(s.dir, "ledger")); err != nil {
		t.Fatal(err)
	}
}

// R9: an author deletes the last approval, and an approver without the ledger approves. The run refuses this
// approval. The approval names the plan that its signer compared with, and the ledger names a later plan.
func TestR9AnApprovalWithoutTheLatestChangesIsRefused(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src := database(t, srv, "prod", small)
	for name, earlier := range map[string]bool{"nothing": false, "an earlier revision": true} {
		t.Run(name, func(t *testing.T) {
			dst := newDatabaseURL(t, srv, "staging")
			s := signed(t, src, dst)
			if earlier { // revision 1 keeps the mail, revision 2 masks it, revision 3 keeps it again
				s = signedWith(t, src, dst, strings.Replace(strings.Replace(smallRules, "only: [id]", "only: [id, email]", 1), "      email: {class: email, as: person}\n", "", 1))
				s.write(t, "rules/r.yaml", strings.Replace(smallRules, "revision: 1", "revision: 2", 1), 0o600)
				s.signAs(t, "alice").want(t, exitDone)
				s.approveAs(t, "bob").want(t, exitDone)
			}
			s.masker(t, "run").want(t, exitDone)
			kept := s.approvals(t)
			for file, text := range kept {
				if !earlier || line(text, "revision") == "revision: 2" || strings.Contains(file, "-r2.") {
					if err := os.Remove(filepath.Join(s.dir, "rules/approvals", file)); err != nil {
						t.Fatal(err)
					}
				}
			}
			data, err := os.ReadFile(filepath.Join(s.dir, "rules/r.yaml"))
			if err != nil {
				t.Fatal(err)
			}
			s.write(t, "rules/r.yaml", strings.NewReplacer("revision: 1", "revision: 2", "revision: 2", "revision: 3").Replace(string(data)), 0o600)
			s.weaken(t)
			s.withoutLedger(t, func() {
				s.signAs(t, "alice").want(t, exitDone)
				s.approveAs(t, "bob").want(t, exitDone)
			})
			s.masker(t, "check").want(t, exitRefused, "without being shown what changed since revision")
			s.masker(t, "run").want(t, exitRefused, "without being shown what changed since revision")
			for file, text := range kept {
				s.write(t, "rules/approvals/"+file, text, 0o600)
			}
			s.masker(t, "run").want(t, exitRefused, "without being shown what changed since revision")
			s.withoutLedger(t, func() { s.approveAs(t, "bob").want(t, exitDone, "(weaker)") })
			s.masker(t, "run").want(t, exitDone)
		})
	}
}

// R9: an invalid approval of the published plan does not replace the valid approval that was removed.
func TestR9AnInvalidApprovalHidesNothing(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone)
	s.masker(t, "run").want(t, exitDone)
	s.sshKeygen(t, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "people-mallory")
	list, err := filepath.Glob(filepath.Join(s.dir, "rules/approvals/nightly-r2.*.approval"))
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	s.resign(t, "rules/approvals/"+filepath.Base(list[0]), approvalNamespace, "people-mallory", func(st string) string {
		return strings.Replace(st, "bob@example.com", "mallory@example.com", 1)
	})
	s.edit(t, "rules/r.yaml", "revision: 2", "revision: 3")
	s.weaken(t)
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "since revision 2, which the ledger says was approved and published", "mallory@example.com approved revision 2")
	s.masker(t, "run").want(t, exitDone)
}
