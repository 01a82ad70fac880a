package keysource

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/masker-project/masker/pkg/keyring"
)

// maxFile limits a key file, the content of an age file, and the output of a program, in bytes. A key is a few lines of
// base64 at most.
const maxFile = 4096

// Load reads a key file: 32 or more bytes as base64 or hex, or 32 raw bytes. It must be a regular file that only its
// owner can read. The owner must be the current user or root.
func Load(path string) (*keyring.Ring, error) {
	data, err := readPrivate(path)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	secret, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	r, err := keyring.New(secret)
	if err != nil {
		return nil, fmt.Errorf("key file %s: %w", path, err)
	}
	return r, nil
}

// FromEnv makes a Ring from the value of an environment variable: base64 or hex of 32 or more bytes. Everybody who can
// read the process's environment has this key, so a file is better.
func FromEnv(value string) (*keyring.Ring, error) {
	secret, err := decodeText(value)
	if err != nil {
		return nil, err
	}
	return keyring.New(secret)
}

// readPrivate reads a file that only its owner can read. It opens the file first and then checks the open file. A check
// by name could look at a different file than the file that is read.
func readPrivate(path string) ([]byte, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, errors.New("does not exist; make one with masker keys new, or with `openssl rand -base64 32`, readable by its owner only (chmod 600)")
	}
	if err != nil {
		return nil, errors.Unwrap(err) // the caller adds the path
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil {
		return nil, err
	}
	switch {
	case !st.Mode().IsRegular():
		return nil, errors.New("is not a regular file")
	case st.Mode().Perm()&0o177 != 0:
		return nil, fmt.Errorf("has mode %04o: others must not be able to read it, and nobody to execute it; chmod 600", st.Mode().Perm())
	}
	if err := checkOwner(st); err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxFile {
		return nil, fmt.Errorf("is longer than %d bytes: not a key", maxFile)
	}
	return data, nil
}

// decode reads the content of a key file. 32 bytes that are not all printable are a raw key. 32 printable bytes are
// read as text, because the bytes of a random key are almost never all printable.
func decode(data []byte) ([]byte, error) {
	if len(data) == keyring.MinSecret && !printable(data) {
		return checkRandom(data)
	}
	return decodeText(string(data))
}

var errFormat = errors.New("is not a key: want base64 or hex of 32 random bytes (`openssl rand -base64 32`)")

func decodeText(s string) ([]byte, error) {
	text := bytes.TrimSpace([]byte(s))
	if len(text) == 0 {
		return nil, errors.New("the key is empty: want base64 or hex of 32 random bytes (`openssl rand -base64 32`)")
	}
	if b, err := hex.DecodeString(string(text)); err == nil { // a hex text of 64 digits is also valid base64, so hex comes first
		return checkRandom(b)
	}
	text = bytes.TrimRight(text, "=")
	for _, enc := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if b, err := enc.Strict().DecodeString(string(text)); err == nil {
			return checkRandom(b)
		}
	}
	return nil, errFormat
}

// checkRandom refuses a key that is too short, or that has fewer than 16 different byte values. The probability that 32
// random bytes have fewer than 16 different values is below 2^-50.
func checkRandom(b []byte) ([]byte, error) {
	if len(b) < keyring.MinSecret {
		return nil, fmt.Errorf("the key has %d bits, needs at least %d (`openssl rand -base64 32`)", len(b)*8, keyring.MinSecret*8)
	}
	var seen [256]bool
	different := 0
	for _, c := range b {
		if !seen[c] {
			seen[c] = true
			different++
		}
	}
	if different < 16 {
		return nil, errors.New("the key is not random: it repeats the same few bytes (`openssl rand -base64 32`)")
	}
	return b, nil
}

func printable(b []byte) bool {
	for _, c := range b {
		if (c < 0x20 || c > 0x7e) && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}
