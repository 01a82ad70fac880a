package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// signer is the ledger's signing key. Somebody who has the key and the disk can rewrite all records after the last
// checkpoint that is kept elsewhere.
type signer struct {
	note.Signer
	verifier note.Verifier
	vkey     string
}

const (
	privatePrefix = "PRIVATE+KEY+"
	seedAlgorithm = 1 // Ed25519, in the key encoding of sumdb/note
)

// newSigner makes a key with a random name, so that two ledgers have different names.
func newSigner() (skey string, err error) {
	var id [4]byte
	_, _ = rand.Read(id[:]) // never fails: crypto/rand ends the program instead
	skey, _, err = note.GenerateKey(rand.Reader, "masker-ledger-"+hex.EncodeToString(id[:]))
	return skey, err
}

func parseSigner(skey string) (*signer, error) {
	bad := errors.New("not a ledger's signing key")
	s, err := note.NewSigner(skey)
	if err != nil {
		return nil, bad // the library's error could quote the key
	}
	parts := strings.SplitN(strings.TrimPrefix(skey, privatePrefix), "+", 3)
	if len(parts) != 3 {
		return nil, bad
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.SeedSize || key[0] != seedAlgorithm {
		return nil, bad
	}
	public, ok := ed25519.NewKeyFromSeed(key[1:]).Public().(ed25519.PublicKey)
	if !ok {
		return nil, bad
	}
	vkey, err := note.NewEd25519VerifierKey(s.Name(), public)
	if err != nil {
		return nil, bad
	}
	v, err := note.NewVerifier(vkey)
	if err != nil {
		return nil, bad
	}
	return &signer{s, v, vkey}, nil
}

// readSigner reads the key's file. It refuses a file that others may read or write, because such a key is not secret.
func readSigner(path string) (*signer, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read or write %s (mode %04o): run chmod 600 on it, or begin a new ledger if somebody has read the key", path, st.Mode().Perm())
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	k, err := parseSigner(strings.TrimSpace(string(data)))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return k, nil
}
