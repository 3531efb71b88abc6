package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"bellman/internal/pgtest"
)

// helperEnv turns this test binary into a program that starts a server, prints its URL and waits to be killed.
const helperEnv = "PGTEST_HELPER"

func TestMain(m *testing.M) {
	if os.Getenv(helperEnv) == "" {
		os.Exit(m.Run())
	}
	server, err := pgtest.Start(context.Background(), pgtest.Config{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.URL())
	select {}
}

func start(t *testing.T) *pgtest.Server {
	t.Helper()
	needBinaries(t)
	server, err := pgtest.Start(t.Context(), pgtest.Config{})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, server.Close()) })
	return server
}

func needBinaries(t *testing.T) {
	t.Helper()
	_, err := pgtest.Binaries()
	if errors.Is(err, pgtest.ErrNoBinaries) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	require.NoError(t, err)
}

func execute(t *testing.T, url, sql string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), sql)
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
}

func query[T any](t *testing.T, url, sql string) T {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(t.Context())) }()
	var value T
	require.NoError(t, conn.QueryRow(t.Context(), sql).Scan(&value))
	return value
}

func reachable(ctx context.Context, url string) bool {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return false
	}
	return conn.Close(ctx) == nil
}

func TestRestartKeepsDataAndURL(t *testing.T) {
	t.Parallel()
	server := start(t)
	url := server.URL()
	execute(t, url, "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")
	for name, mode := range map[string]pgtest.Mode{"fast": pgtest.Fast, "immediate": pgtest.Immediate} {
		require.NoError(t, server.Stop(mode), name)
		require.False(t, reachable(t.Context(), url), name)
		require.NoError(t, server.Restart(t.Context(), mode), name)
		require.Equal(t, url, server.URL(), name)
		require.Equal(t, 1, query[int](t, url, "SELECT n FROM kept"), name)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	needBinaries(t)
	for name, tt := range map[string]struct {
		config pgtest.Config
		fsync  string
	}{
		"quick":   {pgtest.Config{}, "off"},
		"durable": {pgtest.Config{Durable: true}, "on"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server, err := pgtest.Start(t.Context(), tt.config)
			require.NoError(t, err)
			defer func() { require.NoError(t, server.Close()) }()
			require.Equal(t, tt.fsync, query[string](t, server.URL(), "SHOW fsync"))
			require.Equal(t, "300", query[string](t, server.URL(), "SHOW max_connections"))
		})
	}
}

func TestServerNeedsItsPassword(t *testing.T) {
	t.Parallel()
	config, err := pgx.ParseConfig(start(t).URL())
	require.NoError(t, err)
	config.Password = "guess"
	_, err = pgx.ConnectConfig(t.Context(), config)
	require.ErrorContains(t, err, "28P01")
}

func TestServerEndsWithItsKilledParent(t *testing.T) {
	t.Parallel()
	needBinaries(t)
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), helperEnv+"=1")
	parent.Stderr = os.Stderr
	out, err := parent.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, parent.Start())
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	url := strings.TrimSpace(line)
	require.True(t, reachable(t.Context(), url))

	require.NoError(t, parent.Process.Kill())
	require.Error(t, parent.Wait())
	require.Eventually(t, func() bool { return !reachable(t.Context(), url) }, 20*time.Second, 50*time.Millisecond)

	start(t)
	left, err := filepath.Glob(filepath.Join(os.TempDir(), "bellman-postgres-"+strconv.Itoa(parent.Process.Pid)+"-*"))
	require.NoError(t, err)
	require.Empty(t, left, "the next start removes what a killed one left")
}
