package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"bellman/internal/media"
)

// s3 keeps each key in an object of its own.
type s3 struct {
	client *minio.Client
	bucket string
	// prefix ends in a slash, unless it is empty.
	prefix string
}

var _ media.Blobs = (*s3)(nil)

const (
	// s3Attempts is how often a request that meets passing failures is made.
	s3Attempts = 4
	// s3Look is how long the bucket may take to answer at the start.
	s3Look = 20 * time.Second
)

func openS3(ctx context.Context, address string) (*s3, error) {
	options, host, bucket, prefix, err := parseS3(address)
	if err != nil {
		return nil, err
	}
	client, err := minio.New(host, options)
	if err != nil {
		return nil, fmt.Errorf("blob: the address of the bucket: %w", err)
	}
	s := &s3{client, bucket, prefix}
	ctx, cancel := context.WithTimeout(ctx, s3Look)
	defer cancel()
	switch there, err := client.BucketExists(ctx, bucket); {
	case err != nil:
		return nil, fmt.Errorf("blob: look at the bucket %s on %s: %w", bucket, host, err)
	case !there:
		return nil, fmt.Errorf("blob: there is no bucket %s on %s", bucket, host)
	}
	return s, nil
}

var errS3Address = errors.New(
	"blob: write the place for files as s3://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION, with KEY and SECRET percent-encoded")

// parseS3 reads an address. Its errors do not quote it, because it contains a
// secret.
func parseS3(address string) (options *minio.Options, host, bucket, prefix string, err error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.Fragment != "" {
		return nil, "", "", "", errS3Address
	}
	bucket, prefix, _ = strings.Cut(strings.Trim(u.Path, "/"), "/")
	if bucket == "" {
		return nil, "", "", "", errS3Address
	}
	if prefix != "" {
		prefix = path.Clean(prefix) + "/"
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, "", "", "", errS3Address
	}
	options = &minio.Options{Region: query.Get("region"), MaxRetries: s3Attempts}
	if options.Secure, err = parseTLS(query.Get("tls")); err != nil {
		return nil, "", "", "", err
	}
	for name := range query {
		if name != "region" && name != "tls" {
			return nil, "", "", "", fmt.Errorf("blob: the place for files has the parameter %q; there are region and tls", name)
		}
	}
	options.Creds, err = parseCredentials(u.User)
	return options, u.Host, bucket, prefix, err
}

func parseTLS(word string) (secure bool, err error) {
	switch word {
	case "", "on":
		return true, nil
	case "off":
		return false, nil
	}
	return false, fmt.Errorf("blob: the parameter tls of the place for files is on or off, not %q", word)
}

// parseCredentials takes the keys from an address, else from the environment:
// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN.
func parseCredentials(user *url.Userinfo) (*credentials.Credentials, error) {
	if user != nil {
		secret, _ := user.Password()
		if user.Username() == "" || secret == "" {
			return nil, errS3Address
		}
		return credentials.NewStaticV4(user.Username(), secret, ""), nil
	}
	keys := credentials.NewEnvAWS()
	if value, err := keys.GetWithContext(nil); err != nil || value.AccessKeyID == "" || value.SecretAccessKey == "" {
		return nil, errors.New(
			"blob: the keys to the bucket are missing: write KEY:SECRET@ into its address, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	}
	return keys, nil
}

func (s *s3) object(key string) string { return s.prefix + key }

// Put implements [media.Blobs].
func (s *s3) Put(ctx context.Context, key string, size int64, r io.ReadSeeker) error {
	if err := checkKey(key); err != nil {
		return err
	}
	// One request: the object is stored completely or not at all, and no part of it
	// is left to be paid for.
	_, err := s.client.PutObject(ctx, s.bucket, s.object(key), r, size, minio.PutObjectOptions{DisableMultipart: true})
	return explain("write", err)
}

// Open implements [media.Blobs].
func (s *s3) Open(ctx context.Context, key string) (io.ReadSeekCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	object, err := s.client.GetObject(ctx, s.bucket, s.object(key), minio.GetObjectOptions{})
	if err != nil {
		return nil, explain("open", err)
	}
	// Nothing was asked of the server yet.
	if _, err := object.Stat(); err != nil {
		if minio.ToErrorResponse(err).StatusCode == http.StatusNotFound {
			err = missing(key, err)
		} else {
			err = explain("open", err)
		}
		return nil, errors.Join(err, object.Close())
	}
	return object, nil
}

// Delete implements [media.Blobs].
func (s *s3) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return explain("remove", s.client.RemoveObject(ctx, s.bucket, s.object(key), minio.RemoveObjectOptions{}))
}

// Walk implements [media.Blobs]. Objects without a name of our form are skipped.
func (s *s3) Walk(ctx context.Context, before time.Time, each func(key string) error) error {
	// The listing reads ahead until its context ends.
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for object := range s.client.ListObjectsIter(ctx, s.bucket, minio.ListObjectsOptions{Prefix: s.prefix}) {
		if object.Err != nil {
			return explain("list", object.Err)
		}
		key := strings.TrimPrefix(object.Key, s.prefix)
		if checkKey(key) != nil || !object.LastModified.Before(before) {
			continue
		}
		if err := each(key); err != nil {
			return err
		}
	}
	return nil
}

// explain returns an error of the client in our words. A failure that may pass is
// Unavailable: no answer, or a server error.
func explain(what string, err error) error {
	if err == nil {
		return nil
	}
	wrapped := fmt.Errorf("blob: %s object: %w", what, err)
	answer, answered := errors.AsType[minio.ErrorResponse](err)
	if errors.Is(err, context.Canceled) || answered && answer.StatusCode < http.StatusInternalServerError {
		return wrapped
	}
	return errUnavailable.Because(wrapped)
}
