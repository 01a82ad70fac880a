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

// bucket stores checkpoints as objects.
type bucket struct {
	client       *minio.Client
	name, prefix string
}

// retries is how often the library sends a request that fails. It waits between the attempts.
const retries = 3

func newBucket(s S3, env map[string]string) (Copy, error) {
	id, secret := env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
	switch {
	case s.Endpoint == "" || s.Bucket == "":
		return nil, errors.New("escrow: s3: endpoint and bucket are needed")
	case strings.ContainsAny(s.Endpoint, "/@?#"):
		return nil, errors.New("escrow: s3: endpoint is a host or host:port, such as s3.eu-central-1.amazonaws.com, without https://")
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
			DisableKeepAlives: true, // runs are hours apart
		},
	})
	if err != nil {
		return nil, errors.New("escrow: s3: endpoint is a host or host:port, such as s3.eu-central-1.amazonaws.com")
	}
	return checkpoints{bucket{client, s.Bucket, strings.Trim(s.Prefix, "/")}}, nil
}

func (b bucket) key(name string) string { return path.Join(b.prefix, name) }

func (b bucket) names(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel() // if this function returns early, the library stops its listing
	prefix := b.prefix
	if prefix != "" {
		prefix += "/"
	}
	var names []string
	for o := range b.client.ListObjects(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix}) {
		if o.Err != nil {
			return nil, bucketFault(ctx, o.Err)
		}
		names = append(names, strings.TrimPrefix(o.Key, prefix))
	}
	if ctx.Err() != nil { // the library may end the list without an error
		return nil, bucketFault(ctx, ctx.Err())
	}
	return names, nil
}

func (b bucket) read(ctx context.Context, name string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	object, err := b.client.GetObject(ctx, b.name, b.key(name), minio.GetObjectOptions{})
	if err != nil {
		return nil, bucketFault(ctx, err)
	}
	defer func() { _ = object.Close() }() // the object was only read
	note, err := readNote(object)
	if err != nil {
		return nil, bucketFault(ctx, err)
	}
	return note, nil
}

func (b bucket) write(ctx context.Context, name string, note []byte) error {
	ctx, cancel := context.WithTimeout(ctx, requestTimeout)
	defer cancel()
	_, err := b.client.PutObject(ctx, b.name, b.key(name), bytes.NewReader(note), int64(len(note)),
		minio.PutObjectOptions{ContentType: "text/plain; charset=utf-8"})
	if err != nil {
		return bucketFault(ctx, err)
	}
	return nil
}

// bucketFault describes an error without quoting the store's answer, because the answer may name accounts and keys.
func bucketFault(ctx context.Context, err error) error {
	answer := minio.ToErrorResponse(err)
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return errors.New("escrow: s3: no answer in time")
	case ctx.Err() != nil:
		return errors.New("escrow: s3: interrupted")
	case answer.Code == minio.NoSuchBucket:
		return errors.New("escrow: s3: there is no such bucket")
	case answer.StatusCode == http.StatusForbidden, answer.StatusCode == http.StatusUnauthorized:
		return fmt.Errorf("escrow: s3: the store answers %d: the credentials need s3:PutObject, s3:GetObject and s3:ListBucket", answer.StatusCode)
	case answer.StatusCode >= 300:
		return fmt.Errorf("escrow: s3: the store answers %d", answer.StatusCode)
	}
	return errors.New("escrow: s3: the store cannot be reached, or its answer is not that of an object store")
}
