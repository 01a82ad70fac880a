package keysource

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"filippo.io/age"

	"github.com/masker-project/masker/pkg/keyring"
)

// Generate writes a new random key to a file that only its owner can read. It is an error if the file exists.
func Generate(path string) error {
	return create(path, func(w io.Writer) error {
		_, err := io.WriteString(w, newKey())
		return err
	})
}

// GenerateFor is like Generate, but encrypts the key with age for these recipients (age1…).
func GenerateFor(path string, recipients ...string) error {
	to, err := age.ParseRecipients(strings.NewReader(strings.Join(recipients, "\n")))
	if err != nil {
		return errors.New("a recipient is not an age public key (age1…)")
	}
	return create(path, encryptTo(to))
}

// Next writes a new key to a file of the same form as the file of s: a plain file, or an age file that the same
// identity or passphrase opens. It returns an error if s is another kind of source. The new key is random and has no
// relation to the key of s. The argument env looks up an environment variable.
func (s Source) Next(ctx context.Context, path string, env func(string) (string, bool)) error {
	switch {
	case s.File != "":
		return Generate(path)
	case s.Age == "":
		return fmt.Errorf("the key comes from %s, where masker cannot put a new one; make the new key there yourself", s)
	}
	ids, err := s.identities(ctx, env)
	if err != nil {
		return err
	}
	var to []age.Recipient
	for _, id := range ids {
		if x, ok := id.(*age.X25519Identity); ok {
			to = append(to, x.Recipient())
		}
	}
	if s.Identity == "" {
		passphrase, err := s.passphrase(ctx, env)
		if err != nil {
			return err
		}
		r, err := age.NewScryptRecipient(passphrase)
		if err != nil {
			return errors.New("the passphrase is empty")
		}
		to = []age.Recipient{r}
	}
	if len(to) == 0 {
		return fmt.Errorf("the identities in %s have no plain public key; make the file with masker keys new --recipient", s.Identity)
	}
	return create(path, encryptTo(to))
}

func encryptTo(to []age.Recipient) func(io.Writer) error {
	return func(w io.Writer) error {
		enc, err := age.Encrypt(w, to...)
		if err != nil {
			return errors.New("age cannot encrypt to these recipients together")
		}
		_, err = io.WriteString(enc, newKey())
		return errors.Join(err, enc.Close())
	}
}

// newKey returns a new random key in the form of a key file.
func newKey() string {
	secret := make([]byte, keyring.MinSecret)
	rand.Read(secret) // never fails: crypto/rand ends the program instead
	return base64.StdEncoding.EncodeToString(secret) + "\n"
}

func create(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("key file %s exists already: a key that was used must not be overwritten; name another file", path)
	}
	if err != nil {
		return fmt.Errorf("making a key file: %w", err)
	}
	if err = errors.Join(write(f), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing key file %s: %w", path, errors.Join(err, os.Remove(path)))
	}
	return nil
}
