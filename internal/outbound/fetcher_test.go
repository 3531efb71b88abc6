package outbound_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/fault"
	"bellman/internal/outbound"
)

func anywhere(netip.Addr) bool { return true }

// host serves files, and redirects: /to?TARGET to the target, /round to itself.
func host(t *testing.T) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/file":
			user, password, _ := r.BasicAuth()
			fmt.Fprintf(w, "%s:%s", user, password)
		case "/long":
			w.Header().Set("Content-Length", "11")
			fmt.Fprint(w, "12345678901")
		case "/endless":
			w.(http.Flusher).Flush()
			fmt.Fprint(w, strings.Repeat("x", 1000))
		case "/broken":
			w.Header().Set("Content-Length", "10")
			fmt.Fprint(w, "12345")
		case "/to":
			http.Redirect(w, r, r.URL.RawQuery, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/busy":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			w.WriteHeader(http.StatusNotFound)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

func read(t *testing.T, c *outbound.Fetcher, link string) (string, error) {
	t.Helper()
	content, err := c.Open(t.Context(), link, 10)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(content)
	require.NoError(t, content.Close())
	return string(text), err
}

func TestOpen(t *testing.T) {
	t.Parallel()
	server := host(t)
	c := outbound.NewFetcher(anywhere)
	with := strings.Replace(server.URL, "http://", "http://ann:s3", 1)
	for _, tt := range []struct {
		name, link, text string
		kind             fault.Kind
		says             string
	}{
		{name: "a file", link: server.URL + "/file", text: ":"},
		{name: "with a password", link: strings.Replace(server.URL, "http://", "http://ann:s3@", 1) + "/file", text: "ann:s3"},
		{name: "behind a redirect", link: server.URL + "/to?/file", text: ":"},
		{name: "too long, as announced", link: server.URL + "/long", kind: fault.Invalid, says: "larger than"},
		{name: "too long, as it turns out", link: server.URL + "/endless", kind: fault.Invalid, says: "larger than"},
		{name: "broken off", link: server.URL + "/broken", kind: fault.Unavailable, says: "broke off"},
		{name: "to a file of ours", link: server.URL + "/to?file:///etc/passwd", kind: fault.Invalid, says: "https://"},
		{name: "round and round", link: server.URL + "/round", kind: fault.Invalid, says: "from one address to the next"},
		{name: "not there", link: server.URL + "/none", kind: fault.Invalid, says: "status 404"},
		{name: "busy", link: server.URL + "/busy", kind: fault.Unavailable, says: "status 503"},
		{name: "nobody", link: "http://ann:s3cret@127.0.0.1:1/", kind: fault.Unavailable, says: "does not answer"},
		{name: "another scheme", link: "ftp://example.com/a", kind: fault.Invalid, says: "https://"},
		{name: "no host", link: "https:///a", kind: fault.Invalid, says: "https://"},
		{name: "no link", link: "https://exa mple.com/%zz", kind: fault.Invalid, says: "not the address"},
		{name: "a bad port", link: with, kind: fault.Invalid, says: "not the address"},
		{name: "too long a link", link: "https://x.ua/" + strings.Repeat("x", 2000), kind: fault.Invalid, says: "not the address"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text, err := read(t, c, tt.link)
			if tt.says == "" {
				require.NoError(t, err)
				require.Equal(t, tt.text, text)
				return
			}
			require.Equal(t, tt.kind, fault.KindOf(err), "%v", err)
			require.ErrorContains(t, err, tt.says)
			require.NotContains(t, err.Error(), "s3")
		})
	}
}

// No name and no redirect leads into the network around the server.
func TestPrivate(t *testing.T) {
	t.Parallel()
	server := host(t)
	c := outbound.NewFetcher(outbound.Public)
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	for _, link := range []string{
		server.URL + "/file", "http://localhost" + port + "/file", "http://[::1]" + port, "http://[::ffff:127.0.0.1]" + port,
		"http://0.0.0.0" + port, "http://169.254.169.254/latest/meta-data", "http://10.0.0.1:1/", "http://[fd00::1]:1/", "http://[::]" + port,
	} {
		_, err := read(t, c, link)
		require.ErrorContains(t, err, "private network", link)
		require.Equal(t, fault.Invalid, fault.KindOf(err))
	}
	// The first host is allowed, the one that it redirects to is not.
	first := true
	c = outbound.NewFetcher(func(netip.Addr) bool {
		defer func() { first = false }()
		return first
	})
	_, err := read(t, c, server.URL+"/to?"+server.URL+"/file")
	require.ErrorContains(t, err, "private network")
}

// Where private hosts are allowed, those that clouds keep for themselves are not.
func TestPublicOrPrivate(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"8.8.8.8": true, "2606:4700::1111": true, "127.0.0.1": true, "::1": true, "10.1.2.3": true, "172.16.0.1": true, "192.168.1.1": true,
		"100.64.0.1": true, "fd00::1": true, "::ffff:10.0.0.1": true,
		"169.254.169.254": false, "::ffff:169.254.169.254": false, "fe80::1": false, "fd00:ec2::254": false, "100.100.100.200": false,
		"0.0.0.0": false, "::": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false, "2002:a00:1::": false,
	} {
		require.Equal(t, allowed, outbound.PublicOrPrivate(netip.MustParseAddr(address)), address)
	}
	server := host(t)
	text, err := read(t, outbound.NewFetcher(outbound.PublicOrPrivate), server.URL+"/file")
	require.NoError(t, err)
	require.Equal(t, ":", text)
	_, err = read(t, outbound.NewFetcher(outbound.PublicOrPrivate), server.URL+"/to?http://169.254.169.254/latest/meta-data")
	require.ErrorContains(t, err, "private network")
}

func TestPublic(t *testing.T) {
	t.Parallel()
	for address, public := range map[string]bool{
		"8.8.8.8": true, "93.184.216.34": true, "2606:4700::1111": true, "::ffff:8.8.8.8": true, "172.32.0.1": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false, "100.64.0.1": false,
		"0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "198.18.0.1": false, "192.0.0.1": false, "240.0.0.1": false,
		"::": false, "::1": false, "fe80::1": false, "fc00::1": false, "ff02::1": false, "::ffff:10.0.0.1": false, "::7f00:1": false,
		"64:ff9b::a00:1": false, "2002:a00:1::": false, "2001:db8::1": false, "2001::1": false,
	} {
		require.Equal(t, public, outbound.Public(netip.MustParseAddr(address)), address)
	}
}
