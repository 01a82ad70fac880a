package approval_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/pkg/approval"
)

// TestRealSSHKeygenAgrees signs and verifies in both directions, and holds the reading of allowed_signers against
// OpenSSH's own.
func TestRealSSHKeygenAgrees(t *testing.T) {
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Fatal("this test needs OpenSSH's ssh-keygen: install openssh-client")
	}
	dir := t.TempDir()
	key := filepath.Join(dir, "key")
	call(t, nil, keygen, "-q", "-t", "ed25519", "-N", "", "-C", "bob", "-f", key)
	private, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	bob := person{approver, signer}
	s := newStory(t)
	text := s.approved.Marshal()

	t.Run("it verifies what masker signed", func(t *testing.T) {
		file := s.sign(s.approved, bob)
		sig := filepath.Join(t.TempDir(), "sig")
		put(t, sig, string(file[len(text):]))
		allowed := filepath.Join(t.TempDir(), "allowed")
		put(t, allowed, bob.line(""))
		call(t, text, keygen, "-Y", "verify", "-f", allowed, "-I", approver, "-n", approval.ApprovalNamespace, "-s", sig)
	})
	for _, c := range []struct{ name, line, namespace string }{
		{"plain", "%s KEY", approval.ApprovalNamespace},
		{"namespace", `%s namespaces="masker-*" KEY`, approval.ApprovalNamespace},
		{"namespace list", `%s namespaces="git,masker-ruleset-approval@v1" KEY`, approval.ApprovalNamespace},
		{"another namespace", `%s namespaces="git" KEY`, approval.ApprovalNamespace},
		{"a glob", "*@example.com KEY", approval.ApprovalNamespace},
		{"a negated glob", "!bob@*,*@example.com KEY", approval.ApprovalNamespace},
		{"a question mark", "bo?@example.com KEY", approval.ApprovalNamespace},
		{"a list", "alice@example.com,bob@example.com KEY", approval.ApprovalNamespace},
		{"quoted", `"bob@example.com" KEY`, approval.ApprovalNamespace},
		{"somebody else", "alice@example.com KEY", approval.ApprovalNamespace},
		{"brackets mean themselves", "[b]ob@example.com KEY", approval.ApprovalNamespace},
		{"valid", `%s valid-after="20200101",valid-before="20400101" KEY`, approval.ApprovalNamespace},
		{"not yet", `%s valid-after="20400101Z" KEY`, approval.ApprovalNamespace},
		{"no more", `%s valid-before="200001010000Z" KEY`, approval.ApprovalNamespace},
		{"seconds", `%s valid-after="20200101123456Z" KEY`, approval.ApprovalNamespace},
		{"case", "BOB@example.com KEY", approval.ApprovalNamespace},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			line := strings.Replace(c.line, "%s", approver, 1)
			line = strings.Replace(line, "KEY", strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))), 1) + "\n"
			put(t, filepath.Join(dir, "allowed"), line)
			put(t, filepath.Join(dir, "text"), string(text))
			call(t, nil, keygen, "-Y", "sign", "-q", "-f", key, "-n", c.namespace, filepath.Join(dir, "text"))
			sig, err := os.ReadFile(filepath.Join(dir, "text.sig"))
			if err != nil {
				t.Fatal(err)
			}
			cmd := exec.CommandContext(t.Context(), keygen, "-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", approver, "-n", c.namespace, "-s", filepath.Join(dir, "text.sig"))
			cmd.Stdin = bytes.NewReader(text)
			theirs := cmd.Run() == nil

			signed, err := approval.Parse(append(bytes.Clone(text), sig...))
			if err != nil {
				t.Fatalf("what ssh-keygen signed is not read: %v", err)
			}
			ours := signers(t, line, "").Allows(signed, time.Now()) == nil
			if ours != theirs {
				t.Errorf("%s: ssh-keygen says %v, masker %v", line, theirs, ours)
			}
		})
	}
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func call(t *testing.T, in []byte, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), args[0], args[1:]...)
	cmd.Stdin = bytes.NewReader(in)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v: %s", strings.Join(args, " "), err, out)
	}
}
