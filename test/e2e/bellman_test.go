package e2e_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/test/harness"
)

// installation is a running bellman and a key to it.
type installation struct {
	harness.Client

	program harness.Program
	server  *harness.Process
}

func startBellman(t *testing.T, db, telegramURL string, more ...string) installation {
	t.Helper()
	address, err := harness.FreeAddress()
	require.NoError(t, err)
	return startProgram(t, bellman, address, db, telegramURL, more...)
}

// startProgram starts a program that is bellman, or that runs it somewhere, where it serves at the address.
func startProgram(t *testing.T, binary, address, db, telegramURL string, more ...string) installation {
	t.Helper()
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	b := installation{program: harness.Program{
		Binary: binary, Folder: t.TempDir(), Env: []string{"BELLMAN_SECRET_KEY=" + base64.StdEncoding.EncodeToString(secret)},
	}}
	var err error
	b.Address = address
	b.server, err = b.program.Start(t.Context(), "bellman", b.Address,
		append([]string{"serve", "--db", db, "--telegram-url", telegramURL}, more...)...)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, b.server.Kill())
		if t.Failed() {
			t.Logf("bellman printed:\n%s", b.server.Log())
		}
	})
	// The command line is used beside the running server, as an operator does.
	b.Key, err = b.program.Output(t.Context(), "key", "create", "--db", db, "--name", "e2e")
	require.NoError(t, err)
	require.NotEmpty(t, b.Key)
	require.NotContains(t, b.Key, "\n", "the key is alone on stdout")
	return b
}

// post calls the management API and decodes its answer into out.
func (b installation) post(t *testing.T, path string, in, out any) {
	t.Helper()
	b.do(t, http.MethodPost, path, in, out)
}

// get calls either API and decodes its answer into out.
func (b installation) get(t *testing.T, path string, out any) {
	t.Helper()
	b.do(t, http.MethodGet, path, nil, out)
}

func (b installation) do(t *testing.T, method, path string, in, out any) {
	t.Helper()
	var answer json.RawMessage
	require.NoError(t, b.Call(t.Context(), method, path, in, &answer))
	require.NotContains(t, string(answer), botToken, "%s %s shows the bot's token", method, path)
	if out != nil {
		require.NoError(t, json.Unmarshal(answer, out), "%s %s: %s", method, path, answer)
	}
}
