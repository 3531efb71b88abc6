package body

import (
	"errors"
	"net/http"

	"bellman/internal/api/loose"
	"bellman/internal/api/problem"
)

// Decode reads the request's body as [Read] does and decodes it. A body without
// content is an Empty value. The errors are those of Read, and those of decode as
// [Shaped] returns them.
func Decode[T any](w http.ResponseWriter, r *http.Request, decode func(loose.Value) (T, error)) (T, error) {
	return decodeUpTo(w, r, lenient, decode)
}

// DecodeLarge is [Decode] for bodies of up to 16 MiB and 500,000 values, which contain
// thousands of items.
func DecodeLarge[T any](w http.ResponseWriter, r *http.Request, decode func(loose.Value) (T, error)) (T, error) {
	return decodeUpTo(w, r, large, decode)
}

func decodeUpTo[T any](w http.ResponseWriter, r *http.Request, most bound, decode func(loose.Value) (T, error)) (T, error) {
	raw, err := readUpTo(w, r, most)
	if err != nil {
		var none T
		return none, err
	}
	value, err := decode(loose.Parse(raw))
	return value, Shaped(err)
}

// Shaped turns a [*loose.Error] into a [*problem.Problem] with status 400, and
// returns every other error unchanged.
func Shaped(err error) error {
	if e, ok := errors.AsType[*loose.Error](err); ok {
		return problem.New(http.StatusBadRequest, "invalid_request", e.Error())
	}
	return err
}
