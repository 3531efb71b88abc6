// Package body reads the JSON bodies of both HTTP surfaces and refuses what no
// decoder and no database should get.
//
// Go's decoder silently replaces broken UTF-8 and lone surrogates, and PostgreSQL
// cannot store NUL, so the raw text is checked before it is decoded.
package body

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"bellman/internal/api/problem"
)

// limit is the size of the largest body, in bytes; largeLimit that of bodies that
// contain thousands of items.
const (
	limit      = 4 << 20
	largeLimit = 16 << 20
)

// Read returns the body of the request, of up to 4 MiB, checked by [Check]. An empty body is
// returned as it is. The error is a [*problem.Problem] with status 400, 408 or 413.
func Read(w http.ResponseWriter, r *http.Request) ([]byte, error) { return readUpTo(w, r, limit) }

func readUpTo(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	raw, err := receive(w, r, limit)
	if err != nil {
		return nil, err
	}
	raw = bytes.TrimPrefix(raw, mark)
	if len(raw) == 0 {
		return nil, nil
	}
	return raw, Check(raw)
}

// mark is the byte order mark, with which some clients begin a body.
var mark = []byte("\ufeff")

// receive returns the bytes of a body.
func receive(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var buffer bytes.Buffer
	if r.ContentLength > 0 {
		// ReadFrom needs some room to find the end.
		buffer.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	var over *http.MaxBytesError
	switch {
	case errors.As(err, &over):
		return nil, tooLarge(limit)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, problem.New(http.StatusRequestTimeout, "body_too_slow", "the body took too long to arrive")
	case err != nil:
		return nil, problem.New(http.StatusBadRequest, "body_incomplete", "the body could not be read to its end")
	}
	return buffer.Bytes(), nil
}

func tooLarge(limit int64) error {
	return problem.New(http.StatusRequestEntityTooLarge, "body_too_large",
		fmt.Sprintf("the body is larger than %d MiB: send it in parts", limit>>20))
}

// Peek returns the body of the request as it is, of up to 16 MiB, and leaves it to be
// read again. The errors are those of [Read] for a body that does not arrive.
func Peek(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	raw, err := receive(w, r, largeLimit)
	r.Body = Reader(raw)
	return raw, err
}

// Reader returns a request body with the text that was read before.
func Reader(raw []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(raw)) }
