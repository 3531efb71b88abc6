package surface

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"strings"

	"bellman/internal/access"
	"bellman/internal/api/body"
	"bellman/internal/idempotency"
)

// Once serves a request, which access was given to, with next. When it has an
// Idempotency-Key, that is done once: a repetition gets the first answer, and no
// other request may have the same key (package idempotency). What prevents that goes
// to refuse.
//
// The same request has the same method, path and query, and a body with the same
// meaning.
func (s Services) Once(w http.ResponseWriter, r *http.Request, next http.HandlerFunc, refuse func(error)) {
	keys := r.Header.Values(idempotency.Header)
	if len(keys) == 0 {
		next(w, r)
		return
	}
	answer, err := s.once(w, r, strings.Join(keys, ","), next)
	if errors.Is(err, idempotency.ErrInUse) {
		w.Header().Set("Retry-After", "1")
	}
	if err != nil {
		refuse(err)
		return
	}
	answer.write(w)
}

func (s Services) once(w http.ResponseWriter, r *http.Request, key string, next http.HandlerFunc) (a answer, err error) {
	caller, err := access.From(r.Context())
	if err != nil {
		return a, err
	}
	raw, err := body.Peek(w, r)
	if err != nil {
		return a, err
	}
	request := idempotency.Request{WorkspaceID: caller.WorkspaceID, Key: key, Fingerprint: fingerprint(r, raw)}
	kept, err := s.Idempotency.Once(r.Context(), request, func(ctx context.Context) ([]byte, idempotency.Ending) {
		again := r.WithContext(ctx)
		again.Body = body.Reader(raw)
		var draft draft
		next(&draft, again)
		return draft.encode()
	})
	if err != nil {
		return a, err
	}
	return a, json.Unmarshal(kept, &a)
}

// fingerprint stands for what the request asks for. The integration API has each of
// its addresses twice, with /api before it and without.
func fingerprint(r *http.Request, raw []byte) string {
	path := strings.TrimPrefix(r.URL.Path, "/api")
	return idempotency.Fingerprint([]byte(r.Method), []byte(path), []byte(r.URL.Query().Encode()), idempotency.Meaning(raw))
}

// answer is an answer as it is kept.
type answer struct {
	Status int         `json:"status"`
	Header http.Header `json:"header"`
	Body   string      `json:"body"`
}

func (a answer) write(w http.ResponseWriter) {
	maps.Copy(w.Header(), a.Header)
	w.WriteHeader(a.Status)
	// A client that has left needs no answer.
	_, _ = w.Write([]byte(a.Body))
}

// draft is an [http.ResponseWriter] that holds the answer back.
type draft struct {
	status int
	header http.Header
	body   bytes.Buffer
}

// Header implements [http.ResponseWriter].
func (d *draft) Header() http.Header {
	if d.header == nil {
		d.header = http.Header{}
	}
	return d.header
}

// WriteHeader implements [http.ResponseWriter].
func (d *draft) WriteHeader(status int) {
	if d.status == 0 {
		d.status = status
	}
}

// Write implements [http.ResponseWriter].
func (d *draft) Write(b []byte) (int, error) {
	d.WriteHeader(http.StatusOK)
	return d.body.Write(b)
}

// encode returns the answer as it is kept, and how the request ended.
func (d *draft) encode() ([]byte, idempotency.Ending) {
	d.WriteHeader(http.StatusOK)
	// Marshal does not fail for these types.
	text, _ := json.Marshal(answer{d.status, d.header, d.body.String()})
	switch {
	case d.status >= http.StatusInternalServerError, d.status == http.StatusTooManyRequests, d.status == http.StatusRequestTimeout:
		return text, idempotency.Failed
	case d.status >= http.StatusBadRequest:
		return text, idempotency.Refused
	}
	return text, idempotency.Done
}
