package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"
)

// Pages are unpacked once, for clients that take nothing packed.
func TestPagesAreUnpackedOnce(t *testing.T) {
	t.Parallel()
	made, ranges := map[string]int{}, ""
	h := &unpacked{pages: map[string]*page{}, next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		made[r.URL.Path]++
		ranges += r.Header.Get("Range")
		if r.URL.Path == "/none" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		w.Header().Set("ETag", "7")
		_, _ = io.WriteString(w, r.Method+" "+r.URL.Path)
	})}
	ask := func(method, path, packed string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, path, nil)
		r.Header.Set("Accept-Encoding", packed)
		if packed == "" {
			r.Header.Set("Range", "bytes=3-")
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w
	}
	for range 3 {
		for path, method := range map[string]string{"/a": http.MethodHead, "/b": http.MethodGet} {
			w := ask(method, path, "")
			require.Equal(t, http.StatusOK, w.Code)
			require.Equal(t, "7", w.Header().Get("ETag"))
			require.Equal(t, "GET "+path, w.Body.String(), "the server leaves it out of an answer to HEAD")
		}
		require.Equal(t, http.StatusNotFound, ask(http.MethodGet, "/none", "").Code)
	}
	require.Equal(t, map[string]int{"/a": 1, "/b": 1, "/none": 3}, made)
	ask(http.MethodGet, "/a", "br, gzip")
	require.Equal(t, 2, made["/a"])
	require.Len(t, h.pages, 2)
	require.Empty(t, ranges, "a page is made as a whole")
}
