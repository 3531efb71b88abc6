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
	"mime"
	"net/http"
	"os"

	"bellman/internal/api/problem"
)

// A bound is what one body may be at most, and what becomes of it.
type bound struct {
	// bytes is its size.
	bytes int64
	// values is how many JSON values it holds. Small ones, such as {}, take a hundred
	// times their text when they are decoded.
	values int64
	// perByte and perValue are how many bytes the decoders of such bodies take beside
	// them, measured.
	perByte, perValue int64
}

// memory returns about how many bytes the decoder of a body takes.
func (b bound) memory(raw []byte, values int64) int64 {
	return int64(len(raw))*b.perByte + values*b.perValue
}

var (
	// strict are the bodies of the management API, which are decoded into maps first.
	strict = bound{4 << 20, 60_000, 3, 300}
	// lenient are those of the integration API; large those that contain thousands of
	// items.
	lenient = bound{4 << 20, 200_000, 1, 48}
	large   = bound{16 << 20, 500_000, 2, 48}
)

// Read returns the body of the request, of up to 4 MiB and 60,000 values, checked by [Check]. An
// empty body is returned as it is. The error is a [*problem.Problem] with status 400,
// 408, 413 or 503.
func Read(w http.ResponseWriter, r *http.Request) ([]byte, error) { return readUpTo(w, r, strict) }

func readUpTo(w http.ResponseWriter, r *http.Request, most bound) ([]byte, error) {
	raw, err := receive(w, r, most.bytes)
	if err != nil {
		return nil, err
	}
	raw = bytes.TrimPrefix(raw, mark)
	if len(raw) == 0 {
		return nil, nil
	}
	values, err := check(raw)
	if err == nil && values > most.values {
		err = problem.New(http.StatusRequestEntityTooLarge, "body_too_many_values",
			fmt.Sprintf("the body holds more than %d values: send it in parts", most.values))
	}
	if err == nil {
		err = busy(w, accountOf(r.Context()).decode(r.Context(), most.memory(raw, values)))
	}
	return raw, err
}

// IsJSON reports whether a request says that its body is JSON.
func IsJSON(r *http.Request) bool {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	return err == nil && kind == "application/json"
}

// mark is the byte order mark, with which some clients begin a body.
var mark = []byte("\ufeff")

// receive returns the bytes of a body.
func receive(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if before, ok := r.Body.(*received); ok && int64(len(before.raw)) <= limit {
		return before.raw, nil
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	most := limit
	if r.ContentLength >= 0 {
		most = r.ContentLength
	}
	raw, err := accountOf(r.Context()).arrive(http.MaxBytesReader(w, r.Body, limit), most)
	var over *http.MaxBytesError
	switch {
	case err == nil:
		return raw, nil
	case errors.As(err, &over):
		return nil, tooLarge(limit)
	case errors.Is(err, errBusy):
		return nil, busy(w, err)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return nil, problem.New(http.StatusRequestTimeout, "body_too_slow", "the body took too long to arrive")
	}
	return nil, problem.New(http.StatusBadRequest, "body_incomplete", "the body could not be read to its end")
}

// busy returns err, which is errBusy or nil, and says when to come again.
func busy(w http.ResponseWriter, err error) error {
	if err != nil {
		w.Header().Set("Retry-After", retryAfter)
	}
	return err
}

func tooLarge(limit int64) error {
	return problem.New(http.StatusRequestEntityTooLarge, "body_too_large",
		fmt.Sprintf("the body is larger than %d MiB: send it in parts", limit>>20))
}

// Peek returns the body of the request as it is, of up to 16 MiB, and leaves it to be
// read again. The errors are those of [Read] for a body that does not arrive.
func Peek(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	raw, err := receive(w, r, large.bytes)
	r.Body = Reader(raw)
	if err == nil {
		// Nobody knows yet whether it is JSON; if so, it has no more values than these.
		values := bytes.Count(raw, []byte{','}) + bytes.Count(raw, []byte{'['}) + bytes.Count(raw, []byte{'{'})
		err = busy(w, accountOf(r.Context()).decode(r.Context(), large.memory(raw, int64(values))))
	}
	return raw, err
}

// received is a body that was read before: reading it again copies nothing.
type received struct {
	*bytes.Reader
	raw []byte
}

// Close implements [io.Closer].
func (*received) Close() error { return nil }

// Reader returns a request body with the text that was read before.
func Reader(raw []byte) io.ReadCloser { return &received{bytes.NewReader(raw), raw} }
