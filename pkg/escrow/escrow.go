// Package escrow copies the ledger's checkpoints to another machine: into a folder or an object store. The copies
// show if somebody who has the ledger's disk and key rewrites the ledger.
//
// A checkpoint copy holds the checkpoints of one ledger. The package never replaces or deletes a checkpoint, so two
// checkpoints that contradict each other are both kept. It parses only the origin and the size of a checkpoint, and
// does not verify signatures. Its errors never quote a server's answer.
package escrow

import (
	"context"
	"errors"
	"time"
)

// Copy is a checkpoint copy.
type Copy interface {
	// Put stores a checkpoint. The argument note is the signed checkpoint. The argument name becomes a part of the
	// file's name. It has at most 128 letters, digits, dots, dashes and underscores, and does not begin with a dot. Two
	// checkpoints can have the same name. A checkpoint that contradicts a stored one is stored too, as evidence, and
	// the error is a *Conflict. If the copy holds checkpoints of another ledger, or if its latest checkpoint was
	// changed, the error is a *Conflict too, but nothing is stored. A checkpoint may cover fewer records than the
	// latest one. Put stores it too, and the latest one stays the latest.
	Put(ctx context.Context, name string, note []byte) error
	// Latest returns the checkpoint that covers the most records. It returns nil, nil if the copy is empty. If the copy
	// cannot be read, or was changed, Latest returns an error.
	Latest(ctx context.Context) ([]byte, error)
}

// Conflict is the error for a copy whose content cannot come from one unchanged ledger.
type Conflict struct{ Why string }

func (c *Conflict) Error() string { return "escrow: " + c.Why }

// Spec is `escrow:` in masker.yaml. At most one of its fields is set. The tags are texts for the JSON Schema of that
// file.
type Spec struct {
	File string `doc:"An existing folder on the disk of another machine."`
	S3   *S3    `doc:"An object store. Credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN."`
}

// S3 names an object store. The credentials come from environment variables (AWS_ACCESS_KEY_ID and so on).
type S3 struct {
	Endpoint string `doc:"host or host:port"`
	Bucket   string `doc:"The bucket."`
	Prefix   string `doc:"A prefix of the objects' keys."`
	Region   string `doc:"The region."`
	Insecure bool   `doc:"Use http instead of https."`
}

const requestTimeout = 30 * time.Second // time limit for one request to a store, including its retries

// New checks a spec and makes its Copy. The Copy is nil if the spec is empty. Credentials are read from env:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. New does not connect to the store.
func New(s Spec, env map[string]string) (Copy, error) {
	switch {
	case s.File != "" && s.S3 != nil:
		return nil, errors.New("escrow: use either file or s3, not both")
	case s.File != "":
		return checkpoints{folder{s.File}}, nil
	case s.S3 != nil:
		return newBucket(*s.S3, env)
	}
	return nil, nil
}
