package e2e_test

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// installation is a running bellman and a key to it.
type installation struct {
	url, key string
	server   *process
}

func startBellman(t *testing.T, db, telegramURL string) installation {
	t.Helper()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	env := []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)}
	listen := freeAddress(t)
	b := installation{url: "http://" + listen}
	b.server = start(t, env, bellman, "serve", "--listen", listen, "--db", db, "--telegram-url", telegramURL)
	eventually(t, "bellman serves", b.healthy)
	b.key = createKey(t, env, db)
	return b
}

func (b installation) healthy() bool {
	response, err := http.Get(b.url + "/healthz")
	if err != nil {
		return false
	}
	return response.Body.Close() == nil && response.StatusCode == http.StatusOK
}

// createKey uses the command line beside the running server, as an operator does.
func createKey(t *testing.T, env []string, db string) string {
	t.Helper()
	cmd := exec.Command(bellman, "key", "create", "--db", db, "--name", "e2e")
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	key := strings.TrimSuffix(string(out), "\n")
	require.NotEmpty(t, key)
	require.NotContains(t, key, "\n", "the key is alone on stdout")
	return key
}

// post calls the management API and decodes its answer into out.
func (b installation) post(t *testing.T, path string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	require.NoError(t, err)
	b.do(t, http.MethodPost, path, bytes.NewReader(body), out)
}

// get calls either API and decodes its answer into out.
func (b installation) get(t *testing.T, path string, out any) {
	t.Helper()
	b.do(t, http.MethodGet, path, nil, out)
}

func (b installation) do(t *testing.T, method, path string, body io.Reader, out any) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, b.url+path, body)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+b.key)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	require.Equal(t, 2, response.StatusCode/100, "%s %s: %d %s", method, path, response.StatusCode, text)
	require.NotContains(t, string(text), botToken, "%s %s shows the bot's token", method, path)
	if out != nil {
		require.NoError(t, json.Unmarshal(text, out), "%s %s: %s", method, path, text)
	}
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}
