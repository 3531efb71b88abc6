package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestProxiesAreNetworksOrAddresses(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		"10.0.0.0/8": "10.0.0.0/8", "192.0.2.7": "192.0.2.7/32", "::1": "::1/128", "fd00::/8": "fd00::/8",
	} {
		var n network
		require.NoError(t, n.UnmarshalText([]byte(written)))
		require.Equal(t, want, n.String())
	}
	for _, written := range []string{"", "10.0.0", "10.0.0.0/33", "proxy.example"} {
		require.ErrorContains(t, new(network).UnmarshalText([]byte(written)), "is no network")
	}
}

func TestProxiesAreFlags(t *testing.T) {
	proxies := func() string {
		var parsed cli
		_, err := parser(t, &parsed).Parse([]string{"serve"})
		require.NoError(t, err)
		return fmt.Sprint(parsed.Serve.proxies())
	}
	require.Equal(t, "[127.0.0.0/8 ::1/128]", proxies())
	t.Setenv("BELLMAN_TRUSTED_PROXIES", "10.0.0.0/8,192.0.2.7")
	require.Equal(t, "[10.0.0.0/8 192.0.2.7/32]", proxies())
	t.Setenv("BELLMAN_TRUSTED_PROXIES", "")
	require.Equal(t, "[]", proxies())
}

// The doors of a process serve each its own, and stop together.
func TestDoors(t *testing.T) {
	t.Parallel()
	says := func(text string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) })
	}
	log := slog.New(slog.DiscardHandler)
	d, err := addresses{Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0"}.open(&app{handler: says("all"), ops: says("ops")}, log)
	require.NoError(t, err)
	d.serve(func(err error) { t.Error(err) })
	for i, want := range []string{"all", "ops"} {
		answer, err := http.Get("http://" + d.listeners[i].Addr().String())
		require.NoError(t, err)
		text, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, want, string(text))
	}
	_, err = addresses{Listen: "127.0.0.1:0", OpsListen: d.listeners[1].Addr().String()}.open(&app{}, log)
	require.ErrorContains(t, err, "listen on "+d.listeners[1].Addr().String())
	require.NoError(t, d.shutdown(t.Context()))
}

// An address of which it is not clear what it is becomes no file whose name has a
// password.
func TestAddressesOfTheDatabaseAreClear(t *testing.T) {
	t.Parallel()
	const secret = "MARKED-secret"
	for _, address := range []string{
		"Postgres://me:" + secret + "@h/d", "POSTGRESQL://me:" + secret + "@h/d", "postgres:/me:" + secret + "@h/d",
		" postgres://me:" + secret + "@h/d",
		"postgres//me:" + secret + "@h/d", "mysql://me:" + secret + "@h/d", "postgresql+asyncpg://me:" + secret + "@h/d", "me:" + secret + "@h/d",
		"host=h user=me password=" + secret, "jdbc:postgresql://h/d?password=" + secret, "file:" + secret,
		"sqlite://Postgres://me:" + secret + "@h",
		"postgres://me:12/" + secret + "@h/d",
	} {
		err := database{DB: address}.check()
		require.Error(t, err, address)
		require.NotContains(t, err.Error(), secret)
	}
	for _, address := range []string{
		"data/bellman.db", "sqlite://data/bellman.db", "/var/lib/bellman.db", `C:\data\bellman.db`, "postgres://me:p@h/d",
		"postgresql:///d?host=/run/postgresql", "bellman 2.db", "../b",
	} {
		require.NoError(t, database{DB: address}.check(), address)
	}
}

func TestTokensNeedNotBeArguments(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "token")
	require.NoError(t, os.WriteFile(file, []byte("1:file\n"), 0o600))
	for _, c := range []struct {
		command      botConnectCommand
		input, token string
		err          string
	}{
		{botConnectCommand{Token: "1:arg"}, "1:stdin", "1:arg", ""},
		{botConnectCommand{}, " 1:stdin\n", "1:stdin", ""},
		{botConnectCommand{Token: "-"}, "1:stdin", "1:stdin", ""},
		{botConnectCommand{TokenFile: file}, "1:stdin", "1:file", ""},
		{botConnectCommand{TokenFile: file + ".gone"}, "", "", "read the token"},
		{botConnectCommand{TokenFile: file, Token: "1:arg"}, "", "", "give one of them"},
		{botConnectCommand{}, "\n", "", "there is no token"},
	} {
		token, err := c.command.token(strings.NewReader(c.input))
		require.Equal(t, c.token, token)
		if c.err != "" {
			require.ErrorContains(t, err, c.err)
		}
	}
}
