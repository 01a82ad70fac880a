package approval_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"io"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/masker-project/masker/pkg/approval"
)

// token signs like a hardware key, as PROTOCOL.u2f of OpenSSH describes. In this test, the private key is in memory.
type token struct {
	private ed25519.PrivateKey
	public  ssh.PublicKey
}

const touched = 0x01

func newToken(t *testing.T) token {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.ParsePublicKey(ssh.Marshal(struct {
		Name        string
		Key         []byte
		Application string
	}{ssh.KeyAlgoSKED25519, public, "ssh:"}))
	if err != nil {
		t.Fatal(err)
	}
	return token{private, key}
}

func (k token) PublicKey() ssh.PublicKey { return k.public }

func (k token) Sign(_ io.Reader, data []byte) (*ssh.Signature, error) {
	counted := struct {
		Flags   byte
		Counter uint32
	}{touched, 7}
	application, message := sha256.Sum256([]byte("ssh:")), sha256.Sum256(data)
	signed := append(append(application[:], ssh.Marshal(counted)...), message[:]...)
	return &ssh.Signature{Format: ssh.KeyAlgoSKED25519, Blob: ed25519.Sign(k.private, signed), Rest: ssh.Marshal(counted)}, nil
}

// TestR1AHardwareKeyApproves checks the signature of a hardware key. Such a key signs the text together with flags and
// a counter.
func TestR1AHardwareKeyApproves(t *testing.T) {
	s := newStory(t)
	s.signedBy = person{approver, newToken(t)}
	s.allowed = s.a.line("") + s.signedBy.line("")
	if v, err := s.judge(); err != nil || len(v.Approvers) != 1 || v.Approvers[0].Fingerprint != approval.Fingerprint(s.signedBy.signer.PublicKey()) {
		t.Errorf("%+v, %v", v, err)
	}
	s.signedBy = person{approver, newToken(t)} // this key is not listed
	if v, err := s.judge(); err == nil {
		t.Errorf("it counts: %+v", v)
	}
}
