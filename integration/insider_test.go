package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/masker-project/masker/pkg/ledger"
)

// R2: what the approver is shown is held against what was approved, not against a file that says it was: an author who forges the
// approval of an earlier revision would hide from the approver all that changed since.
func TestR2AForgedApprovalHidesNoChange(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), unborn(t, srv, "staging"))
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 3")
	s.edit(t, "rules/r.yaml", "only: [id]", "only: [id, email]")
	s.edit(t, "rules/r.yaml", "      email: {class: email, as: person}\n", "")
	s.masker(t, "sign", "--as", "alice@example.com", "--key", "people-alice").want(t, exitDone)

	// Alice makes the approval of a revision 2 that never was, of the plan she wants approved.
	author, err := os.ReadFile(s.one(t, "rules/approvals/nightly-r3.*.author"))
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

// R4: the trust root lies outside the rules, by whatever name it is reached, and so do the keys that no longer count.
func TestR4WhoChangesTheRulesChangesNoSigner(t *testing.T) {
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
				t.Errorf("%s, by a link %v: exit code %d\n%s", name, link, o.code, o.stderr)
			}
		}
	}
}

// R1: masker delivered to a customer's pre-production, which the customer fills with data of its own. Called staging, by a URL, it
// still is no database that may be carried on untreated, although its provenance is real.
func TestR1ACustomersPreproductionIsNotCarriedOnAsStaging(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	customer, laptop := unborn(t, srv, "customer"), unborn(t, srv, "local")
	s := newSite(t, database(t, srv, "prod", small), unborn(t, srv, "staging")).rules(t, smallRules)
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

// R3: three changes are told in a notification, and eight in a refusal. What is weaker stands first, not behind a crowd of others.
func TestR3TheWeakerChangeIsToldFirst(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	s.canaries = nil
	s.flow["notify"] = `[{command: [tee, -a, told.jsonl], on: [finish]}]`
	s.mustRefresh(t)
	crowd := ""
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		if err := execute(t.Context(), s.source, "CREATE TABLE "+name+" (id int PRIMARY KEY)"); err != nil {
			t.Fatal(err)
		}
		crowd += "  public." + name + ": {keep: surrogate key, only: [id]}\n"
	}
	s.edit(t, "rules.yaml", "  public.person:\n", crowd+"  public.person:\n")
	s.edit(t, "rules.yaml", "only: [id]\n    columns", "only: [id, email]\n    columns")
	s.edit(t, "rules.yaml", "      email: {class: email, as: person}\n", "")
	s.mustRefresh(t)
	told, err := os.ReadFile(filepath.Join(s.dir, "told.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	_, changes, _ := strings.Cut(string(told[strings.LastIndex(string(told), `"changes":`):]), "[")
	if !strings.HasPrefix(changes, `"public.person.email`) {
		t.Errorf("first told: %.200s", changes)
	}
}

// A4, R5: whoever takes the ledger away, or begins another elsewhere, hides no movement and makes no revision new again: the target knows.
func TestA4R5ANewLedgerForgetsNothing(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), unborn(t, srv, "staging"))
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
	s.masker(t, "check").want(t, exitRefused, "revision 2 was used last")
	s.masker(t, "run").want(t, exitRefused, "revision 2 was used last")
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.masker(t, "run").want(t, exitDone, "which the configuration trusts")
}

// R5: a flow is one flow, however its name is written on the command line.
func TestR5AFlowInCapitalsIsTheSameFlow(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	s.edit(t, "rules.yaml", "revision: 1", "revision: 2")
	s.mustRefresh(t)
	s.edit(t, "rules.yaml", "revision: 2", "revision: 1")
	s.masker(t, "run", "--flow", "NIGHTLY").want(t, exitRefused, "revision 2 was used last")
}

// R3, A8: where no approval was wanted, the ledger names nobody for a plan that nobody approved.
func TestA8NobodyIsNamedForAPlanTheyDidNotApprove(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	source := database(t, srv, "prod", small)
	s := signed(t, source, unborn(t, srv, "staging"))
	s.edit(t, "masker.yaml", "required: 1", "required: 0")
	s.masker(t, "run").want(t, exitDone)
	if m := s.lastMovement(t); len(m.Approvers) != 1 || m.Approvers[0].Principal != "bob@example.com" {
		t.Fatalf("whoever approved is not named: %+v", m.Approvers)
	}
	// What was approved is another plan now, though no byte of the rules changed.
	if err := execute(t.Context(), source, "ALTER TABLE person ALTER id TYPE bigint"); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "run").want(t, exitDone)
	if m := s.lastMovement(t); len(m.Approvers) != 0 || m.Author != "" {
		t.Errorf("named for what they never saw: %+v, %s", m.Approvers, m.Author)
	}
}

// lastMovement is what the ledger says of the last start.
func (s *site) lastMovement(t *testing.T) ledger.Movement {
	t.Helper()
	var last *ledger.Movement
	for _, r := range s.ledger(t) {
		if r.Movement != nil {
			last = r.Movement
		}
	}
	if last == nil {
		t.Fatal("the ledger knows of no start")
	}
	return *last
}

// R1: rules approved for a staging that is sanitized already keep what they find. A url that leads to production instead does not make
// that approval one for production.
func TestR1AnApprovalForStagingIsNoneForProduction(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	production := database(t, srv, "prod", small)
	s := signed(t, production, unborn(t, srv, "staging"))
	s.masker(t, "run").want(t, exitDone)
	s.env = []string{"LOCAL_URL=" + unborn(t, srv, "local")}
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
	s.write(t, "onward/r.yaml", "revision: 1\ntables:\n  public.person: {keep: sanitized already, only: [id, name, email]}\n", 0o600)
	s.masker(t, "sign", "--flow", "onward", "--as", "alice@example.com", "--key", "people-alice").want(t, exitDone)
	s.masker(t, "approve", "--flow", "onward", "--as", "bob@example.com", "--key", "people-bob", "--yes").want(t, exitDone)
	s.masker(t, "run", "--flow", "onward").want(t, exitDone)
	s.env = append(s.env, "MASKER_ENVIRONMENTS_STAGING_URL="+production)
	s.masker(t, "run", "--flow", "onward").want(t, exitRefused, "approved for an environment that is called staging")
}
