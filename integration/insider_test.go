package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

// R2: approve compares with the plan of a valid approval. It does not use an approval that the author has forged for an
// earlier revision, which would hide changes from the approver.
func TestR2AForgedApprovalHidesNoChange(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 3")
	s.edit(t, "rules/r.yaml", "only: [id]", "only: [id, email]")
	s.edit(t, "rules/r.yaml", "      email: {class: email, as: person}\n", "")
	s.masker(t, "sign", "--as", "alice@example.com", "--key", "people-alice").want(t, exitDone)

	// Alice forges an approval of revision 2, which never existed, for the plan that she wants approved.
	author, err := os.ReadFile(s.onlyFile(t, "rules/approvals/nightly-r3.*.author"))
	if err != nil {
		t.Fatal(err)
	}
	forged := strings.NewReplacer("kind: author", "kind: approval", "revision: 3", "revision: 2",
		"principal: alice@example.com", "principal: bob@example.com").Replace(string(author))
	statement, _, _ := strings.Cut(forged, "-----BEGIN")
	s.write(t, "rules/approvals/nightly-r2.AAAAAAAA.approval", statement+"expires: 2099-01-01T00:00:00Z\n-----BEGIN SSH SIGNATURE-----", 0o600)
	s.resign(t, "rules/approvals/nightly-r2.AAAAAAAA.approval", approvalNamespace, "people-alice", unchanged)

	s.masker(t, "approve", "--as", "bob@example.com", "--key", "people-bob", "--yes").want(t, exitDone, "since revision 1, which was approved", "public.person.email")
}

// R4: masker refuses a file of allowed signers or of revoked keys in the folder of the rules, even if a link
// leads there.
func TestR4SignersAreOutsideTheRulesFolder(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]string{"signers": "policy/allowed_signers", "revoked": "policy/revoked_keys"} {
		for _, link := range []bool{false, true} {
			s := &site{dir: t.TempDir(), binary: masker(t), drafted: true}
			s.write(t, "masker.yaml", approvedConfig, 0o600)
			s.write(t, "rules/r.yaml", smallRules, 0o600)
			s.write(t, "policy/allowed_signers", "", 0o600)
			s.write(t, "policy/revoked_keys", "", 0o600)
			s.write(t, "rules/moved", "", 0o600)
			if link {
				if err := os.Remove(filepath.Join(s.dir, move)); err != nil {
					t.Fatal(err)
				}
				if err := os.Symlink("../rules/moved", filepath.Join(s.dir, move)); err != nil {
					t.Fatal(err)
				}
			} else {
				s.edit(t, "masker.yaml", move, "rules/moved")
			}
			if o := s.masker(t, "check", "--offline"); o.code != exitUsage || !strings.Contains(o.stderr, "lies in the folder of the rules") {
				t.Errorf("%s, behind a link: %v: exit code %d\n%s", name, link, o.code, o.stderr)
			}
		}
	}
}

// R1: masker made the database of a customer's pre-production environment, and the customer added its own data. Then
// the URL of staging names that database. Masker must not copy the database without treatment, although its
// provenance is proven.
func TestR1ACustomersPreproductionIsNotCopiedAsStaging(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	customer, laptop := newDatabaseURL(t, srv, "customer"), newDatabaseURL(t, srv, "local")
	s := newSite(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")).rules(t, smallRules)
	s.canaries = []string{"CANARY-"}
	s.env = []string{"CUSTOMER_URL=" + customer, "LOCAL_URL=" + laptop}
	const flow = "approvals: {required: 0}, verify: off, allow: [equal-credentials, source-can-write, target-reads-source]"
	s.write(t, "masker.yaml", strings.ReplaceAll(`
environments:
  production: {kind: production, url: "${PRODUCTION_URL}"}
  customer: {kind: preproduction, url: "${CUSTOMER_URL}"}
  staging: {kind: staging, url: "${STAGING_URL}"}
  local: {kind: local, url: "${LOCAL_URL}"}
ledger: {path: ledger/}
flows:
  deliver: {from: production, to: customer, rules: [rules.yaml], FLOW}
  onward: {from: staging, to: local, FLOW}
`, "FLOW", flow), 0o600)
	s.drafted = true
	s.masker(t, "run", "--flow", "deliver").want(t, exitDone)
	if err := execute(t.Context(), customer, "INSERT INTO person VALUES (1000, 'the customer''s own', 'own@example.com')"); err != nil {
		t.Fatal(err)
	}
	s.env = append(s.env, "MASKER_ENVIRONMENTS_STAGING_URL="+customer)
	s.masker(t, "run", "--flow", "onward").want(t, exitRefused, "pre-production environment")
}

// R3: a notification lists at most three changes, and the message of a refusal at most eight. The change that makes the
// protection weaker comes first.
func TestR3TheWeakerChangeIsListedFirst(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	s.canaries = nil
	s.flow["notify"] = `[{command: [tee, -a, notified.jsonl], on: [finish]}]`
	s.mustRefresh(t)
	others := ""
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if err := execute(t.Context(), s.source, "CREATE TABLE "+name+" (id int PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		others += "  public." + name + ": {keep: surrogate key, only: [id]}\n"
	}
	s.edit(t, "rules.yaml", "  public.person:\n", others+"  public.person:\n")
	s.edit(t, "rules.yaml", "only: [id]\n    columns", "only: [id, email]\n    columns")
	s.edit(t, "rules.yaml", "      email: {class: email, as: person}\n", "")
	s.mustRefresh(t)
	notified, err := os.ReadFile(filepath.Join(s.dir, "notified.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	_, changes, _ := strings.Cut(string(notified[strings.LastIndex(string(notified), `"changes":`):]), "[")
	if !strings.HasPrefix(changes, `"public.person.email`) {
		t.Errorf("the first change is: %.200s", changes)
	}
}

// A4, R5: nobody can hide a movement, or use an old revision again, by removing the ledger or beginning a new one. The
// target's provenance names its ledger and its revision.
func TestA4R5ANewLedgerHidesNoMovementAndNoRevision(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.masker(t, "sign", "--as", "alice@example.com", "--key", "people-alice").want(t, exitDone)
	s.masker(t, "approve", "--as", "bob@example.com", "--key", "people-bob", "--yes").want(t, exitDone)
	s.masker(t, "run").want(t, exitDone)
	s.edit(t, "rules/r.yaml", "revision: 2", "revision: 1")

	key := strings.TrimSpace(s.masker(t, "ledger", "key").stdout)

	s.edit(t, "masker.yaml", "path: ledger/", "path: other/")
	s.masker(t, "check").want(t, exitRefused, "made under another ledger", key)
	s.masker(t, "run").want(t, exitRefused, "made under another ledger", key)
	s.edit(t, "masker.yaml", "path: other/", "path: ledger/")
	if err := os.RemoveAll(filepath.Join(s.dir, "ledger")); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "check").want(t, exitRefused, "made under another ledger", key)
	s.masker(t, "run").want(t, exitRefused, "made under another ledger", key)

	s.edit(t, "masker.yaml", "ledger: {path: ledger/}", `ledger: {path: ledger/, trusted: ["`+key+`"]}`)
	s.masker(t, "check").want(t, exitRefused, "policy.ledger.trusted: "+key+" now; before not set (weaker)")
	s.approveAgain(t)
	s.masker(t, "check").want(t, exitRefused, "revision 2 was used last")
	s.masker(t, "run").want(t, exitRefused, "revision 2 was used last")
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.approveAgain(t)
	s.masker(t, "run").want(t, exitDone, "which the configuration trusts")
}

// R5: a flow's name in capitals on the command line means the same flow.
func TestR5AFlowInCapitalsIsTheSameFlow(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	s.edit(t, "rules.yaml", "revision: 1", "revision: 2")
	s.mustRefresh(t)
	s.edit(t, "rules.yaml", "revision: 2", "revision: 1")
	s.masker(t, "run", "--flow", "NIGHTLY").want(t, exitRefused, "revision 2 was used last")
}

// R3, A8: in a flow that needs no approval, the ledger names approvers only if they approved this very plan.
func TestA8TheLedgerNamesOnlyApproversOfThePlan(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := database(t, srv, "prod", small)
	s := signed(t, source, newDatabaseURL(t, srv, "staging"))
	s.edit(t, "masker.yaml", "required: 1", "required: 0")
	s.approveAgain(t)
	s.masker(t, "run").want(t, exitDone)
	if m := s.lastMovement(t); len(m.Approvers) != 1 || m.Approvers[0].Principal != "bob@example.com" {
		t.Fatalf("the ledger does not name the approver: %+v", m.Approvers)
	}
	// The schema changes, so the same rules have another plan, which nobody approved.
	if err := execute(t.Context(), source, "ALTER TABLE person ALTER id TYPE bigint"); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "run").want(t, exitDone)
	if m := s.lastMovement(t); len(m.Approvers) != 0 || m.Author != "" {
		t.Errorf("the ledger names people for a plan that they did not approve: %+v, %s", m.Approvers, m.Author)
	}
}

// lastMovement returns the last movement that started, from the ledger.
func (s *site) lastMovement(t *testing.T) ledger.Movement {
	t.Helper()
	var last *ledger.Movement
	for _, r := range s.ledger(t) {
		if r.Movement != nil {
			last = r.Movement
		}
	}
	if last == nil {
		t.Fatal("the ledger has no start")
	}
	return *last
}

// R1: rules that keep everything are approved for a staging that is already sanitised. If the URL of staging then names
// production, the approval does not count.
func TestR1AnApprovalForStagingDoesNotCountForProduction(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	production := database(t, srv, "prod", small)
	s := signed(t, production, newDatabaseURL(t, srv, "staging"))
	s.masker(t, "run").want(t, exitDone)
	s.env = []string{"LOCAL_URL=" + newDatabaseURL(t, srv, "local")}
	s.edit(t, "masker.yaml", "ledger:", "  local: {kind: local, url: \"${LOCAL_URL}\"}\nledger:")
	s.edit(t, "masker.yaml", "  nightly:\n", `  onward:
    from: staging
    to: local
    rules: [onward/r.yaml]
    approvals: {required: 1, signers: policy/allowed_signers}
    allow: [equal-credentials, source-can-write, target-reads-source]
    verify: off
  nightly:
`)
	s.write(t, "onward/r.yaml", "revision: 1\ntables:\n  public.person: {keep: already sanitised, only: [id, name, email]}\n", 0o600)
	s.masker(t, "sign", "--flow", "onward", "--as", "alice@example.com", "--key", "people-alice").want(t, exitDone)
	s.masker(t, "approve", "--flow", "onward", "--as", "bob@example.com", "--key", "people-bob", "--yes").want(t, exitDone)
	s.masker(t, "run", "--flow", "onward").want(t, exitDone)
	s.env = append(s.env, "MASKER_ENVIRONMENTS_STAGING_URL="+production)
	s.masker(t, "run", "--flow", "onward").want(t, exitRefused, "approved for an environment that is called staging")
}
