// Package escrow keeps the ledger's checkpoints in a second place, so that whoever holds the ledger's disk and
// key cannot rewrite it unseen: a folder on another machine's disk, or an object store.
//
// It must not: judge a signature, know the ledger, or repeat what a server answered. It keeps bytes, and reads of
// them whose they are and over how many records. A place holds the checkpoints of one ledger; nothing in it is ever
// replaced or deleted, so that two stories about the same records stand side by side.
package escrow

import (
	"context"
	"errors"
	"time"
)

// Place is where checkpoints are kept.
type Place interface {
	// Put keeps a note for good under a name of its own. The name is of letters, digits, dots, dashes and
	// underscores; two notes may have the same. A note that contradicts another one there is kept as evidence,
	// and is a *Conflict; one over fewer records than the latest is kept, and the latest stays the latest.
	Put(ctx context.Context, name string, note []byte) error
	// Latest is the note over the most records; nil, nil where nothing was ever kept. A place that cannot be
	// read, or that was changed, is an error: not knowing is not the same as having none.
	Latest(ctx context.Context) ([]byte, error)
}

// Conflict is that a place holds something that cannot be true of one unchanged ledger.
type Conflict struct{ Why string }

func (c *Conflict) Error() string { return "escrow: " + c.Why }

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

const patience = 30 * time.Second // for one request to a store, with its retries

// New checks a spec and makes its place, which is nil where none is configured. Credentials are read from env:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Nothing is read or written yet.
func New(s Spec, env map[string]string) (Place, error) {
	switch {
	case s.File != "" && s.S3 != nil:
		return nil, errors.New("escrow: it has one of file and s3, not both")
	case s.File != "":
		return place{folder{s.File}}, nil
	case s.S3 != nil:
		return newBucket(*s.S3, env)
	}
	return nil, nil
}
