package integration

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// R7: an approval covers the policy of masker.yaml. If the policy changed, masker refuses the run before it reads a
// row, and the message says what changed. If the policy requires fewer approvals than before, this change itself needs
// the earlier number of approvals.
func TestR7AnApprovalCoversThePolicy(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))

	// The approval beside the rules contains the policy, so masker knows the approved policy even before the first run.
	s.edit(t, "masker.yaml", "required: 1", "required: 0")
	s.masker(t, "run").want(t, exitRefused, "the policy that was approved last requires 1", "policy.approvals.required: 0 now; before 1 (weaker)")
	s.edit(t, "masker.yaml", "required: 0", "required: 1")
	s.masker(t, "run").want(t, exitDone)

	// The ledger contains the policy too, so masker knows the policy even if somebody removes the approvals.
	s.edit(t, "masker.yaml", "required: 1", "required: 0")
	approvals, away := filepath.Join(s.dir, "rules/approvals"), filepath.Join(s.dir, "away")
	if err := os.Rename(approvals, away); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "run").want(t, exitRefused, "it needs 0 approvals now, and the policy that was approved last requires 1")
	if err := os.Rename(away, approvals); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "check").want(t, exitRefused, "policy.approvals.required: 0 now; before 1 (weaker)")

	// After somebody has approved the lower number, masker accepts it.
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "policy.approvals.required: 0 now; before 1 (weaker)")
	s.masker(t, "run").want(t, exitDone)
	if err := execute(t.Context(), s.source, "ALTER TABLE person ALTER id TYPE bigint"); err != nil {
		t.Fatal(err)
	}
	s.masker(t, "run").want(t, exitDone)

	for setting, line := range map[string][2]string{
		"policy.reveal.columns: public.person.email now; before not set (weaker)": {"    verify: off", "    verify: off\n    reveal: {columns: [public.person.email]}"},
		"policy.ledger.path: elsewhere now; before ledger/ (weaker)":              {"ledger: {path: ledger/}", "ledger: {path: elsewhere}"},
	} {
		t.Run(setting[:20], func(t *testing.T) {
			s := signed(t, s.source, newDatabaseURL(t, srv, "other"))
			s.edit(t, "masker.yaml", line[0], line[1])
			s.masker(t, "check").want(t, exitRefused, setting)
			if log := s.ledgerText(t); strings.Contains(log, `"event":"start"`) {
				t.Error("a run started")
			}
		})
	}
}

// R7, R8: a person who chooses the key can undo pseudonyms. So an approval does not count if the flow uses another key
// than the approved one. The test names the other key in a variable of the environment, and in masker.yaml.
func TestR7R8AnotherKeyVoidsTheApproval(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	for name, change := range map[string]func(){
		"a variable": func() { s.withEnv("MASKER_KEYS_DEFAULT_FILE=" + filepath.Join(s.dir, "keys/default.key")) },
		"a setting":  func() { s.edit(t, "masker.yaml", "ledger:", "keys: {default: {file: keys/default.key}}\nledger:") },
	} {
		env := s.env
		change()
		s.masker(t, "run").want(t, exitRefused, "policy.key: default {file: ", " now; before per-run (weaker)")
		if log := s.ledgerText(t); strings.Contains(log, `"event":"start"`) {
			t.Errorf("%s: a run started", name)
		}
		s.env = env
	}
}

// ledgerText returns the content of the ledger's file. It returns "" if there is no such file.
func (s *site) ledgerText(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, "ledger/ledger.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return string(data)
}

// R7: masker approve and masker plan show the full SQL of hooks, and mark the parts that reach outside the database. If
// a hook changed, masker refuses before it connects, and the message names the hook and the line.
func TestR7HooksAreShownWholeAndTheirChangesNamed(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	s := signed(t, database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging"))
	s.write(t, "sql/accounts.sql", "-- accounts for tests\nCREATE TABLE hooked (n int);\n", 0o600)
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2\nhooks: {before_publish: [../sql/accounts.sql]}")
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, "hook ../sql/accounts.sql: its SQL runs before the target is published (2 lines) (new)",
		"\nhook before_publish ../sql/accounts.sql (2 lines)\n     1  -- accounts for tests\n     2  CREATE TABLE hooked (n int);\n")
	s.masker(t, "run").want(t, exitDone)

	const evil = "-- accounts for tests\nCREATE\n  EXTENSION dblink;\nCOPY hooked TO PROGRAM 'cat';\nIMPORT FOREIGN SCHEMA x FROM SERVER postgres_fdw INTO y;\n"
	s.write(t, "sql/accounts.sql", evil, 0o600)
	starts := strings.Count(s.ledgerText(t), `"event":"start"`)
	for _, verb := range []string{"check", "run"} {
		s.masker(t, verb).want(t, exitRefused, "hook ../sql/accounts.sql: its SQL changed at line 2 (5 lines): CREATE EXTENSION, dblink, COPY PROGRAM, FDW (weaker)")
	}
	s.masker(t, "check", "--offline").want(t, exitRefused, "hook ../sql/accounts.sql: its SQL changed at line 2")
	if strings.Count(s.ledgerText(t), `"event":"start"`) != starts {
		t.Error("a run started")
	}
	marked := []string{"!    3    EXTENSION dblink;", "!    4  COPY hooked TO PROGRAM 'cat';", "!    5  IMPORT FOREIGN SCHEMA"}
	s.masker(t, "plan").want(t, exitDone, marked...)
	s.edit(t, "rules/r.yaml", "revision: 2", "revision: 3")
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone, marked...)
}

// R6, R7: the ledger and the summary name a waiver by its finding and its object, not by its position. Therefore an
// inserted line in a rule file, or an absolute path of the configuration, does not count as a weaker policy.
func TestR7AWaiverIsNamedByWhatItWaives(t *testing.T) {
	t.Parallel()
	s := smallSite(t)
	s.edit(t, "rules.yaml", "revision: 1", `revision: 1
waivers:
  - {finding: check-may-break, on: public.person.email, owner: alice@example.com, reason: never longer, until: 2999-12-31}`)
	if err := execute(t.Context(), s.source, "ALTER TABLE person ADD CONSTRAINT sound CHECK (email LIKE '%')"); err != nil {
		t.Fatal(err)
	}
	const waived = "check-may-break on public.person.email by alice@example.com until 2999-12-31: never longer"
	s.masker(t, "run").want(t, exitDone, "findings   waived: "+waived)
	m := s.lastMovement(t)
	if len(m.Findings) != 1 || m.Findings[0].String() != waived || slices.ContainsFunc(m.Waivers, func(w string) bool { return strings.Contains(w, "yaml") }) {
		t.Errorf("waivers %q, findings %+v", m.Waivers, m.Findings)
	}
	s.edit(t, "rules.yaml", "revision: 1", "# a line\nrevision: 1")
	s.masker(t, "run").want(t, exitDone)
	s.masker(t, "run", "--config", filepath.Join(s.dir, "masker.yaml")).want(t, exitDone)
	if log := s.ledgerText(t); strings.Contains(log, `"event":"weakened"`) {
		t.Error("the ledger says that the configuration waives more")
	}
	records := s.ledger(t)
	s.masker(t, "ledger", "show", records[len(records)-1].Run).want(t, exitDone, waived)
}
