package manage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/gif"
	"image/png"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"bellman/internal/access"
	"bellman/internal/api/auth"
	"bellman/internal/api/manage"
	"bellman/internal/api/surface"
	"bellman/internal/audit"
	"bellman/internal/blob"
	"bellman/internal/media"
	"bellman/internal/message"
	"bellman/internal/store"
	"bellman/internal/store/storetest"
	"bellman/internal/workspace"
)

const files = "/manage/v1/media"

// library is a management API that needs only files.
type library struct {
	http.Handler
	store *store.DB
	key   string
}

func setup(t *testing.T) library {
	t.Helper()
	s := storetest.Open(t, storetest.SQLite(t))
	now := func() time.Time { return time.Unix(1_800_000_000, 0) }
	keys := access.NewKeys(s.Keys, now, nil)
	key, err := keys.CreateKey(t.Context(), workspace.Default, "test", access.ScopeFull)
	require.NoError(t, err)
	blobs, err := blob.Open(t.Context(), t.TempDir())
	require.NoError(t, err)
	return library{manage.New(surface.Services{
		Keys: keys, Now: now, Audit: audit.New(s.Audit, now, slog.New(slog.DiscardHandler)),
		Door: auth.NewDoor(keys, nil, "", slog.New(slog.DiscardHandler)), Workspaces: workspace.New(s.Workspaces, time.Now),
		Media: media.New(s.Media, blobs, now, uuid.NewString), Log: slog.New(slog.DiscardHandler),
	}), s, key}
}

func (l library) request(method, path string, body io.Reader, header ...string) *http.Request {
	r := httptest.NewRequest(method, path, body)
	r.SetBasicAuth("any", l.key)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

func (l library) call(method, path string, body io.Reader, header ...string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	l.ServeHTTP(w, l.request(method, path, body, header...))
	return w
}

// form writes parts, each a field, a file name and bytes, and returns the form
// and its type.
func form(t *testing.T, parts ...[3]string) (body *bytes.Buffer, contentType string) {
	t.Helper()
	body = &bytes.Buffer{}
	w := multipart.NewWriter(body)
	for _, p := range parts {
		part, err := w.CreateFormFile(p[0], p[1])
		require.NoError(t, err)
		_, err = io.WriteString(part, p[2])
		require.NoError(t, err)
	}
	require.NoError(t, w.Close())
	return body, w.FormDataContentType()
}

func picture(t *testing.T, width, height int) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))))
	return b.String()
}

func view(t *testing.T, w *httptest.ResponseRecorder) (v map[string]any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &v), w.Body)
	return v
}

func TestMedia(t *testing.T) {
	t.Parallel()
	l, content := setup(t), picture(t, 30, 20)
	body, contentType := form(t, [3]string{"file", "../Весна \"1\".png", content})
	w := l.call(http.MethodPost, files+"?as=photo", body, "Content-Type", contentType)
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	v := view(t, w)
	require.Len(t, v["sha256"], 64)
	require.Equal(t, map[string]any{
		"id": 1.0, "name": `Весна "1".png`, "type": "image/png", "size": float64(len(content)), "width": 30.0, "height": 20.0,
		"kinds": []any{"photo", "document"}, "sha256": v["sha256"], "createdAt": "2027-01-15T08:00:00.000Z",
	}, v)

	w = l.call(http.MethodPost, files+"?name=other.png", strings.NewReader(content), "Content-Type", "application/x-www-form-urlencoded")
	require.Equal(t, http.StatusOK, w.Code, "as curl --data-binary sends it: %s", w.Body)
	require.Equal(t, v, view(t, w))
	w = l.call(http.MethodGet, files+"/1", nil)
	require.Equal(t, http.StatusOK, w.Code)
	require.Equal(t, v, view(t, w))

	w = l.call(http.MethodPost, files+"?name=a%01b.html", strings.NewReader("<script>alert(1)</script>"))
	require.Equal(t, http.StatusCreated, w.Code, w.Body)
	require.Equal(t, "ab.html", view(t, w)["name"])
	w = l.call(http.MethodGet, files+"?limit=1", nil)
	list := view(t, w)
	require.Len(t, list["items"], 1)
	w = l.call(http.MethodGet, fmt.Sprint(files, "?limit=1&cursor=", list["nextCursor"]), nil)
	require.Equal(t, []any{v}, view(t, w)["items"])

	w = l.call(http.MethodDelete, files+"/1", nil)
	require.Equal(t, http.StatusNoContent, w.Code, w.Body)
	for _, path := range []string{"/1", "/1/content"} {
		w = l.call(http.MethodGet, files+path, nil)
		require.Equal(t, http.StatusNotFound, w.Code)
		require.Equal(t, "media_not_found", view(t, w)["code"])
	}
}

func TestMediaContent(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var moving bytes.Buffer
	require.NoError(t, gif.Encode(&moving, image.NewGray(image.Rect(0, 0, 3, 3)), nil))
	for id, tt := range []struct{ name, content, contentType, disposition string }{
		{"pic.png", picture(t, 3, 3), "image/png", `inline; filename=pic.png`},
		{"кіт.gif", moving.String(), "image/gif", `inline; filename*=utf-8''%D0%BA%D1%96%D1%82.gif`},
		{"evil.png", `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "image/svg+xml", `attachment; filename=evil.png`},
		{"evil.html", `<html><script>alert(1)</script>`, "application/octet-stream", `attachment; filename=evil.html`},
		{"a\"\r\nX-Evil: 1.txt", "plain", "application/octet-stream", `attachment; filename="a\"X-Evil: 1.txt"`},
	} {
		r := l.request(http.MethodPost, files, strings.NewReader(tt.content))
		query := r.URL.Query()
		query.Set("name", tt.name)
		r.URL.RawQuery = query.Encode()
		w := httptest.NewRecorder()
		l.ServeHTTP(w, r)
		require.Equal(t, http.StatusCreated, w.Code, w.Body)

		path := fmt.Sprint(files, "/", id+1, "/content")
		w = l.call(http.MethodGet, path, nil)
		require.Equal(t, http.StatusOK, w.Code, w.Body)
		require.Equal(t, tt.content, w.Body.String())
		for name, want := range map[string]string{
			"Content-Type": tt.contentType, "Content-Disposition": tt.disposition, "X-Content-Type-Options": "nosniff",
			"Content-Security-Policy": "default-src 'none'; sandbox", "Cross-Origin-Resource-Policy": "same-origin",
			"Content-Length": fmt.Sprint(len(tt.content)), "X-Evil": "",
		} {
			require.Equal(t, want, w.Header().Get(name), name)
		}
		etag := w.Header().Get("ETag")
		w = l.call(http.MethodGet, path, nil, "Range", "bytes=1-3")
		require.Equal(t, http.StatusPartialContent, w.Code)
		require.Equal(t, tt.content[1:4], w.Body.String())
		w = l.call(http.MethodGet, path, nil, "If-None-Match", etag)
		require.Equal(t, http.StatusNotModified, w.Code)
		w = l.call(http.MethodHead, path, nil)
		require.Equal(t, http.StatusOK, w.Code)
		require.Empty(t, w.Body.String())
	}
}

func TestMediaFaults(t *testing.T) {
	t.Parallel()
	l := setup(t)
	photo := [3]string{"file", "x.png", picture(t, 3, 3)}
	two, twoType := form(t, photo, photo)
	none, noneType := form(t)
	foreign, foreignType := form(t, [3]string{"photo", "x.png", "x"})
	cut, cutType := form(t, photo)
	cut.Truncate(cut.Len() - 10)
	blank, blankType := form(t, [3]string{"file", "x.png", ""})
	for name, tt := range map[string]struct {
		query       string
		body        io.Reader
		contentType string
		status      int
		code, field string
	}{
		"nothing":            {body: nil, status: 422, code: "file_empty", field: "file"},
		"empty file in form": {body: blank, contentType: blankType, status: 422, code: "file_empty", field: "file"},
		"51 MB":              {body: io.LimitReader(zeros{}, 51<<20), status: 413, code: "file_too_large", field: "file"},
		"50 MB and a byte":   {body: io.LimitReader(zeros{}, media.MaxSize+1), status: 413, code: "file_too_large", field: "file"},
		"SVG as photo":       {query: "?as=photo", body: strings.NewReader("<svg/>"), status: 422, code: "svg_not_photo", field: "file"},
		"zip as photo": {query: "?as=photo&name=x.png", body: strings.NewReader("PK\x03\x04"),
			status: 422, code: "media_kind_mismatch", field: "file"},
		"thin photo": {query: "?as=photo", body: strings.NewReader(picture(t, 63, 3)),
			status: 422, code: "photo_dimensions", field: "file"},
		"unknown kind":  {query: "?as=hologram", body: strings.NewReader("x"), status: 422, code: "invalid_request", field: "as"},
		"unknown query": {query: "?filename=x", body: strings.NewReader("x"), status: 422, code: "invalid_request", field: "filename"},
		"two files":     {body: two, contentType: twoType, status: 422, code: "form_invalid", field: "file"},
		"empty form":    {body: none, contentType: noneType, status: 422, code: "form_invalid", field: "file"},
		"other field":   {body: foreign, contentType: foreignType, status: 422, code: "form_invalid", field: "file"},
		"form cut off":  {body: cut, contentType: cutType, status: 400, code: "body_incomplete"},
		"form of nothing": {body: strings.NewReader("not a form"), contentType: "multipart/form-data; boundary=x",
			status: 422, code: "form_invalid", field: "file"},
		"form, no boundary": {body: strings.NewReader("x"), contentType: "multipart/form-data", status: 400, code: "body_incomplete"},
		"form, much before": {body: io.LimitReader(zeros{}, 51<<20), contentType: "multipart/form-data; boundary=x",
			status: 400, code: "body_incomplete"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := l.call(http.MethodPost, files+tt.query, tt.body, "Content-Type", tt.contentType)
			require.Equal(t, tt.status, w.Code, w.Body)
			require.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
			v := view(t, w)
			require.Equal(t, tt.code, v["code"], w.Body)
			require.EqualValues(t, tt.status, v["status"])
			if tt.field != "" {
				require.Equal(t, tt.field, v["field"])
			}
		})
	}
	t.Run("no key", func(t *testing.T) {
		t.Parallel()
		w := httptest.NewRecorder()
		l.ServeHTTP(w, httptest.NewRequest(http.MethodPost, files, strings.NewReader("x")))
		require.Equal(t, http.StatusUnauthorized, w.Code)
	})
	t.Cleanup(func() {
		w := l.call(http.MethodGet, files, nil)
		require.JSONEq(t, `{"items":[]}`, w.Body.String(), "a refused call leaves nothing behind")
	})
}

func TestMediaInUse(t *testing.T) {
	t.Parallel()
	l := setup(t)
	w := l.call(http.MethodPost, files, strings.NewReader(picture(t, 3, 3)))
	require.Equal(t, http.StatusCreated, w.Code)
	require.Equal(t, "file.png", view(t, w)["name"])
	now := time.Now()
	_, err := l.store.Messages.CreateMessage(t.Context(), message.Message{
		WorkspaceID: workspace.Default, Name: "Spring sale", CreatedAt: now, UpdatedAt: now,
		Content: message.Content{Version: message.Version{Media: []message.Media{{Kind: message.Photo, ID: 1}}}}})
	require.NoError(t, err)
	w = l.call(http.MethodDelete, files+"/1", nil)
	require.Equal(t, http.StatusConflict, w.Code, w.Body)
	require.Equal(t, "media_in_use", view(t, w)["code"])
	require.Contains(t, view(t, w)["detail"], "message 1 (Spring sale)")
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

// patient is a connection that remembers its deadlines.
type patient struct {
	*httptest.ResponseRecorder
	read, write time.Time
}

func (p *patient) SetReadDeadline(t time.Time) error  { p.read = t; return nil }
func (p *patient) SetWriteDeadline(t time.Time) error { p.write = t; return nil }

func TestMediaHasTime(t *testing.T) {
	t.Parallel()
	l := setup(t)
	began := time.Now()
	w := &patient{ResponseRecorder: httptest.NewRecorder()}
	l.ServeHTTP(w, l.request(http.MethodPost, files, strings.NewReader("x")))
	require.Equal(t, http.StatusCreated, w.Code)
	require.Greater(t, w.read.Sub(began), 10*time.Minute)
	require.Greater(t, w.write.Sub(began), 10*time.Minute, "or the answer to a slow upload would be lost")
	w = &patient{ResponseRecorder: httptest.NewRecorder()}
	l.ServeHTTP(w, l.request(http.MethodGet, files+"/1/content", nil))
	require.Equal(t, http.StatusOK, w.Code)
	require.Zero(t, w.read)
	require.Greater(t, w.write.Sub(began), 10*time.Minute)
}

func TestMediaOnTheWire(t *testing.T) {
	t.Parallel()
	l := setup(t)
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	transport := &http.Transport{ExpectContinueTimeout: time.Minute}
	t.Cleanup(transport.CloseIdleConnections)
	upload := func(size, declared int64) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+files, io.NopCloser(io.LimitReader(zeros{}, size)))
		require.NoError(t, err)
		r.ContentLength = declared
		r.Header.Set("Expect", "100-continue")
		r.SetBasicAuth("any", l.key)
		answer, err := transport.RoundTrip(r)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer.StatusCode
	}
	require.Equal(t, http.StatusCreated, upload(media.MaxSize, -1), "the largest, in chunks")
	require.Equal(t, http.StatusRequestEntityTooLarge, upload(0, 60<<20), "who says that it is too much is told before it comes")
}
