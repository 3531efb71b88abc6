package e2e_test

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

// A proxy is one whose configuration docs/operating.md shows.
type proxy struct {
	program string
	// configuration returns a whole one around the documented block.
	configuration func(block, address, folder string) string
	args          []string
	// forwards is true when it passes X-Forwarded-For of a client on.
	forwards bool
}

var proxies = map[string]proxy{
	"nginx": {"nginx", func(block, address, folder string) string {
		temporary := ""
		for _, kind := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
			temporary += fmt.Sprintf("%s_temp_path %s;\n", kind, filepath.Join(folder, kind))
		}
		user := ""
		if os.Getuid() == 0 {
			user = "user root;\n" // its workers have to reach the folder
		}
		return user + "daemon off; pid " + filepath.Join(folder, "pid") + ";\nevents {}\nhttp {\naccess_log off;\n" + temporary +
			"server {\nlisten " + address + ";\n" + block + "}\n}\n"
	}, []string{"-e", "stderr", "-c"}, true},
	"caddy": {"caddy", func(block, address, _ string) string {
		return "{\nadmin off\nauto_https off\n}\n" + strings.Replace(block, "bellman.example.com", "http://"+address, 1)
	}, []string{"run", "--adapter", "caddyfile", "--config"}, false},
}

// find returns the path of the proxy: the machine's, or the one that make test brings. In CI it must be there.
func (p proxy) find(t *testing.T) string {
	t.Helper()
	for _, folder := range []string{"sbin", "bin"} {
		path, err := filepath.Abs(filepath.Join("../../.tools/proxies/usr", folder, p.program))
		require.NoError(t, err)
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	path, err := exec.LookPath(p.program)
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("there is no %s here: make tools brings it where there is apt", p.program)
	}
	require.NoError(t, err)
	return path
}

// documented returns the block of a kind in docs/operating.md, with the server's address.
func documented(t *testing.T, kind, server string) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/operating.md")
	require.NoError(t, err)
	found := regexp.MustCompile("(?s)```"+kind+"\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	require.Len(t, found, 1)
	require.Contains(t, found[0][1], "127.0.0.1:8080")
	return strings.ReplaceAll(found[0][1], "127.0.0.1:8080", server)
}

// start runs the proxy before the server, and returns its address.
func (p proxy) start(t *testing.T, kind, server string) (address string) {
	t.Helper()
	binary, folder := p.find(t), t.TempDir()
	address, err := harness.FreeAddress()
	require.NoError(t, err)
	path := filepath.Join(folder, "configuration")
	require.NoError(t, os.WriteFile(path, []byte(p.configuration(documented(t, kind, server), address, folder)), 0o600))
	start(t, nil, binary, append(p.args, path)...)
	eventually(t, kind+" listens", func() bool {
		conn, err := net.Dial("tcp", address)
		return err == nil && conn.Close() == nil
	})
	return address
}

// raw sends a request whose target is as written, and returns the status and the body.
func raw(t *testing.T, address, method, target, body string, header http.Header) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+"/", strings.NewReader(body))
	require.NoError(t, err)
	r.URL.Opaque = "//" + address + target
	r.Header = header
	answer, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, errors.Join(err, answer.Body.Close()))
	return answer.StatusCode, string(text)
}

// TestDocumentedProxies runs the proxies with the configurations of the documents before a real server.
func TestDocumentedProxies(t *testing.T) {
	t.Parallel()
	for kind, p := range proxies {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			p.find(t)
			db := filepath.Join(t.TempDir(), "bellman.db")
			b := startBellman(t, db, "http://127.0.0.1:1")
			watcher, err := b.program.Output(t.Context(), "key", "create", "--db", db, "--name", "metrics", "--scope", "metrics")
			require.NoError(t, err)
			address := p.start(t, kind, b.Address)
			key := func(more ...string) http.Header {
				h := http.Header{"Authorization": {"Bearer " + b.Key}, "Content-Type": {"application/json"}}
				for i := 0; i < len(more); i += 2 {
					h.Set(more[i], more[i+1])
				}
				return h
			}
			_, inside := raw(t, b.Address, http.MethodGet, "/metrics", "", http.Header{"Authorization": {"Bearer " + watcher}})
			require.Contains(t, inside, "bellman_build_info")
			for _, target := range []string{
				"/metrics", "/metrics/", "//metrics", "/./metrics", "/x/../metrics", "/%6detrics", "/metrics/.", "/metrics//", "/metrics?a=b",
				"/metrics%2f", "/%2e/metrics", "/METRICS", "/metrics;a", "/metrics/..", "/metrics%00", "/x/%2e%2e/metrics", "//metrics/", "/metrics#",
			} {
				status, text := raw(t, address, http.MethodGet, target, "", http.Header{"Authorization": {"Bearer " + watcher}})
				require.NotContains(t, text, "bellman_build_info", target)
				require.NotEqual(t, http.StatusBadGateway, status, target)
			}

			status, text := raw(t, address, http.MethodGet, "/manage/v1/bots", "", key())
			require.Equal(t, http.StatusOK, status, text)
			status, text = raw(t, address, http.MethodPost, "/manage/v1/groups", `{"name":"g"}`, key("Origin", "http://"+address))
			require.Equal(t, http.StatusCreated, status, "a page under the proxy's own address: %s", text)
			status, _ = raw(t, address, http.MethodPost, "/manage/v1/groups", `{"name":"h"}`, key("Origin", "http://evil.example"))
			require.Equal(t, http.StatusForbidden, status)
			status, text = raw(t, address, http.MethodPost, "/manage/v1/media?name=file.bin", strings.Repeat("x", 40<<20),
				key("Content-Type", "application/octet-stream"))
			require.Equal(t, http.StatusCreated, status, text)
			if p.forwards {
				for i := range 25 {
					status, _ := raw(t, address, http.MethodGet, "/manage/v1/bots", "",
						key("Authorization", "Bearer bellman_wrong", "X-Forwarded-For", "203.0.113.9"))
					require.Equal(t, i >= 20, status == http.StatusTooManyRequests, status)
				}
			}
			status, _ = raw(t, address, http.MethodGet, "/manage/v1/bots", "", key("Authorization", "Bearer bellman_wrong"))
			require.Equal(t, http.StatusUnauthorized, status, "another client behind the same proxy")
		})
	}
}
