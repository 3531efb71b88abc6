package screens_test

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"bellman/internal/api/screens"
)

func routes(t *testing.T, page string) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	require.NoError(t, screens.Add(mux, fstest.MapFS{
		"index.html":        {Data: []byte(page)},
		"assets/main-1.js":  {Data: []byte(strings.Repeat("console.log('ring');", 100))},
		"assets/a-1.woff2":  {Data: []byte("wOF2")},
		".gitkeep":          {},
		"assets/main-1.css": {Data: []byte("a{}")},
	}))
	return mux
}

func get(h http.Handler, path, encoding string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Accept-Encoding", encoding)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// Each screen has the page, with a nonce that no other answer has and that the policy
// names.
func TestPage(t *testing.T) {
	t.Parallel()
	h := routes(t, `<meta name="csp-nonce" content="NONCE-OF-THIS-ANSWER">`)
	seen := map[string]bool{}
	for _, path := range append([]string{"/", "/campaigns/7", "/settings/people"}, screens.Paths...) {
		w := get(h, path, "")
		require.Equal(t, http.StatusOK, w.Code, path)
		found := regexp.MustCompile(`content="([A-Z0-9]{20,})"`).FindStringSubmatch(w.Body.String())
		require.NotNil(t, found, w.Body)
		require.False(t, seen[found[1]])
		seen[found[1]] = true
		require.Contains(t, w.Header().Get("Content-Security-Policy"), "'nonce-"+found[1]+"'")
		require.NotContains(t, w.Header().Get("Content-Security-Policy"), "eval")
		require.Equal(t, "no-store", w.Header().Get("Cache-Control"))
	}
	for _, path := range []string{"/nothing", "/assets/", "/.gitkeep", "/index.html", "/assets/main-2.js"} {
		require.Equal(t, http.StatusNotFound, get(h, path, "").Code, path)
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	h := routes(t, `NONCE-OF-THIS-ANSWER`)
	whole, packed := get(h, "/assets/main-1.js", ""), get(h, "/assets/main-1.js", "br, gzip")
	require.Equal(t, "text/javascript; charset=utf-8", whole.Header().Get("Content-Type"))
	require.Contains(t, whole.Header().Get("Cache-Control"), "immutable")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	require.Less(t, packed.Body.Len(), whole.Body.Len())
	r, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	text, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, whole.Body.String(), string(text))
	// What packing makes larger goes as it is.
	font := get(h, "/assets/a-1.woff2", "gzip")
	require.Empty(t, font.Header().Get("Content-Encoding"))
	require.Equal(t, "font/woff2", font.Header().Get("Content-Type"))
}

func TestPageWithoutAPlaceForANonce(t *testing.T) {
	t.Parallel()
	require.Error(t, screens.Add(http.NewServeMux(), fstest.MapFS{"index.html": {Data: []byte("<html>")}}))
	require.Error(t, screens.Add(http.NewServeMux(), fstest.MapFS{}))
}

func TestFileOfNoKnownType(t *testing.T) {
	t.Parallel()
	files := fstest.MapFS{"index.html": {Data: []byte("NONCE-OF-THIS-ANSWER")}, "assets/a.mystery": {}}
	require.ErrorContains(t, screens.Add(http.NewServeMux(), files), "assets/a.mystery")
}
