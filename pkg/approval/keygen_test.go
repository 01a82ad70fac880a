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

// keygen runs OpenSSH's ssh-keygen with a key of bob.
type keygen struct {
	program, key string
	bob          person
}

func newKeygen(t *testing.T) keygen {
	t.Helper()
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Fatal("this test needs OpenSSH's ssh-keygen: install openssh-client")
	}
	key := filepath.Join(t.TempDir(), "key")
	call(t, nil, program, "-q", "-t", "ed25519", "-N", "", "-C", "bob", "-f", key)
	private, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.ParsePrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return keygen{program, key, person{approver, signer}}
}

// sign signs a text with bob's key.
func (k keygen) sign(t *testing.T, text []byte) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "text")
	put(t, file, string(text))
	call(t, nil, k.program, "-Y", "sign", "-q", "-f", k.key, "-n", approval.ApprovalNamespace, file)
	sig, err := os.ReadFile(file + ".sig")
	if err != nil {
		t.Fatal(err)
	}
	return sig
}

// verify reports whether ssh-keygen accepts a signature of bob. The argument allowed is the content of the
// allowed_signers file.
func (k keygen) verify(t *testing.T, allowed string, text, sig []byte) bool {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "allowed"), allowed)
	put(t, filepath.Join(dir, "sig"), string(sig))
	cmd := exec.CommandContext(t.Context(), k.program, "-Y", "verify", "-f", filepath.Join(dir, "allowed"), "-I", approver, "-n", approval.ApprovalNamespace, "-s", filepath.Join(dir, "sig"))
	cmd.Stdin = bytes.NewReader(text)
	return cmd.Run() == nil
}

// TestRealSSHKeygenAgrees signs with masker and verifies with ssh-keygen, and the other way round. It also checks that
// both read allowed_signers in the same way.
func TestRealSSHKeygenAgrees(t *testing.T) {
	k, s := newKeygen(t), newStory(t)
	text := s.approved.Marshal()
	t.Run("it verifies what masker signed", func(t *testing.T) {
		file := s.sign(s.approved, k.bob)
		if !k.verify(t, k.bob.line(""), text, file[len(text):]) {
			t.Error("ssh-keygen refuses it")
		}
	})
	key := strings.TrimSpace(string(ssh.MarshalAuthorizedKey(k.bob.signer.PublicKey())))
	for name, line := range map[string]string{
		"plain":                    "bob@example.com KEY",
		"namespace":                `bob@example.com namespaces="masker-*" KEY`,
		"namespace list":           `bob@example.com namespaces="git,masker-ruleset-approval@v1" KEY`,
		"another namespace":        `bob@example.com namespaces="git" KEY`,
		"a glob":                   "*@example.com KEY",
		"a negated glob":           "!bob@*,*@example.com KEY",
		"a question mark":          "bo?@example.com KEY",
		"a list":                   "alice@example.com,bob@example.com KEY",
		"quoted":                   `"bob@example.com" KEY`,
		"somebody else":            "alice@example.com KEY",
		"brackets mean themselves": "[b]ob@example.com KEY",
		"valid":                    `bob@example.com valid-after="20200101",valid-before="20400101" KEY`,
		"not yet":                  `bob@example.com valid-after="20400101Z" KEY`,
		"no more":                  `bob@example.com valid-before="200001010000Z" KEY`,
		"seconds":                  `bob@example.com valid-after="20200101123456Z" KEY`,
		"case":                     "BOB@example.com KEY",
	} {
		t.Run(name, func(t *testing.T) {
			allowed := strings.Replace(line, "KEY", key, 1) + "\n"
			sig := k.sign(t, text)
			theirs := k.verify(t, allowed, text, sig)
			signed, err := approval.Parse(append(bytes.Clone(text), sig...))
			if err != nil {
				t.Fatalf("what ssh-keygen signed is not read: %v", err)
			}
			ours := signers(t, allowed, "").Allows(signed, time.Now()) == nil
			if ours != theirs {
				t.Errorf("%s: ssh-keygen says %v, masker %v", allowed, theirs, ours)
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
