package approval

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Signed is a file as it was read: the bytes that are signed, what they say, and the signature. Nothing of it is
// verified yet.
type Signed struct {
	Statement Statement
	Text      []byte
	signature *sshsig.Signature
}

const (
	armorBegin = "-----BEGIN SSH SIGNATURE-----\n"
	armorEnd   = "-----END SSH SIGNATURE-----\n"
	// maxFile is far above any statement, and below what could trouble a parser.
	maxFile = 64 << 10
)

// Parse reads a statement with exactly one signature behind it. Errors never quote the file.
func Parse(file []byte) (Signed, error) {
	switch {
	case len(file) > maxFile:
		return Signed{}, errors.New("it is larger than a statement can be")
	case bytes.IndexByte(file, '\r') >= 0:
		return Signed{}, errors.New("its lines end as Windows ends them; git changed it: put `*.author -text` and `*.approval -text` into .gitattributes")
	}
	begin := bytes.Index(file, []byte(armorBegin))
	switch {
	case begin < 0:
		return Signed{}, errors.New("it has no signature")
	case bytes.Count(file, []byte("BEGIN SSH SIGNATURE")) > 1:
		return Signed{}, errors.New("it has more than one signature; each approval is a file of its own")
	case !bytes.HasSuffix(file, []byte(armorEnd)):
		return Signed{}, errors.New("something stands behind its signature, or a part of it is missing")
	}
	text, armor := file[:begin], file[begin:]
	statement, err := parseStatement(text)
	if err != nil {
		return Signed{}, err
	}
	sig, err := sshsig.Unarmor(armor)
	if err != nil {
		return Signed{}, errors.New("its signature cannot be read")
	}
	if !bytes.Equal(sshsig.Armor(sig), armor) && !bytes.Equal(compact(sshsig.Armor(sig)), compact(armor)) {
		return Signed{}, errors.New("its signature is not written as ssh-keygen writes it")
	}
	return Signed{Statement: statement, Text: text, signature: sig}, nil
}

// compact takes line ends out: ssh-keygen breaks lines at 70, others at 76.
func compact(armor []byte) []byte { return bytes.ReplaceAll(armor, []byte("\n"), nil) }

// Sign signs a statement in the namespace of its kind, and returns the file.
func Sign(s Statement, signer ssh.Signer) ([]byte, error) {
	if err := s.complete(); err != nil {
		return nil, fmt.Errorf("this cannot be signed: %w", err)
	}
	text := s.Marshal()
	sig, err := sshsig.Sign(bytes.NewReader(text), signer, sshsig.HashSHA512, s.Kind.namespace())
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return append(text, sshsig.Armor(sig)...), nil
}

// Fingerprint names a key as ssh-keygen -l does.
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }

// fingerprint is of the key that made the signature.
func (s Signed) fingerprint() string { return Fingerprint(s.signature.PublicKey) }

// verify holds the signature against the bytes, in the namespace of the statement's kind.
func (s Signed) verify() error {
	if s.signature.Namespace != s.Statement.Kind.namespace() {
		return fmt.Errorf("it is signed in the namespace %.60q; want %s", s.signature.Namespace, s.Statement.Kind.namespace())
	}
	if err := sshsig.Verify(bytes.NewReader(s.Text), s.signature, s.signature.PublicKey, s.signature.HashAlgorithm, s.signature.Namespace); err != nil {
		return errors.New("its signature does not fit its text: one of them was changed")
	}
	return nil
}
