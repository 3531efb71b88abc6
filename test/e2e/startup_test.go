package e2e_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"io/fs"
	"net"
	"net/url"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
	"bellman/test/harness"
)

// TestFailuresOfStartupShowNoSecret has the program fail at its start in every way that there is, with secrets that would
// be known again: an error says what to do, and holds none of them.
func TestFailuresOfStartupShowNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "MARKED-secret"
	key := base64.StdEncoding.EncodeToString([]byte("MARKED-secret-of-thirty-two-byte"))
	other := base64.StdEncoding.EncodeToString([]byte("MARKED-secret-of-another-32-byte"))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, taken.Close()) })
	there, beside := filepath.Join(t.TempDir(), "there.db"), filepath.Join(t.TempDir(), "beside.db")
	behind := filepath.Join(t.TempDir(), "behind.db")
	serve := func(more ...string) []string {
		file := filepath.Join(t.TempDir(), "bellman.db")
		return append([]string{"serve", "--db", file, "--listen", "127.0.0.1:0", "--telegram-url", "http://127.0.0.1:1"}, more...)
	}
	for name, tt := range map[string]struct {
		// postgres takes a schema of its own, whose address has the server's password, as BELLMAN_DB.
		postgres bool
		// before is run first, and succeeds.
		before []string
		env    []string
		args   []string
		// says is part of the error.
		says string
	}{
		"no such server": {
			env: []string{"BELLMAN_DB=postgres://me:" + secret + "@127.0.0.1:1/db"}, args: []string{"serve"}, says: "connect",
		},
		"no such port": {
			env: []string{"BELLMAN_DB=postgres://me:" + secret + "@127.0.0.1:http/db"}, args: []string{"serve"}, says: "open database",
		},
		"a password that is not escaped": {
			env: []string{"BELLMAN_DB=postgres://me:" + secret + "%zz@127.0.0.1/db"}, args: []string{"serve"}, says: "open database",
		},
		"a setting that PostgreSQL does not have": {
			env: []string{"BELLMAN_DB=postgres://me:" + secret + "@127.0.0.1/db?sslmode=sometimes"}, args: []string{"serve"}, says: "open database",
		},
		"no key with PostgreSQL": {postgres: true, args: []string{"serve", "--listen", "127.0.0.1:0"}, says: "set BELLMAN_SECRET_KEY"},
		"another key with PostgreSQL": {
			postgres: true, before: []string{"serve", "--listen", taken.Addr().String()},
			env: []string{"BELLMAN_SECRET_KEY=" + other}, args: []string{"serve", "--listen", "127.0.0.1:0"},
			says: "give the right one as BELLMAN_SECRET_KEY",
		},
		"a scheme in capitals": {
			env: []string{"BELLMAN_DB=Postgres://me:" + secret + "@127.0.0.1/db"}, args: []string{"serve"}, says: "begins with postgres://",
		},
		"a scheme in capitals, for a command": {
			env: []string{"BELLMAN_DB=Postgres://me:" + secret + "@127.0.0.1/db"}, args: []string{"key", "list"}, says: "begins with postgres://",
		},
		"an address in another form": {
			env: []string{"BELLMAN_DB=host=127.0.0.1 password=" + secret}, args: []string{"restored"}, says: "begins with postgres://",
		},
		"a password with a slash": {
			env: []string{"BELLMAN_DB=postgres://me:1/" + secret + "@127.0.0.1/db"}, args: []string{"serve"}, says: "%2F for /",
		},
		"a sandbox with PostgreSQL": {
			postgres: true, env: []string{"BELLMAN_SECRET_KEY=" + key}, says: "another --sandbox-listen",
			args: []string{"serve", "--sandbox", "--listen", "127.0.0.1:0", "--sandbox-listen", taken.Addr().String()},
		},
		"an address for probes that is taken": {args: serve("--ops-listen", taken.Addr().String()), says: "listen on"},
		"a proxy that is no network":          {args: serve("--trusted-proxies", "proxy.example"), says: "is no network"},
		"a key that is none":                  {env: []string{"BELLMAN_SECRET_KEY=" + secret}, args: serve(), says: "32 bytes in base64"},
		"a bucket without a name": {env: []string{"BELLMAN_MEDIA=s3://key:" + secret + "@127.0.0.1:1"},
			args: serve(), says: "the place for files"},
		"a bucket that is no URL": {env: []string{"BELLMAN_MEDIA=s3://key:" + secret + "%zz@127.0.0.1:1/b"},
			args: serve(), says: "the place for files"},
		"a role that needs more": {args: serve("--role", "api"), says: "needs PostgreSQL"},
		"a public address with a password": {
			env: []string{"BELLMAN_PUBLIC_URL=https://me:" + secret + "@go.example"}, args: serve(), says: "public",
		},
		"a Bot API server that is no address": {
			args: serve("--telegram-url", "ftp://me:"+secret+"@local"), says: "Bot API server",
		},
		"a proxy that is no address": {
			args: serve("--telegram-proxy", "https://me:"+secret+"@local"), says: "address of a proxy",
		},
		"a bot behind a proxy that is not there": {
			before: []string{"serve", "--db", behind, "--listen", taken.Addr().String()},
			env:    []string{"BELLMAN_TELEGRAM_PROXY=socks5://me:" + secret + "@127.0.0.1:1"},
			args:   []string{"bot", "connect", "--db", behind, "--telegram-url", "http://bot-api.invalid", "1:" + secret},
			says:   "check --telegram-proxy",
		},
		"an address that is taken": {args: serve("--listen", taken.Addr().String()), says: "listen on"},
		"a bot that cannot be asked for": {
			before: []string{"serve", "--db", there, "--listen", taken.Addr().String()},
			args:   []string{"bot", "connect", "--db", there, "--telegram-url", "http://127.0.0.1:1", "1:" + secret},
			says:   "Telegram",
		},
		"a token that is none": {
			before: []string{"serve", "--db", beside, "--listen", taken.Addr().String()},
			args:   []string{"bot", "connect", "--db", beside, "--telegram-url", "http://127.0.0.1:1", secret},
			says:   "token",
		},
		"a bot for no installation": {
			args: []string{"bot", "connect", "--db", filepath.Join(t.TempDir(), "x.db"), "1:" + secret}, says: "start bellman serve with it first",
		},
		"a key for no installation": {
			postgres: true, args: []string{"key", "create", "--name", "x"}, says: "start bellman serve with it first",
		},
		"a secret that is in two places": {
			env: []string{"BELLMAN_MEDIA=s3://key:" + secret + "@127.0.0.1:1/b", "BELLMAN_MEDIA_FILE=/dev/null"}, args: serve(), says: "both set",
		},
		"a file with a secret that is empty": {
			env: []string{"BELLMAN_MEDIA_FILE=/dev/null"}, args: serve(), says: "is empty",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env, password, folder := []string{"BELLMAN_SECRET_KEY=" + key}, secret, t.TempDir()
			if tt.postgres {
				address := pgtest.Schema(t)
				u, err := url.Parse(address)
				require.NoError(t, err)
				env = []string{"BELLMAN_DB=" + address}
				password, _ = u.User.Password()
				require.NotEmpty(t, password)
			}
			run := func(env, args []string) (string, error) {
				var out bytes.Buffer
				limit, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				cmd := exec.CommandContext(limit, bellman, args...)
				cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = folder, env, &out, &out
				err := cmd.Run()
				return out.String(), err
			}
			if tt.before != nil {
				// It pins the key, and then fails: its address is taken.
				out, err := run(append(env, "BELLMAN_SECRET_KEY="+key), tt.before)
				require.Error(t, err)
				require.NotContains(t, out, secret)
			}
			out, err := run(append(env, tt.env...), tt.args)
			require.Error(t, err, out)
			require.Contains(t, out, tt.says)
			for _, s := range []string{secret, key, other, password} {
				require.NotContains(t, out, s)
			}
			require.NotContains(t, files(t, folder), "MARKED", "not as the name of a file either")
		})
	}
}

// files returns the paths of all that is in a folder.
func files(t *testing.T, folder string) (all string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(folder, func(path string, _ fs.DirEntry, err error) error {
		all += path + "\n"
		return err
	}))
	return all
}

// TestNoSecretIsLogged starts the program with a sandbox and PostgreSQL, makes a key and connects a bot whose token comes on
// standard input: its log and what the commands print hold no secret.
func TestNoSecretIsLogged(t *testing.T) {
	t.Parallel()
	address := pgtest.Schema(t)
	u, err := url.Parse(address)
	require.NoError(t, err)
	password, _ := u.User.Password()
	require.NotEmpty(t, password)
	key := base64.StdEncoding.EncodeToString([]byte("MARKED-secret-of-thirty-two-byte"))
	program := harness.Program{Binary: bellman, Folder: t.TempDir(), Env: []string{"BELLMAN_DB=" + address, "BELLMAN_SECRET_KEY=" + key}}
	serves, err := harness.FreeAddress()
	require.NoError(t, err)
	telegram, err := harness.FreeAddress()
	require.NoError(t, err)
	server, err := program.Start(t.Context(), "bellman", serves, "serve", "--sandbox", "--sandbox-listen", telegram, "--log-level", "debug")
	require.NoError(t, err)
	defer func() { require.NoError(t, server.Kill()) }()
	made, err := program.Output(t.Context(), "key", "create", "--name", "x")
	require.NoError(t, err)
	const token = "77:MARKED-token"
	var out bytes.Buffer
	connect := exec.CommandContext(t.Context(), bellman, "bot", "connect", "--telegram-url", "http://"+telegram)
	connect.Env, connect.Dir, connect.Stdin = program.Env, program.Folder, strings.NewReader(token+"\n")
	connect.Stdout, connect.Stderr = &out, &out
	require.NoError(t, connect.Run(), out.String())
	require.Contains(t, out.String(), "connected @")
	require.Contains(t, server.Log(), "bin/bellman key create --name me")
	for _, secret := range []string{password, key, made, token, "MARKED"} {
		require.NotContains(t, server.Log()+out.String(), secret)
	}
}
