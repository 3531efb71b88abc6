// Package blob keeps the bytes of uploaded files, in a directory or in an
// S3-compatible bucket. It implements [media.Blobs] for both.
//
// Bytes are stored under keys that are made once and never written again, so that
// nothing here has to order two writers.
package blob

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"bellman/internal/fault"
	"bellman/internal/media"
)

// Open returns the store at an address: the path of a directory, which is created
// if necessary, or
//
//	s3://KEY:SECRET@HOST/BUCKET/PREFIX?region=REGION&tls=off
//
// where KEY:SECRET (percent-encoded), PREFIX and the parameters may be left out.
// Open checks that a bucket exists. No error contains a secret.
func Open(ctx context.Context, address string) (media.Blobs, error) {
	if strings.HasPrefix(address, "s3://") {
		return openS3(ctx, address)
	}
	return openDisk(address)
}

var keyForm = regexp.MustCompile(`^[0-9A-Za-z-]{4,64}$`)

func checkKey(key string) error {
	if !keyForm.MatchString(key) {
		return fmt.Errorf("blob: %q is no key", key)
	}
	return nil
}

// errUnavailable is the error that callers get when the store does not answer.
var errUnavailable = fault.New(fault.Unavailable, "media_unavailable",
	"the place where files are kept does not answer; try again shortly")

// missing returns the error for bytes that should exist.
func missing(key string, err error) error {
	return fmt.Errorf("blob: the bytes under %s are missing: %w", key, err)
}
