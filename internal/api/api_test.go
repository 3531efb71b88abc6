package api_test

import (
	"bufio"
	"encoding/base64"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/api"
	"bellman/internal/api/manage"
)

func TestAuthentication(t *testing.T) {
	t.Parallel()
	in := setup(t)
	basic := func(user, password string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user+":"+password))
	}
	good := map[string]string{
		"Basic with any user":  basic("user", in.key),
		"Basic with no user":   basic("", in.key),
		"basic in small":       "basic" + strings.TrimPrefix(basic("me@example.com", in.key), "Basic"),
		"Bearer":               "Bearer " + in.key,
		"bearer in small":      "bearer " + in.key,
		"Bearer, double space": "Bearer  " + in.key,
	}
	bad := map[string]string{
		"nothing":         "",
		"key as user":     basic(in.key, ""),
		"other password":  basic("user", "secret"),
		"shortened key":   "Bearer " + in.key[:len(in.key)-1],
		"empty Bearer":    "Bearer",
		"other scheme":    "Token " + in.key,
		"broken Basic":    "Basic !!!",
		"key with a tail": "Bearer " + in.key + "0",
		"NUL in password": basic("x", in.key+"\x00"),
	}
	for name, header := range good {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, path := range []string{"/manage/v1/workspace", "/v1/contact/1"} {
				w := in.call(http.MethodGet, path, "", "Authorization", header)
				require.NotEqual(t, http.StatusUnauthorized, w.Code, path)
			}
		})
	}
	for name, header := range bad {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Whoever has no key does not learn which addresses exist.
			for _, path := range []string{"/manage/v1/workspace", "/manage/v1/nothing"} {
				scenario{method: http.MethodGet, path: path, header: []string{"Authorization", header}, status: 401,
					contains: []string{`"code":"unauthorized"`, `"status":401`},
					answered: []string{"Content-Type", "application/problem+json", "WWW-Authenticate", `Basic realm="Bellman", charset="UTF-8"`}}.check(t, in)
			}
			for _, path := range []string{"/v1/contact/1", "/api/v2/nothing", "//api/v1/apps/x/tokens/"} {
				scenario{method: http.MethodPost, path: path, header: []string{"Authorization", header}, status: 401,
					contains: []string{`{"message":"`, `"status":401}`},
					answered: []string{"Content-Type", "application/json; charset=utf-8", "WWW-Authenticate", `Basic realm="Bellman", charset="UTF-8"`}}.check(t, in)
			}
		})
	}
}

func TestOpenAddresses(t *testing.T) {
	t.Parallel()
	in := setup(t)
	nobody := []string{"Authorization", ""}
	runAll(t, in, []scenario{
		{name: "health", method: http.MethodGet, path: "/healthz", header: nobody, status: 200, is: "ok"},
		{name: "ready", method: http.MethodGet, path: "/readyz", header: nobody, status: 200, is: "ok"},
		{name: "docs", method: http.MethodGet, path: "/docs", header: nobody, status: 200,
			contains: []string{"/docs/swagger-ui-bundle.js", "/openapi/manage.yaml", "/openapi/integration.yaml"}, lacks: []string{"cdn", "unpkg"}},
		{name: "docs with slash", method: http.MethodGet, path: "/docs/", header: nobody, status: 200, contains: []string{"swagger-ui"}},
		{name: "docs' script", method: http.MethodGet, path: "/docs/swagger-ui-bundle.js", header: nobody, status: 200, contains: []string{"SwaggerUIBundle"}},
		{name: "document", method: http.MethodGet, path: "/openapi/manage.yaml", header: nobody, status: 200, contains: []string{"/campaigns/{id}/launch"}},
		{name: "the other document", method: http.MethodGet, path: "/openapi/integration.yaml", header: nobody, status: 200, contains: []string{"/apps/{app_uuid}/tokens"}},
		{name: "document as JSON", method: http.MethodGet, path: "/openapi/manage.json", header: nobody, status: 200, contains: []string{`"/campaigns/{id}/launch"`}},
		{name: "front page", method: http.MethodGet, path: "/", header: nobody, status: 302, answered: []string{"Location", "/docs"}},
		{name: "nothing", method: http.MethodGet, path: "/nothing", header: nobody, status: 404, contains: []string{`"code":"route_not_found"`, "/docs"}},
	})
}

func TestNotReady(t *testing.T) {
	t.Parallel()
	in := setup(t)
	in.down.Store(true)
	scenario{method: http.MethodGet, path: "/readyz", status: 503, is: "the database does not answer"}.check(t, in)
	scenario{method: http.MethodGet, path: "/healthz", status: 200, is: "ok"}.check(t, in)
}

func TestPanic(t *testing.T) {
	t.Parallel()
	in := setup(t)
	scenario{method: http.MethodPost, path: "/manage/v1/bots", body: `{"token":"123:panic"}`, status: 500,
		is:       `{"title":"Internal Server Error","status":500,"code":"internal","detail":"internal error"}`,
		answered: []string{"Content-Type", "application/problem+json"}}.check(t, in)
	require.Contains(t, in.log.String(), "asked to panic")
	require.NotContains(t, in.log.String(), "123:panic")
}

func TestOutage(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	require.NoError(t, in.store.Close())
	for _, s := range []scenario{
		{method: http.MethodGet, path: "/manage/v1/bots"},
		{method: http.MethodPost, path: "/v1/apps/" + app + "/tokens", body: `{"tokens":{"token":1,"contactId":1}}`},
	} {
		w := in.call(s.method, s.path, s.body)
		require.GreaterOrEqual(t, w.Code, 500)
		require.NotContains(t, w.Body.String(), "sql")
	}
	require.Contains(t, in.log.String(), "closed")
}

// TestWire looks at what only a real connection shows.
func TestWire(t *testing.T) {
	t.Parallel()
	in := setup(t)
	app := in.connect(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := api.Server(in.handler, slog.New(slog.DiscardHandler))
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
		_, err = io.WriteString(conn, strings.ReplaceAll(request, "KEY", in.key))
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

func TestOpenAPIDocumentIsCommitted(t *testing.T) {
	t.Parallel()
	committed, err := os.ReadFile("manage/openapi.yaml")
	require.NoError(t, err)
	now, err := manage.New(manage.Config{}).YAML()
	require.NoError(t, err)
	require.Equal(t, string(committed), string(now), "run: go generate ./internal/api/...")
}
