package request

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/require"
)

// The rightmost address that no trusted proxy has counts: a client can write what it
// likes to the left of it.
func TestClient(t *testing.T) {
	t.Parallel()
	proxies := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for _, c := range []struct {
		peer      string
		forwarded []string
		want      string
	}{
		{"198.51.100.1:5", nil, "198.51.100.1"},
		{"198.51.100.1:5", []string{"203.0.113.9"}, "198.51.100.1"},
		{"127.0.0.1:5", nil, "127.0.0.1"},
		{"127.0.0.1:5", []string{"203.0.113.9"}, "203.0.113.9"},
		{"127.0.0.1:5", []string{"1.1.1.1, 203.0.113.9"}, "203.0.113.9"},
		{"127.0.0.1:5", []string{"1.1.1.1", "203.0.113.9 , 10.1.2.3"}, "203.0.113.9"},
		{"127.0.0.1:5", []string{"10.1.2.3"}, "10.1.2.3"},
		{"127.0.0.1:5", []string{"203.0.113.9, unknown"}, "127.0.0.1"},
		{"127.0.0.1:5", []string{"203.0.113.9, unknown, 10.1.2.3"}, "10.1.2.3"},
		{"127.0.0.1:5", []string{""}, "127.0.0.1"},
		{"127.0.0.1:5", []string{","}, "127.0.0.1"},
		{"[::ffff:127.0.0.1]:5", []string{"::ffff:203.0.113.9"}, "203.0.113.9"},
		{"[fd00::1]:5", []string{"2001:db8::1"}, "2001:db8::1"},
		{"@", []string{"203.0.113.9"}, "invalid IP"},
	} {
		var got netip.Addr
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr, r.Header["X-Forwarded-For"] = c.peer, c.forwarded
		Identified(func() string { return "" }, proxies, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = Client(r)
		})).ServeHTTP(httptest.NewRecorder(), r)
		require.Equal(t, c.want, got.String(), c)
	}
}
