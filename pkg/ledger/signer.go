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

// signer is the ledger's key: whoever holds it and the disk can rewrite what nobody else
// kept a checkpoint of.
type signer struct {
	note.Signer
	verifier note.Verifier
	vkey     string
}

const (
	privatePrefix = "PRIVATE+KEY+"
	seedAlgorithm = 1 // of sumdb/note's key encoding: Ed25519
)

// newSigner makes a key under a name of its own, so that two ledgers are never taken for one.
func newSigner() (skey string, err error) {
	var id [4]byte
	_, _ = rand.Read(id[:]) // crypto/rand ends the program rather than fail
	skey, _, err = note.GenerateKey(rand.Reader, "masker-ledger-"+hex.EncodeToString(id[:]))
	return skey, err
}

func parseSigner(skey string) (*signer, error) {
	bad := errors.New("not a ledger's signing key")
	s, err := note.NewSigner(skey)
	if err != nil {
		return nil, bad // the library's error is about a secret
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

// readSigner reads the key's file; what others may read is no secret and signs nothing.
func readSigner(path string) (*signer, error) {
	st, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if st.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s may be read or written by others (mode %04o): chmod 600 it, or begin a new ledger if somebody did", path, st.Mode().Perm())
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
