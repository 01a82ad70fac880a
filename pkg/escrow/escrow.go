// Package escrow keeps the ledger's checkpoints in a second place, so that whoever holds the ledger's disk and
// key cannot rewrite it unseen: a folder on another machine's disk, or an object store.
//
// It must not: judge a checkpoint, know the ledger, or repeat what a server answered. It keeps bytes. A place
// holds the checkpoints of one ledger; nothing here is ever deleted.
package escrow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"
)

// Place is where checkpoints are kept.
type Place interface {
	// Put keeps a note under a name of its own, for good, and as the latest. The name is of letters, digits,
	// dots, dashes and underscores; two notes may have the same.
	Put(ctx context.Context, name string, note []byte) error
	// Latest is the note put last; nil, nil where nothing was ever kept. A place that cannot be read, or that
	// lost its latest note and kept others, is an error: not knowing is not the same as having none.
	Latest(ctx context.Context) ([]byte, error)
}

// Spec is `escrow:` in masker.yaml. At most one of its fields is set.
type Spec struct {
	File string // folder that exists
	S3   *S3
}

// S3 says which object store; its credentials are in the environment.
type S3 struct {
	Endpoint string // host or host:port
	Bucket   string
	Prefix   string // of the objects' keys
	Region   string
	Insecure bool // http instead of https
}

const (
	suffix   = ".checkpoint"
	latest   = "latest" + suffix
	maxNote  = 64 << 10 // a checkpoint has a few hundred bytes
	patience = 30 * time.Second
)

// New checks a spec and makes its place, which is nil where none is configured. Credentials are read from env:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Nothing is read or written yet.
func New(s Spec, env map[string]string) (Place, error) {
	switch {
	case s.File != "" && s.S3 != nil:
		return nil, errors.New("escrow: it has one of file and s3, not both")
	case s.File != "":
		return folder{s.File}, nil
	case s.S3 != nil:
		return newBucket(*s.S3, env)
	}
	return nil, nil
}

// keptAs is the name a note is kept under. With its digest, no note ever takes another's place, and the same
// note may be put again.
func keptAs(name string, note []byte) (string, error) {
	if !plainName(name) {
		return "", errors.New("escrow: a checkpoint's name is of letters, digits, dots, dashes and underscores, at most 128 of them, and begins with no dot")
	}
	if len(note) == 0 || len(note) > maxNote {
		return "", errors.New("escrow: this is no checkpoint: it is empty or has more than 64 KiB")
	}
	sum := sha256.Sum256(note)
	return name + "-" + hex.EncodeToString(sum[:8]) + suffix, nil
}

func plainName(name string) bool {
	if name == "" || len(name) > 128 || name[0] == '.' {
		return false
	}
	for _, r := range name {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && r != '.' && r != '-' && r != '_' {
			return false
		}
	}
	return true
}

// readNote reads what is kept, and not more than a note has.
func readNote(r io.Reader) ([]byte, error) {
	note, err := io.ReadAll(io.LimitReader(r, maxNote+1))
	if err != nil {
		return nil, err
	}
	if len(note) == 0 || len(note) > maxNote {
		return nil, errDamaged
	}
	return note, nil
}

var (
	errDamaged = fmt.Errorf("its %s is empty or too long: somebody changed it; compare the other checkpoints kept there", latest)
	errLost    = fmt.Errorf("its %s is gone, though other checkpoints are kept there: somebody removed it; put the newest of them back under this name", latest)
)
