package approval

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/hiddeco/sshsig"
	"golang.org/x/crypto/ssh"
)

// Signed is a parsed file: the statement, the bytes that are signed, and the signature. The signature is not
// verified yet.
type Signed struct {
	Statement Statement
	Text      []byte
	signature *sshsig.Signature
}

const (
	armorBegin = "-----BEGIN SSH SIGNATURE-----\n"
	armorEnd   = "-----END SSH SIGNATURE-----\n"
	// maxFile is the largest file that is parsed, in bytes. Statements are much smaller.
	maxFile = 64 << 10
)

// Parse reads a statement that is followed by exactly one signature. Errors never quote the file.
func Parse(file []byte) (Signed, error) {
	switch {
	case len(file) > maxFile:
		return Signed{}, errors.New("it is larger than a statement can be")
	case bytes.IndexByte(file, '\r') >= 0:
		return Signed{}, errors.New("its lines end with CR LF, probably because git changed them: put `*.author -text` and `*.approval -text` into .gitattributes")
	}
	begin := bytes.Index(file, []byte(armorBegin))
	switch {
	case begin < 0:
		return Signed{}, errors.New("it has no signature")
	case bytes.Count(file, []byte("BEGIN SSH SIGNATURE")) > 1:
		return Signed{}, errors.New("it has more than one signature; write each approval into its own file")
	case !bytes.HasSuffix(file, []byte(armorEnd)):
		return Signed{}, errors.New("there is text after its signature, or a part of the signature is missing")
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
		return Signed{}, errors.New("its signature does not have the form that ssh-keygen writes")
	}
	return Signed{Statement: statement, Text: text, signature: sig}, nil
}

// compact removes line ends. ssh-keygen breaks lines after 70 characters, other programs after 76.
func compact(armor []byte) []byte { return bytes.ReplaceAll(armor, []byte("\n"), nil) }

// Sign signs a statement in the namespace of its kind, and returns the content of the file.
func Sign(s Statement, signer ssh.Signer) ([]byte, error) {
	if err := s.complete(); err != nil {
		return nil, fmt.Errorf("the statement cannot be signed: %w", err)
	}
	text := s.Marshal()
	sig, err := sshsig.Sign(bytes.NewReader(text), signer, sshsig.HashSHA512, s.Kind.namespace())
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return append(text, sshsig.Armor(sig)...), nil
}

// Fingerprint returns the fingerprint of a key, as ssh-keygen -l prints it.
func Fingerprint(key ssh.PublicKey) string { return ssh.FingerprintSHA256(key) }

// fingerprint returns the fingerprint of the key that made the signature.
func (s Signed) fingerprint() string { return Fingerprint(s.signature.PublicKey) }

// verify verifies the signature of the bytes, in the namespace of the statement's kind.
func (s Signed) verify() error {
	if s.signature.Namespace != s.Statement.Kind.namespace() {
		return fmt.Errorf("it is signed in the namespace %.60q; want %s", s.signature.Namespace, s.Statement.Kind.namespace())
	}
	if err := sshsig.Verify(bytes.NewReader(s.Text), s.signature, s.signature.PublicKey, s.signature.HashAlgorithm, s.signature.Namespace); err != nil {
		return errors.New("its signature does not match its text: one of them was changed")
	}
	return nil
}
