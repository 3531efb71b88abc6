package request

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRequestsHaveIDs(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"": "new", "abc-1": "abc-1", "01a22102-c47d-7dc2-8233-cf3b84ef3bac": "01a22102-c47d-7dc2-8233-cf3b84ef3bac",
		"Root=1-67891233-abcdef012345678912345678": "Root=1-67891233-abcdef012345678912345678",
		"a b": "new", "a\"b": "new", "ї": "new",
		strings.Repeat("x", 128): strings.Repeat("x", 128), strings.Repeat("x", 129): "new",
	} {
		var text strings.Builder
		var seen string
		log := slog.New(LogHandler{slog.NewTextHandler(&text, nil)}).With("a", 1)
		handler := Identified(func() string { return "new" }, nil, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			seen = ID(r.Context())
			log.WarnContext(r.Context(), "slow")
			log.WithGroup("g").Warn("none")
		}))
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set(Header, sent)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		require.Equal(t, want, seen)
		require.Equal(t, want, w.Header().Get(Header))
		lines := strings.Split(text.String(), "\n")
		require.Contains(t, lines[0]+" ", "msg=slow a=1 request=")
		require.Contains(t, lines[0], want)
		require.NotContains(t, lines[1], "request")
	}
}
