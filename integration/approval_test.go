package integration

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

const approvedConfig = `
environments:
  production: {kind: production, url: "${PRODUCTION_URL}"}
  staging: {kind: staging, url: "${STAGING_URL}"}
ledger: {path: ledger/}
flows:
  nightly:
    from: production
    to: staging
    rules: [rules/r.yaml]
    approvals: {required: 1, signers: policy/allowed_signers, revoked: policy/revoked_keys}
    allow: [equal-credentials, source-can-write, target-reads-source, superuser-target]
    verify: off
`

// signed makes a site whose rules alice signed and bob approved, with keys that ssh-keygen made.
func signed(t *testing.T, source, target string) *site {
	t.Helper()
	return signedWith(t, source, target, smallRules)
}

func signedWith(t *testing.T, source, target, rules string) *site {
	t.Helper()
	return signedBy(t, masker(t), source, target, rules)
}

// signedBy is like signed, with other rules, and with the masker program at the path binary.
func signedBy(t *testing.T, binary, source, target, rules string) *site {
	t.Helper()
	s := newSite(t, source, target)
	s.binary = binary
	if o := s.approvedRules(t, rules); o.code != exitDone {
		t.Fatal(o)
	}
	return s
}

// approvedRules writes rules and a configuration that needs approvals. Alice signs the rules and bob approves them.
func (s *site) approvedRules(t *testing.T, rules string) outcome {
	t.Helper()
	s.canaries = []string{"CANARY-"}
	s.drafted, s.reviewed = true, true
	text := approvedConfig
	if s.binary != masker(t) { // an earlier masker, which does not know the newest permission
		text = strings.Replace(text, ", superuser-target", "", 1)
	}
	if bin := os.Getenv("MASKER_PG_BIN"); bin != "" {
		text += fmt.Sprintf("pg_dump: %q\n", filepath.Join(bin, "pg_dump"))
	}
	s.write(t, "masker.yaml", text, 0o600)
	s.write(t, "rules/r.yaml", rules, 0o600)
	allowed := ""
	for _, name := range []string{"alice", "bob"} {
		s.sshKeygen(t, "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "people-"+name)
		public, err := os.ReadFile(filepath.Join(s.dir, "people-"+name+".pub"))
		if err != nil {
			t.Fatal(err)
		}
		allowed += name + "@example.com " + string(public)
	}
	s.write(t, "policy/allowed_signers", allowed, 0o600)
	s.write(t, "policy/revoked_keys", "", 0o600)
	if o := s.signAs(t, "alice"); o.code != exitDone {
		return o
	}
	return s.approveAs(t, "bob")
}

func (s *site) signAs(t *testing.T, name string) outcome {
	t.Helper()
	return s.masker(t, "sign", "--as", name+"@example.com", "--key", "people-"+name)
}

func (s *site) approveAs(t *testing.T, name string) outcome {
	t.Helper()
	return s.masker(t, "approve", "--as", name+"@example.com", "--key", "people-"+name, "--yes")
}

// approveAgain signs the rules as alice, and approves them as bob.
func (s *site) approveAgain(t *testing.T) {
	t.Helper()
	s.signAs(t, "alice").want(t, exitDone)
	s.approveAs(t, "bob").want(t, exitDone)
}

func (s *site) sshKeygen(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "ssh-keygen", args...)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("ssh-keygen %q: %v\n%s", args, err, out)
	}
}

// line returns the line of a statement that begins with the given key.
func line(statement, key string) string {
	for l := range strings.Lines(statement) {
		if strings.HasPrefix(l, key+": ") {
			return strings.TrimSuffix(l, "\n")
		}
	}
	return "there is no such line"
}

// approvalFile returns the path of the only approval, relative to the site's folder.
func (s *site) approvalFile(t *testing.T) string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(s.dir, "rules/approvals/*.approval"))
	if err != nil || len(list) != 1 {
		t.Fatalf("approvals: %q, %v", list, err)
	}
	rel, err := filepath.Rel(s.dir, list[0])
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

// resign changes the statement in a file, and signs the changed statement with ssh-keygen.
func (s *site) resign(t *testing.T, file, namespace, key string, change func(string) string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(s.dir, file))
	if err != nil {
		t.Fatal(err)
	}
	statement, _, found := strings.Cut(string(data), "-----BEGIN SSH SIGNATURE-----")
	if !found {
		t.Fatal("no signature to replace")
	}
	s.write(t, "statement", change(statement), 0o600)
	s.sshKeygen(t, "-q", "-Y", "sign", "-n", namespace, "-f", key, "statement")
	signature, err := os.ReadFile(filepath.Join(s.dir, "statement.sig"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(s.dir, "statement.sig")); err != nil {
		t.Fatal(err)
	}
	s.write(t, file, change(statement)+string(signature), 0o600)
}

const approvalNamespace = "masker-ruleset-approval@v1"

func unchanged(statement string) string { return statement }

// withLine returns a function that changes the value of a key in a statement.
func withLine(key, value string) func(string) string {
	return func(statement string) string {
		return strings.Replace(statement, line(statement, key), key+": "+value, 1)
	}
}

// expire changes the approval, so that it was given in the past and has expired.
func (s *site) expire(t *testing.T) {
	t.Helper()
	s.resign(t, s.approvalFile(t), approvalNamespace, "people-bob", func(statement string) string {
		return withLine("at", "2026-01-01T00:00:00Z")(withLine("expires", "2026-01-02T00:00:00Z")(statement))
	})
}

// missingApproval is a change after which an approval does not count, and how the run then ends.
type missingApproval struct {
	name  string
	spoil func(t *testing.T, s *site)
	code  int
	words string
}

// spoiledApprovals returns changes after which an approval does not count. For example, it is removed, edited or
// expired, or it was signed by the author or for something else.
func spoiledApprovals() []missingApproval {
	return []missingApproval{
		{"missing", func(t *testing.T, s *site) {
			if err := os.Remove(filepath.Join(s.dir, s.approvalFile(t))); err != nil {
				t.Fatal(err)
			}
		}, exitRefused, "not approved"},
		{"stripped", func(t *testing.T, s *site) {
			f := s.approvalFile(t)
			data, _ := os.ReadFile(filepath.Join(s.dir, f))
			statement, _, _ := strings.Cut(string(data), "-----BEGIN")
			s.write(t, f, statement, 0o600)
		}, exitRefused, "no signature"},
		{"expired", func(t *testing.T, s *site) {
			s.expire(t)
		}, exitRefused, "expired"},
		{"wrong namespace", func(t *testing.T, s *site) {
			s.resign(t, s.approvalFile(t), "git", "people-bob", unchanged)
		}, exitRefused, "namespace"},
		{"wrong digest", func(t *testing.T, s *site) {
			s.resign(t, s.approvalFile(t), approvalNamespace, "people-bob", withLine("rules", strings.Repeat("ab", 32)))
		}, exitRefused, "rules have changed"},
		{"wrong environment", func(t *testing.T, s *site) {
			s.resign(t, s.approvalFile(t), approvalNamespace, "people-bob", withLine("source", "elsewhere"))
		}, exitRefused, "elsewhere"},
		{"R2 the author's own key", func(t *testing.T, s *site) {
			s.resign(t, s.approvalFile(t), approvalNamespace, "people-alice", unchanged)
		}, exitRefused, "not approved"},
	}
}

// changedAround returns changes to the files that the approval is checked against: the rules and the signers' files.
func changedAround() []missingApproval {
	return []missingApproval{
		{"R3 a rule file changed since", func(t *testing.T, s *site) {
			s.write(t, "rules/r.yaml", smallRules+"\n# one more byte\n", 0o600)
		}, exitRefused, "rules have changed"},
		{"R4 revoked", func(t *testing.T, s *site) {
			public, _ := os.ReadFile(filepath.Join(s.dir, "people-bob.pub"))
			s.write(t, "policy/revoked_keys", string(public), 0o600)
		}, exitRefused, "revoked"},
		{"R4 an unreadable trust root", func(t *testing.T, s *site) {
			if err := os.Remove(filepath.Join(s.dir, "policy/allowed_signers")); err != nil {
				t.Fatal(err)
			}
		}, exitUsage, "cannot read the file of allowed signers"},
	}
}

// R1, R2, R3, R4: a run without a valid approval ends before masker opens a connection. The ledger records the
// refusal. With the valid approval the run succeeds.
func TestR1NothingIsConnectedToWithoutAnApproval(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	for _, c := range slices.Concat(spoiledApprovals(), changedAround()) {
		t.Run(c.name, func(t *testing.T) {
			s := signed(t, src, dst)
			c.spoil(t, s)
			var connections atomic.Int32
			s.source, s.target = countingURL(t, src, &connections), countingURL(t, dst, &connections)
			s.masker(t, "run").want(t, c.code, c.words)
			if n := connections.Load(); n != 0 {
				t.Errorf("%d connections were opened", n)
			}
			log, err := os.ReadFile(filepath.Join(s.dir, "ledger/ledger.jsonl"))
			if c.code == exitRefused && (err != nil || !strings.Contains(string(log), `"event":"refused"`) || strings.Contains(string(log), `"event":"start"`)) {
				t.Errorf("the ledger does not hold the refusal alone: %v\n%s", err, log)
			}
		})
	}
	signed(t, src, dst).masker(t, "run").want(t, exitDone)
}

// R5: a revision below the last one is refused before masker opens a connection, although its approval is still valid.
func TestR5AnOlderRevisionIsRefused(t *testing.T) {
	t.Parallel()
	srv := Server(t)
	src, dst := database(t, srv, "prod", small), newDatabaseURL(t, srv, "staging")
	s := signed(t, src, dst)
	s.masker(t, "run").want(t, exitDone)
	s.edit(t, "rules/r.yaml", "revision: 1", "revision: 2")
	s.masker(t, "run").want(t, exitRefused, "not approved")
	s.masker(t, "sign", "--as", "alice@example.com", "--key", "people-alice").want(t, exitDone)
	s.masker(t, "approve", "--as", "bob@example.com", "--key", "people-bob", "--yes").want(t, exitDone)
	s.masker(t, "run").want(t, exitDone)
	s.edit(t, "rules/r.yaml", "revision: 2", "revision: 1")
	var connections atomic.Int32
	s.source, s.target = countingURL(t, src, &connections), countingURL(t, dst, &connections)
	s.masker(t, "run").want(t, exitRefused, "revision 2 was used last")
	if n := connections.Load(); n != 0 {
		t.Errorf("%d connections were opened", n)
	}
}

// countingURL returns the URL with the address of a listener that counts connections and answers nothing.
func countingURL(t *testing.T, direct string, connections *atomic.Int32) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() {
		_ = l.Close()
		<-done
	})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			connections.Add(1)
			_ = conn.Close()
		}
	}()
	u, err := url.Parse(direct)
	if err != nil {
		t.Fatal(err)
	}
	u.Host = l.Addr().String()
	return u.String()
}
