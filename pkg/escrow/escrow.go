// Package escrow keeps a copy of the ledger's checkpoints on another machine: in a folder, or in an object store. Who
// holds the ledger's disk and key can then not rewrite the ledger unseen.
//
// It keeps bytes. Of a checkpoint it reads only whose it is and over how many records; it judges no signature. A copy
// holds the checkpoints of one ledger. Nothing in it is ever replaced or deleted, so two stories about the same records
// stand side by side. It repeats nothing of what a server answered.
package escrow

import (
	"context"
	"errors"
	"time"
)

// Copy is a checkpoint copy.
type Copy interface {
	// Put keeps a note for good, under a name of its own. The name is of letters, digits, dots, dashes and
	// underscores; two notes may have the same. A note that contradicts one that is there is kept as evidence, and
	// the error is a *Conflict. A note over fewer records than the latest is kept; the latest stays the latest.
	Put(ctx context.Context, name string, note []byte) error
	// Latest is the note over the most records; nil, nil where none was ever kept. A copy that cannot be read, or
	// that was changed, is an error: not knowing is not the same as having none.
	Latest(ctx context.Context) ([]byte, error)
}

// Conflict says that a copy holds something that cannot be true of one unchanged ledger.
type Conflict struct{ Why string }

func (c *Conflict) Error() string { return "escrow: " + c.Why }

// Spec is `escrow:` in masker.yaml. At most one of its fields is set. The tags say what a field means to an editor of
// that file.
type Spec struct {
	File string `doc:"A folder that exists, on another machine's disk."`
	S3   *S3    `doc:"An object store. Credentials: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN."`
}

// S3 says which object store; its credentials are in the environment.
type S3 struct {
	Endpoint string `doc:"host or host:port"`
	Bucket   string `doc:"The bucket."`
	Prefix   string `doc:"Of the objects' keys."`
	Region   string `doc:"The region."`
	Insecure bool   `doc:"http instead of https."`
}

const patience = 30 * time.Second // for one request to a store, with its retries

// New checks a spec and makes its Copy, which is nil where none is configured. Credentials are read from env:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN. Nothing is read or written yet.
func New(s Spec, env map[string]string) (Copy, error) {
	switch {
	case s.File != "" && s.S3 != nil:
		return nil, errors.New("escrow: it has one of file and s3, not both")
	case s.File != "":
		return checkpoints{folder{s.File}}, nil
	case s.S3 != nil:
		return newBucket(*s.S3, env)
	}
	return nil, nil
}
