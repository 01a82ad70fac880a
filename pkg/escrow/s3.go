package escrow

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket keeps notes as objects.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// retries of single requests; the library waits between them.
const retries = 3

func newBucket(s S3, env map[string]string) (Place, error) {
	id, secret := env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
	switch {
	case s.Endpoint == "" || s.Bucket == "":
		return nil, errors.New("escrow: s3: endpoint and bucket are needed")
	case strings.ContainsAny(s.Endpoint, "/@?#"):
		return nil, errors.New("escrow: s3: endpoint is a host or host:port, as s3.eu-central-1.amazonaws.com, without https://")
	case id == "" || secret == "":
		return nil, errors.New("escrow: s3: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment")
	}
	client, err := minio.New(s.Endpoint, &minio.Options{
		Creds:      credentials.NewStaticV4(id, secret, env["AWS_SESSION_TOKEN"]),
		Secure:     !s.Insecure,
		Region:     s.Region,
		MaxRetries: retries,
		Transport: &http.Transport{
			Proxy:             http.ProxyFromEnvironment,
			DisableKeepAlives: true, // two requests in hours
		},
	})
	if err != nil {
		return nil, errors.New("escrow: s3: endpoint is a host or host:port, as s3.eu-central-1.amazonaws.com")
	}
	return bucket{client, s.Bucket, strings.Trim(s.Prefix, "/")}, nil
}

func (b bucket) key(name string) string { return path.Join(b.prefix, name) }

func (b bucket) Put(ctx context.Context, name string, note []byte) error {
	kept, err := keptAs(name, note)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	// The latest first: a place with notes and no latest is one that somebody tampered with.
	for _, object := range []string{latest, kept} {
		_, err := b.client.PutObject(ctx, b.name, b.key(object), bytes.NewReader(note), int64(len(note)),
			minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8"})
		if err != nil {
			return bucketFault(ctx, err)
		}
	}
	return nil
}

func (b bucket) Latest(ctx context.Context) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	object, err := b.client.GetObject(ctx, b.name, b.key(latest), minio.GetObjectOptions{})
	if err != nil {
		return nil, bucketFault(ctx, err)
	}
	defer func() { _ = object.Close() }() // it was only read
	note, err := readNote(object)
	if minio.ToErrorResponse(err).Code == minio.NoSuchKey {
		return nil, b.nothingKept(ctx)
	}
	if err != nil {
		return nil, bucketFault(ctx, err)
	}
	return note, nil
}

func (b bucket) nothingKept(ctx context.Context) error {
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	ctx, cancel := context.WithCancel(ctx) // ends the listing
	defer cancel()
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix}) {
		switch {
		case o.Err != nil:
			return bucketFault(ctx, o.Err)
		case strings.HasSuffix(o.Key, suffix):
			return bucketFault(ctx, errLost)
		}
	}
	return nil
}

// bucketFault says what is known without quoting an answer, which may name accounts and keys.
func bucketFault(ctx context.Context, err error) error {
	answer := minio.ToErrorResponse(err)
	switch {
	case errors.Is(err, errLost), errors.Is(err, errDamaged):
		return fmt.Errorf("escrow: s3: %w", err)
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errors.New("escrow: s3: no answer in time")
	case ctx.Err() != nil:
		return errors.New("escrow: s3: interrupted")
	case answer.Code == minio.NoSuchBucket:
		return errors.New("escrow: s3: there is no such bucket")
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("escrow: s3: it answers %d: these credentials may not do this; s3:PutObject, s3:GetObject and s3:ListBucket are needed", answer.StatusCode)
	case answer.StatusCode >= 300:
		return fmt.Errorf("escrow: s3: it answers %d", answer.StatusCode)
	}
	return errors.New("escrow: s3: the store cannot be reached, or does not speak as one")
}
