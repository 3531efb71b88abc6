package api_test

import (
	"bufio"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api"
	"bellman/internal/api/apitest"
	"bellman/internal/fault"
)

// spec: out-401-json auth-basic
func TestAuthentication(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	good := map[string]string{
		"Basic with any user":  basic("user", in.Key),
		"Basic with no user":   basic("", in.Key),
		"basic in small":       "basic" + strings.TrimPrefix(basic("me@example.com", in.Key), "Basic"),
		"Bearer":               "Bearer " + in.Key,
		"bearer in small":      "bearer " + in.Key,
		"Bearer, double space": "Bearer  " + in.Key,
	}
	bad := map[string]string{
		"nothing":         "",
		"key as user":     basic(in.Key, ""),
		"other password":  basic("user", "secret"),
		"shortened key":   "Bearer " + in.Key[:len(in.Key)-1],
		"empty Bearer":    "Bearer",
		"other scheme":    "Token " + in.Key,
		"broken Basic":    "Basic !!!",
		"key with a tail": "Bearer " + in.Key + "0",
		"NUL in password": basic("x", in.Key+"\x00"),
	}
	for name, header := range good {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/manage/v1/workspace", "/v1/contact/1"} {
				w := in.Call(http.MethodGet, path, "", "Authorization", header)
				require.NotEqual(t, http.StatusUnauthorized, w.Code, path)
			}
		})
	}
	for name, header := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// A caller without a key does not learn which addresses exist.
			for _, path := range []string{"/manage/v1/workspace", "/manage/v1/nothing"} {
				apitest.Scenario{Method: http.MethodGet, Path: path, Header: []string{"Authorization", header}, Status: 401,
					Contains: []string{`"code":"unauthorized"`, `"status":401`},
					Answered: []string{"Content-Type", "application/problem+json", "WWW-Authenticate", `Basic realm="Bellman", charset="UTF-8"`}}.Check(t,
					in)
			}
			for _, path := range []string{"/v1/contact/1", "/api/v2/nothing", "//api/v1/apps/x/tokens/"} {
				apitest.Scenario{Method: http.MethodPost, Path: path, Header: []string{"Authorization", header}, Status: 401,
					Contains: []string{`{"message":"`, `"status":401}`},
					Answered: []string{"Content-Type", "application/json; charset=utf-8", "WWW-Authenticate",
						`Basic realm="Bellman", charset="UTF-8"`}}.Check(t, in)
			}
		})
	}
}

// A browser is not made to ask its user for a password; every 401 names a scheme.
func TestBrowsersAskForNoPassword(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, path := range []string{"/manage/v1/workspace", "/v1/contact/1", "/v2/nothing"} {
		apitest.Scenario{Method: http.MethodGet, Path: path, Header: []string{"Authorization", "Basic !", "Sec-Fetch-Mode", "cors"},
			Status: 401, Answered: []string{"WWW-Authenticate", `Bearer realm="Bellman"`}}.Check(t, in)
	}
}

func TestOpenAddresses(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	nobody := []string{"Authorization", ""}
	apitest.RunAll(t, in, []apitest.Scenario{
		{Name: "health", Method: http.MethodGet, Path: "/healthz", Header: nobody, Status: 200, Is: "ok"},
		{Name: "ready", Method: http.MethodGet, Path: "/readyz", Header: nobody, Status: 200, Is: "ok"},
		{Name: "docs", Method: http.MethodGet, Path: "/docs", Header: nobody, Status: 200,
			Contains: []string{"/docs/swagger-ui-bundle.js", "/openapi/manage.yaml", "/openapi/integration.yaml"}, Lacks: []string{"cdn", "unpkg"}},
		{Name: "docs with slash", Method: http.MethodGet, Path: "/docs/", Header: nobody, Status: 200, Contains: []string{"swagger-ui"}},
		{Name: "docs' script", Method: http.MethodGet, Path: "/docs/swagger-ui-bundle.js", Header: nobody, Status: 200,
			Contains: []string{"SwaggerUIBundle"}},
		{Name: "document", Method: http.MethodGet, Path: "/openapi/manage.yaml", Header: nobody, Status: 200,
			Contains: []string{"/campaigns/{id}/launch"}},
		{Name: "the other document", Method: http.MethodGet, Path: "/openapi/integration.yaml", Header: nobody, Status: 200,
			Contains: []string{"/apps/{app_uuid}/tokens"}},
		{Name: "document as JSON", Method: http.MethodGet, Path: "/openapi/manage.json", Header: nobody, Status: 200,
			Contains: []string{`"/campaigns/{id}/launch"`}},
		{Name: "front page", Method: http.MethodGet, Path: "/", Header: nobody, Status: 302, Answered: []string{"Location", "/start"}},
		{Name: "entry", Method: http.MethodGet, Path: "/start", Header: nobody, Status: 200,
			Contains: []string{"/start/entry.js", "/start/entry.css"},
			Answered: []string{"Content-Type", "text/html; charset=utf-8", "Referrer-Policy", "no-referrer"}},
		{Name: "its script", Method: http.MethodGet, Path: "/start/entry.js", Header: nobody, Status: 200, Contains: []string{"/links/accept"}},
		{Name: "its style", Method: http.MethodGet, Path: "/start/entry.css", Header: nobody, Status: 200, Contains: []string{"color-scheme"}},
		{Name: "nothing", Method: http.MethodGet, Path: "/nothing", Header: nobody, Status: 404,
			Contains: []string{`"code":"route_not_found"`, "/docs"}},
	})
}

// No address is redirected to itself, with a slash at its end or without.
func TestNoAddressLoops(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	for _, path := range []string{"/", "/r", "/docs", "/manage", "/manage/v1", "/api", "/api/v1", "/v1", "/openapi", "/metrics", "/healthz"} {
		for _, path := range []string{path, path + "/", path + "//"} {
			location := in.Call(http.MethodGet, path, "").Header().Get("Location")
			require.True(t, location == "" || location != "/" && strings.TrimRight(location, "/") != strings.TrimRight(path, "/"),
				"%s leads to %s", path, location)
		}
	}
	require.Contains(t, in.Call(http.MethodGet, "/r/", "").Body.String(), "This link does not work")
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Down.Store(true)
	apitest.Scenario{Method: http.MethodGet, Path: "/readyz", Status: 503, Is: "the database does not answer"}.Check(t, in)
	in.Config.Ready = func(context.Context) error {
		return fault.New(fault.Unavailable, "database_full", "the disk is full").Because(errors.New("no space"))
	}
	in.Rebuild(t)
	apitest.Scenario{Method: http.MethodGet, Path: "/readyz", Status: 503, Is: "the disk is full"}.Check(t, in)
	apitest.Scenario{Method: http.MethodGet, Path: "/healthz", Status: 200, Is: "ok"}.Check(t, in)
}

func TestPanic(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	apitest.Scenario{Method: http.MethodPost, Path: "/manage/v1/bots", Body: `{"token":"123:panic"}`, Status: 500,
		Header:   []string{"X-Request-Id", "r-1"},
		Is:       `{"title":"Internal Server Error","status":500,"code":"internal","detail":"internal error","requestId":"r-1"}`,
		Answered: []string{"Content-Type", "application/problem+json", "X-Request-Id", "r-1"}}.Check(t, in)
	require.Contains(t, in.Log.String(), "asked to panic")
	require.NotContains(t, in.Log.String(), "123:panic")
}

func TestOutage(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	require.NoError(t, in.Store.Close())
	for _, s := range []apitest.Scenario{
		{Method: http.MethodGet, Path: "/manage/v1/bots"},
		{Method: http.MethodPost, Path: "/v1/apps/" + app + "/tokens", Body: `{"tokens":{"token":1,"contactId":1}}`},
	} {
		w := in.Call(s.Method, s.Path, s.Body)
		require.GreaterOrEqual(t, w.Code, 500)
		require.NotContains(t, w.Body.String(), "sql")
	}
	require.Contains(t, in.Log.String(), "closed")
}

// TestWire checks what only a real connection shows.
//
// spec: in-slashes
func TestWire(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	app := in.Connect(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := api.NewServer(in.Handler, slog.New(slog.DiscardHandler))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Close())
		require.ErrorIs(t, <-ended, http.ErrServerClosed)
	})
	ask := func(request string) (int, string) {
		conn, err := net.Dial("tcp", listener.Addr().String())
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, strings.ReplaceAll(request, "KEY", in.Key))
		require.NoError(t, err)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		return answer.StatusCode, string(text)
	}
	const head = " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer KEY\r\n"
	const chunked = "Transfer-Encoding: chunked\r\n\r\n"
	for _, c := range []struct {
		name, request string
		status        int
		contains      string
	}{
		{"chunked", "POST //api//v1/apps/" + app + "/tokens/" + head + chunked +
			"10\r\n{\"tokens\":{\"toke\r\n18\r\nn\":\"5\",\"contactId\":null}\r\n1\r\n}\r\n0\r\n\r\n", 200, "REJECTED"},
		{"broken chunks", "POST /v1/contact" + head + chunked + "zz\r\n", 400, "could not be read"},
		{"escaped slash", "GET /v1/contact%2F1" + head + "\r\n", 404, "there is no contact"},
		{"dots", "GET /v1/../manage/v1/./workspace" + head + "\r\n", 200, "phoneRegion"},
		{"declared too large", "POST /v1/contact" + head + "Content-Length: 5000000\r\n\r\n", 413, "4 MiB"},
		{"star", "OPTIONS *" + head + "\r\n", 200, ""},
		{"head", "GET /healthz" + head + "\r\n", 200, "ok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, text := ask(c.request)
			require.Equal(t, c.status, status, text)
			require.Contains(t, text, c.contains)
		})
	}
}

// Every answer keeps browsers from loading, framing and guessing; those who came by HTTPS
// keep to it.
func TestAnswersGuardBrowsers(t *testing.T) {
	t.Parallel()
	in := apitest.New(t)
	in.Config.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	in.Rebuild(t)
	for _, path := range []string{
		"/", "/start", "/start/entry.js", "/docs", "/manage/v1/bots", "/v1/version", "/r/x", "/nothing", "/openapi/manage.yaml",
	} {
		for scheme, strict := range map[string]string{"": "", "http": "", "https": "max-age=31536000"} {
			header := in.Call(http.MethodGet, path, "", "X-Forwarded-Proto", scheme).Header()
			require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"), path)
			require.Equal(t, "DENY", header.Get("X-Frame-Options"), path)
			require.Contains(t, header.Get("Content-Security-Policy"), "default-src ", path)
			require.Contains(t, header.Get("Content-Security-Policy"), "frame-ancestors 'none'", path)
			require.Equal(t, path == "/docs", strings.Contains(header.Get("Content-Security-Policy"), "unsafe-inline") && path != "/r/x", path)
			require.Equal(t, strict, header.Get("Strict-Transport-Security"), path)
			if path == "/start" || path == "/docs" {
				require.Equal(t, "no-referrer", header.Get("Referrer-Policy"), path)
			}
			if strings.HasPrefix(path, "/manage") {
				require.Equal(t, "no-store", header.Get("Cache-Control"), path)
			}
		}
	}
}
